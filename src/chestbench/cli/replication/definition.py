"""replications/NAME.yaml: one published comparison as a file, typed and checked before any work."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, StrictBool, StrictInt, ValidationError, field_validator

from chestbench.core.config import External
from chestbench.core.config_messages import explain
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import sha256_json
from chestbench.core.section import FileName, Name, Section
from chestbench.core.unique_yaml import load_yaml, read_yaml_text
from chestbench.models.registry import known_names

FOLDER = Path("replications")
CONF = Path("conf")
HOW = "docs/how-to.md, `Replicate a published comparison`, shows such a file"
# A name becomes a folder, a lock and a part of commands.
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_OneLine = Annotated[str, Field(pattern=r"^[^\n]+$")]


class Needs(Section):
    """What somebody must have to run it.

    Attributes:
        account: such as Kaggle; None: none.
        gpu: whether it takes too long without one.
        hours: measured, on what `gpu` says; None: not known.
    """

    account: Name | None = None
    gpu: StrictBool = False
    hours: Annotated[float, Field(gt=0)] | None = None


class Row(Section):
    """One figure of the paper.

    Attributes:
        network: as the paper calls it.
        size: of its pictures in pixels; None: not stated.
        split: that it was measured on.
        measure: `auc`, `accuracy`, `f1` or another key of a record.
        value: 0 to 1.
        source: where it stands: the paper and its table.
    """

    network: Name
    size: Annotated[StrictInt, Field(ge=1)] | None = None
    split: Literal["train", "validation", "test", "unknown"]
    measure: Name
    value: Annotated[float, Field(ge=0, le=1)]
    source: _OneLine


class Replication(Section):
    """A published comparison.

    Attributes:
        title: in a few words.
        paper: what is replicated, as it is cited.
        dataset: name of a file in conf/dataset.
        networks: of the registry.
        recipe: name of a file in conf/train.
        settings: further overrides, as after -S.
        seeds: of the trainings; the first is the network of the table.
        external: as evaluate.external.
        asks: keys that must be given with -S, each with an example.
        needs: account, GPU, hours.
        published: the paper's figures.
        not_comparable: what is known to differ, one line.
        not_run: why there is no table of ours; None where there is one, or nobody has tried.
    """

    title: _OneLine
    paper: _OneLine
    dataset: FileName
    networks: Annotated[list[FileName], Field(min_length=1)]
    recipe: FileName
    settings: list[_OneLine] = Field(default=[])
    seeds: Annotated[list[StrictInt], Field(min_length=1)]
    external: list[External] = Field(default=[])
    asks: dict[Name, str | int] = Field(default={})
    needs: Needs = Needs()
    published: Annotated[list[Row], Field(min_length=1)]
    not_comparable: _OneLine
    not_run: _OneLine | None = None

    @field_validator("settings")
    @classmethod
    def _settings_have_a_value(cls, value: list[str]) -> list[str]:
        wrong = next((text for text in value if "=" not in text.lstrip("=")), None)
        if wrong is not None:
            raise ValueError(f"KEY=VALUE in each line, received {wrong!r}")
        return value

    @property
    def sha256(self) -> str:
        """A hash of all that decides the table; whether it was run here does not."""
        return sha256_json(self.model_dump(mode="json", exclude={"not_run", "needs"}))


def names(folder: Path = FOLDER) -> list[str]:
    """Return the names of the replications in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def read(name: str, folder: Path = FOLDER, conf: Path = CONF) -> Replication:
    """Read and check one.

    Args:
        name: of the file, without its ending.
        folder: where it lies.
        conf: folder of the configuration, which has the data set and the recipe.

    Raises:
        ChestbenchError: there is none of that name (the nearest is told), or it is not as it should be: each key that
            is wrong has a line.
    """
    known = names(folder)
    if name not in known:
        near = get_close_matches(name.removesuffix(".yaml").rpartition("/")[2], known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]}?" if near else "`chestbench replicate` lists them"
        raise ChestbenchError(f"expected the name of a file in {folder}/, received {name!r}; {hint}")
    path = folder / f"{name}.yaml"
    if not NAME.fullmatch(name):
        raise ChestbenchError(
            f"{path}: expected a name of at most 64 small letters, digits, - and _, received {name!r}; rename the file"
        )
    found = parsed(path)
    _check_names(path, found, conf)
    return found


def parsed(path: Path) -> Replication:
    """Return the replication of a file, its keys checked, the names in it not.

    Raises:
        ChestbenchError: it is not YAML, or keys are unknown, missing or wrong.
    """
    try:
        raw = load_yaml(read_yaml_text(path))
    except yaml.YAMLError as error:
        told = " ".join(str(error).split())
        raise ChestbenchError(
            f"{path}: expected YAML, received something else: {told}; mend the line ({HOW})"
        ) from None
    if not isinstance(raw, dict):
        raise ChestbenchError(f"{path}: expected a mapping with title, dataset, networks, ..., received no such; {HOW}")
    try:
        return Replication.model_validate(raw)
    except ValidationError as error:
        raise ChestbenchError("\n".join(f"{path}: {_told(detail)}" for detail in error.errors())) from None


def _told(detail: Any) -> str:
    """Return an error of validation in words; where a value is missing, this file's own advice."""
    if detail["type"] == "missing":
        return f"{'.'.join(map(str, detail['loc']))}: expected a value, received none; {HOW}"
    if detail["type"] == "string_pattern_mismatch" and detail["ctx"]["pattern"] == r"^[^\n]+$":
        return f"{'.'.join(map(str, detail['loc']))}: expected one line of text, received {detail['input']!r}"
    if detail["loc"][-1] == "value" and "_than" in detail["type"]:
        where = explain({**detail, "type": "float_type"}, Replication).partition(":")[0]
        return f"{where}: expected a number from 0 to 1 (94.4% is 0.944), received {detail['input']!r}"
    return explain(detail, Replication)


def _check_names(path: Path, found: Replication, conf: Path) -> None:
    """Refuse a data set, recipe or network that is not there."""
    groups = {"dataset": [found.dataset], "recipe": [found.recipe], "networks": found.networks}
    known = {
        "dataset": _files_of(conf / "dataset"),
        "recipe": _files_of(conf / "train"),
        "networks": known_names(),
    }
    told = []
    for key, wanted in groups.items():
        for each in wanted:
            if each not in known[key]:
                near = get_close_matches(each, known[key], n=1, cutoff=0.4)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known[key])}"
                kind = {"dataset": f"a file of {conf}/dataset", "recipe": f"a file of {conf}/train"}.get(
                    key, "a network"
                )
                told.append(f"{path}: {key}: expected {kind}, received {each!r}; {hint}")
    if told:
        raise ChestbenchError("\n".join(told))


def _files_of(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.yaml") if not path.stem.startswith("_"))
