"""The folders whose pictures show the data, for every run that was trained on it."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chestbench.core.files import read_json

logger = logging.getLogger(__name__)

# What the stages before training drew, by the name below `data/` in a run's artifacts.
DATA_FOLDERS = ("catalog", "audit", "preprocess", "upsample")
# The same of a detector, which reads every picture once.
BOXES_FOLDERS = ("catalog", "audit", "preprocess", "boxes")


def data_pictures(root: Path, names: Sequence[str] = DATA_FOLDERS) -> dict[str, Path]:
    """Return the folders of `{root}/results` that hold pictures of the data, by name.

    One that is not there is left out with a warning: a stage that was run by hand, or outputs that were not checked
    out. `sync` brings its pictures in later.
    """
    folders = {name: root / "results" / name for name in names}
    absent = [f"results/{name}" for name, folder in folders.items() if not folder.is_dir()]
    if absent:
        logger.warning(
            "no pictures of the data from %s go to MLflow: expected the folder of an earlier stage, found none; "
            "run `dvc repro`",
            " and ".join(absent),
        )
    return {name: folder for name, folder in folders.items() if folder.is_dir()}


def has_data_of(root: Path, training: Mapping[str, Any]) -> bool:
    """Tell whether the data in the workspace are those of a training, so that their pictures are of its images."""
    info = root / "data" / "processed" / "info.json"
    return info.is_file() and read_json(info)["data_sha256"] == training["data_sha256"]
