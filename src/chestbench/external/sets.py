"""From an entry of evaluate.external to the description of a data set, and what can be refused before any work."""

import os
import tempfile
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from chestbench.core.config import Config, Dataset, External
from chestbench.core.config_messages import explain
from chestbench.core.errors import ChestbenchError
from chestbench.core.folder_walk import check_folder
from chestbench.core.gate import FOLDER, kind_of
from chestbench.datasets import folder

CONF = Path("conf")


def check_sets(config: Config) -> None:
    """Refuse, before any work and without the network, sets that cannot be had or name classes that are not ours.

    Raises:
        ChestbenchError: see `describe_set`; or a folder or zip that is not there, is neither, is empty, or holds this
            pipeline's outputs; or a class in `classes` that dataset.classes does not have.
    """
    for entry in config.evaluate.external:
        dataset = describe_set(entry, config)
        if dataset.source == "folder":
            _check_path(entry, dataset)
        ours = config.dataset.classes or []
        for name in (entry.classes or {}).values():
            if ours and name not in ours:
                near = get_close_matches(name, ours, n=1)
                raise ChestbenchError(
                    f"evaluate.external.{entry.name}.classes: expected one of our classes {ours} behind each of "
                    f"theirs, received {name!r}; {f'did you mean {near[0]!r}?' if near else 'correct it'}"
                )


def find_set(config: Config, name: str) -> External:
    """Return the entry of that name.

    Raises:
        ChestbenchError: there is none.
    """
    for entry in config.evaluate.external:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in config.evaluate.external) or "none"
    raise ChestbenchError(
        f"evaluate.external: expected a set named {name!r}, received {known}; add it, or run `dvc repro`, which runs "
        "the stages of the sets there are"
    )


def describe_set(entry: External, config: Config, conf: Path = CONF) -> Dataset:
    """Return the description of a set.

    A folder or zip is read as `dataset=folder` would, its modality is ours, and where the run cuts by masks
    its masks are looked for as ours are. A split of its own means nothing here: all of it is test.

    Args:
        entry: one of evaluate.external.
        config: all parameters.
        conf: folder of the configuration.

    Raises:
        ChestbenchError: a file that is not conf/dataset/NAME.yaml, cannot be composed, has wrong values, or describes a
            local folder (DVC would not see what changes there).
    """
    path = Path(entry.path)
    is_file_of_conf = path.suffix in (".yaml", ".yml")
    if not is_file_of_conf:
        values = _composed("folder", conf)
        values |= {"name": entry.name, "title": f"Images from a local folder ({entry.name})"}
        values |= {"path": entry.path, "watch": entry.path, "modality": config.dataset.modality}
        if config.preprocess.roi == "mask" and config.dataset.masks:
            values["masks"] = config.dataset.masks.model_dump()
    else:
        if path.parent != conf / "dataset" or path.suffix != ".yaml" or not path.is_file():
            raise ChestbenchError(
                f"evaluate.external.{entry.name}.path: expected a folder, a .zip file or {conf}/dataset/NAME.yaml, "
                f"received {entry.path!r}; there are {', '.join(_described(conf))}"
            )
        values = _composed(path.stem, conf)
        if values["source"] == "folder":
            raise ChestbenchError(
                f"evaluate.external.{entry.name}.path: expected the images themselves, received {entry.path!r}, which "
                f"describes a local folder that DVC would not watch; write its path: {values['path']}"
            )
    values |= {"given_split": "ignore", "salt": config.dataset.salt, "published": []}
    if entry.group_pattern:
        values["group_pattern"] = entry.group_pattern
    try:
        return Dataset.model_validate(values)
    except ValidationError as error:
        lines = [f"evaluate.external.{entry.name} ({entry.path}): {explain(each, Dataset)}" for each in error.errors()]
        raise ChestbenchError("\n".join(lines)) from None


def reworded(entry: External, error: ChestbenchError) -> ChestbenchError:
    """Return an error of the code that reads our own data, told of a set from elsewhere."""
    here = f"evaluate.external.{entry.name}"
    text = str(error)
    for key in ("path", "group_pattern"):
        text = text.replace(f"dataset.{key}:", f"{here}.{key}:")
    return ChestbenchError(text if here in text else f"{here}: {text}")


def _check_path(entry: External, dataset: Dataset) -> None:
    path = Path(entry.path)
    if kind_of(path) == "nothing":
        home = "; DVC knows no `~`, write it out" if entry.path.startswith("~") else ""
        raise ChestbenchError(
            f"evaluate.external.{entry.name}.path: expected a folder or .zip file of images, or a file of "
            f"conf/dataset/, received {entry.path!r}, where there is nothing{home}{folder.queued_hint(path)}; "
            "correct it"
        )
    if kind_of(path) == FOLDER and _is_empty(path):
        raise ChestbenchError(
            f"evaluate.external.{entry.name}.path: expected images in folders named after their classes, received "
            f"{entry.path!r}, an empty folder; put them there, or correct the path"
        )
    try:
        if folder.check(dataset).is_dir():
            check_folder(path, f"evaluate.external.{entry.name}.path")  # as DVC opens all that lies there
    except ChestbenchError as error:
        raise reworded(entry, error) from None


def _is_empty(path: Path) -> bool:
    """Tell whether a folder has no visible entry; one that may not be listed is not known to be empty."""
    try:
        with os.scandir(path) as entries:
            return all(found.name.startswith(".") for found in entries)
    except PermissionError:
        return False


def _described(conf: Path) -> list[str]:
    return sorted(path.name for path in (conf / "dataset").glob("*.yaml") if not path.name.startswith("_"))


def _composed(name: str, conf: Path) -> dict[str, Any]:
    """Return the block `dataset` of the default composition with conf/dataset/{name}.yaml."""
    # Imports dvc and hydra, which a study without such sets does not wait for.
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    from chestbench.core.compose import compose_params

    with tempfile.TemporaryDirectory() as temporary:
        output = Path(temporary) / "params.yaml"
        try:
            compose_params(conf, output, [f"dataset={name}"])
        except (HydraException, OmegaConfBaseException, yaml.YAMLError) as error:
            raise ChestbenchError(
                f"{conf}/dataset/{name}.yaml: expected a file like its neighbours, received one that cannot be "
                f"composed: {str(error).strip().splitlines()[0]}; mend it"
            ) from None
        return yaml.safe_load(output.read_text(encoding="utf-8"))["dataset"]
