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
GROUPS = {
    "dataset": "dataset.name",
    "task": "task",
    "model": "model.name",
    "detector": "detector.name",
    "train": "train.recipe",
}
SECRET = ("dataset.salt",)
# Made by a stage or by DVC of another parameter.
DERIVED = ("dataset.watch",)
_PLAIN = re.compile(r"(?!(?:null|true|false|nan|inf)$)[A-Za-z_][A-Za-z0-9_]*", re.IGNORECASE)
# Of a value that is not in the options.
BLANK = "..."
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
        hidden: whether a value was left out of the options (`BLANK`), so that they need completing: it names a machine,
            is secret, or cannot be written on a command line.
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
    values = load_yaml(params.read_text(encoding="utf-8"))
    default = _composed(conf, [])
    groups = [
        f"{group}={_at(values, key)}"
        for group, key in GROUPS.items()
        if _at(values, key) != _at(default, key) and (conf / group / f"{_at(values, key)}.yaml").is_file()
    ]
    if _at(values, "dataset.source") == "folder" and not any(entry.startswith("dataset=") for entry in groups):
        groups.insert(0, "dataset=folder")
    changed = differing(_composed(conf, groups) if groups else default, values)
    written = {key: _hydra(key, told_value(key, value), value) for key, (_, value) in changed.items()}
    return Reproduced(
        [
            Setting(key, *(told_text(told_value(key, value)) for value in pair))
            for key, pair in differing(default, values).items()
        ],
        [f"-S {shlex.quote(entry)}" for entry in (*groups, *(f"{key}={text}" for key, text in written.items()))],
        BLANK in written.values(),
    )


def differing(first: Mapping[str, Any], second: Mapping[str, Any], above: str = "") -> dict[str, tuple[Any, Any]]:
    """Return {dotted key: (first, second)} of what differs; mappings are entered where both sides have one.

    >>> differing({"a": 1, "b": {"c": 2, "d": None}}, {"a": 1, "b": {"c": 3, "d": {"e": 4}}})
    {'b.c': (2, 3), 'b.d': (None, {'e': 4})}
    """
    found: dict[str, tuple[Any, Any]] = {}
    for key in dict.fromkeys([*second, *first]):
        name, one, other = f"{above}{key}", first.get(key), second.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found |= differing(one, other, f"{name}.")
        elif one != other and name not in DERIVED:
            found[name] = one, other
    return found


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


def _composed(conf: Path, overrides: list[str]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "params.yaml"
        compose_params(conf, output, overrides)
        return load_yaml(output.read_text(encoding="utf-8"))


def _at(values: Mapping[str, Any], key: str) -> Any:
    section, _, name = key.partition(".")
    return values.get(section, {}).get(name) if name else values.get(section)


def _hydra(key: str, told: Any, value: Any) -> str:
    """Return a value as Hydra's command line takes it; of one that cannot be told, or not so, a place to fill in."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    written = _literal(value)
    if told != value:
        return BLANK
    try:
        read = OverridesParser.create().parse_override(f"{key}={written}").value()
    except HydraException:  # such as names of classes that are no ASCII, as keys
        return BLANK
    return written if read == value else BLANK


def _literal(value: Any) -> str:
    """Return a value in Hydra's grammar: in its quotes a backslash stands for itself, but before a quote.

    >>> _literal({"a": [1, None, True], "b": "(?P<group>p-\\\\d+)"})
    '{a:[1,null,true],b:"(?P<group>p-\\\\d+)"}'
    """
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{_key(str(key))}:{_literal(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(_literal(each) for each in value)}]"
    if isinstance(value, str):
        # Plain words need no quotes, in Hydra or in a shell.
        if _PLAIN.fullmatch(value):
            return value
        escaped = re.sub(r'(\\*)"', r'\1\1\\"', value)
        return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'
    return json.dumps(value)


def _key(name: str) -> str:
    """Return a key of a mapping; it takes no quotes, but a backslash before what would end it."""
    return re.sub(r"([\\()\[\]{}:=, \t])", r"\\\1", name)


def told_text(value: Any) -> str:
    """Return a value as YAML writes it in one line."""
    text = value if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=True, allow_unicode=True)
    return text.strip().removesuffix("...").strip()
