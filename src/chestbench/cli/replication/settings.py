"""The parameters of a replication: what its file says, and what -S on the command line makes of that.

What was overridden is part of the result: it is found by composing both and comparing, so that a value that is the
file's own anyway is no difference.
"""

import re
import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chestbench.cli.replication.definition import CONF, Replication
from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from chestbench.core.unique_yaml import load_yaml
from chestbench.reports.study.reproduced import Setting, differing, told_text, told_value
from chestbench.repository.parameters import check_values, compose
from chestbench.repository.paths import with_absolute_paths

# What a group of networks is called decides nothing.
LABEL = "model.name"
# A copy of the same file is no other replication; the checksum tells (`data.py`).
WHERE_DATA_LIE = ("dataset.path", "dataset.watch")


@dataclass(frozen=True)
class Settings:
    """What is run.

    Attributes:
        values: of params.yaml, paths absolute.
        config: the same, typed.
        given: the overrides of the command line, as they may be shown.
        differences: parameters that are not those of the replication, as they may be shown.
        own: the replication's parameters where nothing is overridden.
    """

    values: dict[str, Any]
    config: Config
    given: list[str]
    differences: list[Setting]
    own: Config

    @property
    def text(self) -> str:
        """params.yaml of the run."""
        return yaml.safe_dump(self.values, sort_keys=False, allow_unicode=True)

    @property
    def shown(self) -> str:
        """params.yaml as it may be published: of absolute paths the last part, no salt."""
        told = {key: told_value(key, value) for key, value in self.values.items()}
        return yaml.safe_dump(told, sort_keys=False, allow_unicode=True)

    def command(self, name: str) -> str:
        """Return the command of this run; a path stands in it by its last part."""
        return " ".join([f"chestbench replicate {name}", *(f"-S {shlex.quote(each)}" for each in self.given)])


def settle(name: str, found: Replication, overrides: list[str], root: Path, conf: Path = CONF) -> Settings:
    """Compose and check the parameters of a run.

    Args:
        name: of the replication.
        found: its file.
        overrides: of the command line, KEY=VALUE each.
        root: of the repository, from which relative paths count: the run is in another folder.
        conf: folder of the configuration.

    Raises:
        ChestbenchError: an asked key is not given, an override is none, unknown, wrong, or stands for several values,
            or a detector would be trained.
    """
    _check_single(overrides)
    given = {_key(text): text for text in overrides}
    missing = [key for key in found.asks if key not in given]
    if missing:
        options = " ".join(f"-S {shlex.quote(f'{key}={value}')}" for key, value in found.asks.items())
        raise ChestbenchError(
            f"{name}: expected {' and '.join(missing)} with -S, as this replication cannot know them, received none; "
            f"chestbench replicate {name} {options}"
        )
    asked = [text for key, text in given.items() if key in found.asks]
    own = _composed(conf, [*base(name, found), *asked])
    values = _composed(conf, merged(base(name, found), list(given.values())))
    # Hydra's command line has no way to write every name of a class.
    sets = [entry.model_dump(exclude_none=True) for entry in found.external]
    for each in (own, *([] if "evaluate.external" in given else [values])):
        each["evaluate"]["external"] = sets
    config = check_values(values)
    _check_kind(name, config)
    # Told of absolute paths, so that where somebody stands gets into no table: their last part is told.
    own, values = with_absolute_paths(own, root), with_absolute_paths(values, root)
    told = [
        Setting(key, *(told_text(told_value(key, value)) for value in pair))
        for key, pair in differing(own, values).items()
        if key != LABEL
    ]
    shown = [_shown(key, text, values) for key, text in given.items()]
    return Settings(values, config, shown, told, check_values(own))


def _check_kind(name: str, config: Config) -> None:
    """Refuse detectors before any work: their figures would be in no table of a replication."""
    if detectors := config.detector.variants:
        raise ChestbenchError(
            f"{name}: expected networks for classes alone, which a replication compares with a paper's figures, "
            f"received the detector{'s' if len(detectors) > 1 else ''} {', '.join(detectors)}; leave task and detector "
            "out, or train detectors with `dvc exp run -S task=detect`"
        )


def base(name: str, found: Replication) -> list[str]:
    """Return the overrides that the file stands for, as after -S, but for the sets from elsewhere."""
    return [
        f"dataset={found.dataset}",
        f"train={found.recipe}",
        f"model.name={name.replace('-', '_')}",
        f"model.variants=[{','.join(found.networks)}]",
        f"train.seeds=[{','.join(map(str, found.seeds))}]",
        *found.settings,
    ]


def merged(own: list[str], given: list[str]) -> list[str]:
    """Return the file's overrides with those of the command line in their place.

    Who names another data set, recipe or group of networks does not want what the file says of its own.

    >>> merged(["train=scratch", "train.seeds=[1]", "train.epochs=60", "seed=1"], ["train=quick", "seed=2"])
    ['train.seeds=[1]', 'train=quick', 'seed=2']
    """
    keys = {_key(text) for text in given}
    kept = []
    for text in own:
        key = _key(text)
        group = key.partition(".")[0]
        goes_with_group = group in keys and group in ("dataset", "train", "model") and key != "train.seeds"
        if key not in keys and not goes_with_group:
            kept.append(text)
    return [*kept, *given]


def _check_single(overrides: list[str]) -> None:
    """Refuse what Hydra cannot read, and lists of values that would be a grid."""
    from dvc.utils.hydra import to_hydra_overrides
    from hydra.errors import HydraException

    for text in overrides:
        try:
            [read] = to_hydra_overrides([text])
        except HydraException as error:
            told = " ".join(str(error).split())
            raise ChestbenchError(f"expected KEY=VALUE after -S, received {text!r}; Hydra says: {told}") from None
        if read.is_sweep_override():
            raise ChestbenchError(
                f"expected one value after -S, as a replication is one run, received {text!r}; a list is written "
                "`KEY=[A,B]`, a grid is `dvc exp run --queue` (docs/how-to.md, `Run a grid`)"
            )


def _composed(conf: Path, overrides: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "params.yaml"
        compose(conf, output, overrides)
        return load_yaml(output.read_text(encoding="utf-8"))


def _key(text: str) -> str:
    return text.partition("=")[0].strip().lstrip("+~")


def _shown(key: str, text: str, values: dict[str, Any]) -> str:
    """Return an override as it may be published: as it was written, unless its value holds a path or a secret."""
    value: Any = values
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    told = told_value(key, value)
    is_name = re.fullmatch(r"\w+", text.partition("=")[2]) is not None
    return text if is_name or told == value else f"{key}={told_text(told)}"
