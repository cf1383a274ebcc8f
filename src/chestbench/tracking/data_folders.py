"""The folders whose pictures show the data, for every run that was trained on it."""

import logging
from collections.abc import Sequence
from pathlib import Path

logger = logging.getLogger(__name__)

# What the stages before training drew, by the name below `data/` in a run's artifacts.
DATA_FOLDERS = ("catalog", "audit", "preprocess", "upsample")


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
