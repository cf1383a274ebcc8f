"""How a study is made again: the parameters that differ from the default, and the commands that set them.

What names a machine or a person is not told: absolute paths, `dataset.salt`, secret parts of addresses.
"""

import json
import re
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple

import yaml

from chestbench.core.compose import compose_params
from chestbench.core.secrets import HIDDEN, hide, shown
from chestbench.core.unique_yaml import load_yaml

# Group of conf/ -> the parameter that says which of its files was chosen.
GROUPS = {"dataset": "dataset.name", "model": "model.name", "train": "train.recipe"}
SECRET = ("dataset.salt",)
# Made by a stage or by DVC of another parameter.
DERIVED = ("dataset.watch",)
_PLAIN = re.compile(r"(?!(?:null|true|false|nan|inf)$)[A-Za-z_][A-Za-z0-9_]*", re.IGNORECASE)
_ADDRESS = re.compile(r"^[a-z][a-z0-9+.\-]*://", re.IGNORECASE)


class Setting(NamedTuple):
    """One parameter that differs: its key, its default and its value, as they may be shown."""

    key: str
    default: str
    value: str


class Reproduced(NamedTuple):
    """How to make a study again.

    Attributes:
        settings: parameters that differ from the default composition of conf/.
        options: of `dvc exp run`, such as `-S dataset=folder`; none where all is default.
        hidden: whether a value was left out of the options, so that they need completing.
    """

    settings: list[Setting]
    options: list[str]
    hidden: bool


def reproduced(params: Path, conf: Path) -> Reproduced:
    """Return what differs between a params.yaml and the default composition.

    Args:
        params: params.yaml.
        conf: folder of the configuration.
    """
    values = _flat(load_yaml(params.read_text(encoding="utf-8")))
    default = _composed(conf, [])
    groups = [
        f"{group}={values[key]}"
        for group, key in GROUPS.items()
        if values.get(key) != default.get(key) and (conf / group / f"{values.get(key)}.yaml").is_file()
    ]
    if values.get("dataset.source") == "folder" and not any(entry.startswith("dataset=") for entry in groups):
        groups.insert(0, "dataset=folder")
    near = _composed(conf, groups) if groups else default
    changed = {key: value for key, value in values.items() if near.get(key, ...) != value and key not in DERIVED}
    told = {key: told_value(key, value) for key, value in changed.items()}
    options = [f"-S {shlex.quote(f'{key}={_hydra(told[key], changed[key])}')}" for key in changed]
    return Reproduced(
        [
            Setting(key, told_text(told_value(key, default[key])) if key in default else "not there", told_text(value))
            for key, value in ((key, told_value(key, values[key])) for key in values)
            if values[key] != default.get(key, ...) and key not in DERIVED
        ],
        [*(f"-S {shlex.quote(group)}" for group in groups), *options],
        any(told[key] != changed[key] for key in changed),
    )


def told_value(key: str, value: Any) -> Any:
    """Return a value as it may be shown: of an absolute path its last part, of an address no secret, no salt.

    >>> told_value("dataset.path", "/home/someone/data/mine"), told_value("dataset.salt", "x")
    ('…/mine', '***')
    """
    if key in SECRET:
        return HIDDEN
    if isinstance(value, Mapping):
        return {name: told_value(f"{key}.{name}", each) for name, each in value.items()}
    if isinstance(value, list):
        return [told_value(key, each) for each in value]
    if not isinstance(value, str):
        return value
    if _ADDRESS.match(value):
        return hide(shown(value))
    if PurePosixPath(value).is_absolute() or PureWindowsPath(value).drive or value.startswith("~"):
        return f"…/{PureWindowsPath(value).name}"
    return hide(value)


def _composed(conf: Path, overrides: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "params.yaml"
        compose_params(conf, output, overrides)
        return _flat(load_yaml(output.read_text(encoding="utf-8")))


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{above}{key}"
        found |= _flat(value, f"{name}.") if isinstance(value, Mapping) and value else {name: value}
    return found


def _hydra(told: Any, value: Any) -> str:
    """Return a value as Hydra's command line takes it; of one that is not told a place to fill in."""
    return "..." if told != value else _literal(value)


def _literal(value: Any) -> str:
    """Return a value in Hydra's grammar: in its quotes a backslash stands for itself, but before a quote.

    >>> _literal({"a": [1, None, True], "b": "(?P<group>p-\\\\d+)"})
    '{a:[1,null,true],b:"(?P<group>p-\\\\d+)"}'
    """
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{key}:{_literal(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(_literal(each) for each in value)}]"
    if isinstance(value, str):
        # Plain words need no quotes, in Hydra or in a shell.
        if _PLAIN.fullmatch(value):
            return value
        escaped = re.sub(r'(\\*)"', r'\1\1\\"', value)
        return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'
    return json.dumps(value)


def told_text(value: Any) -> str:
    """Return a value as YAML writes it in one line."""
    text = value if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=True, allow_unicode=True)
    return text.strip().removesuffix("...").strip()
