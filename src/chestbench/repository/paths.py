"""Paths of data in the parameters of a run: it is in another folder than they were written for."""

import copy
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError


def with_absolute_paths(values: dict[str, Any], root: Path) -> dict[str, Any]:
    """Return parameters in which the paths of data count from the root of the file system.

    Args:
        values: of params.yaml.
        root: of the repository, from which they count as written.
    """
    changed = copy.deepcopy(values)
    dataset = changed["dataset"]
    for key in ("path", "watch"):
        # What DVC watches of a data set that is fetched is a file of the run itself.
        if dataset[key] and (key == "path" or dataset[key] == values["dataset"]["path"]):
            dataset[key] = _absolute(dataset[key], root)
    for entry in changed["evaluate"].get("external") or []:
        if not Path(entry["path"]).as_posix().startswith("conf/"):
            entry["path"] = _absolute(entry["path"], root)
    return changed


def check_paths(values: dict[str, Any]) -> None:
    """Refuse paths of data where there is nothing, before DVC begins.

    Args:
        values: as `with_absolute_paths` gives them.

    Raises:
        ChestbenchError: which key names which path.
    """
    sets = values["evaluate"].get("external") or []
    named = {
        "dataset.path": values["dataset"]["path"],
        **{f"evaluate.external.{x['name']}.path": x["path"] for x in sets},
    }
    for key, written in named.items():
        if written and Path(written).is_absolute() and not Path(written).exists():
            raise ChestbenchError(
                f"{key}: expected a folder or an archive of images, received {written!r}, where there is nothing; "
                "correct the path"
            )


def _absolute(written: str, root: Path) -> str:
    return (root / written).as_posix() if not written.startswith("~") else written
