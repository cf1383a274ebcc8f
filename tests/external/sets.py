"""A small study and sets from elsewhere: folders of drawn pictures."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from chestbench.core.config import Config
from chestbench.core.files import read_json, write_json
from chestbench.datasets.archive import ARCHIVE
from chestbench.datasets.base import fetch
from chestbench.external.known import OwnPictures
from chestbench.external.prepare import prepare_set
from chestbench.external.sets import describe_set
from tests.imaging.pictures import encode, picture, png
from tests.stages.data_workspace import LABELS, run_stages, write_raw

STUDY_CLASSES = list(LABELS)


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files below a folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def elsewhere(first: int = 90_000, per_class: int = 6, classes: tuple[str, ...] = ("covid", "healthy")) -> dict:
    """Pictures that look like none of ours: CLASS/pN-M.png, two of each patient."""
    files = {}
    for place, label in enumerate(classes):
        for number in range(per_class):
            pixels = picture(first + 1000 * place + number, 70, 90)
            files[f"{label}/p{place}{number // 2}-{number % 2}.png"] = png(pixels)
    return files


def of_study(patient: int, number: int) -> np.ndarray:
    """The pixels of a picture of our data set, see `write_raw`."""
    return picture(1000 + 10 * patient + number, 50 + patient, 64)


def small_study(root: Path, make_config: Callable[..., Config]) -> Config:
    """Run the data stages in `root`, the current folder, at 32 px."""
    write_raw(root)
    config = make_config({"preprocess.size": 32})
    run_stages(config, "catalog", "split", "preprocess")
    return config


def prepared(root: Path, config: Config, own: OwnPictures | None = None, **changes: object) -> tuple[dict, Path]:
    """Fetch and prepare the first set of evaluate.external; return set.json and the folder. `own`: of another study."""
    (entry,) = config.evaluate.external
    raw = root / "data/external_raw" / entry.name
    raw.mkdir(parents=True, exist_ok=True)
    dataset = describe_set(entry, config)
    write_json(raw / "source.json", fetch(dataset, raw))
    study = own or OwnPictures(root / "data/catalog.csv", root / "data/split", root / "data/split.csv", STUDY_CLASSES)
    output = root / "data/external" / entry.name
    source = read_json(raw / "source.json")
    return prepare_set(entry, dataset, source, raw / ARCHIVE, study, config.preprocess, output, **changes), output


__all__ = [
    "STUDY_CLASSES",
    "elsewhere",
    "encode",
    "of_study",
    "picture",
    "png",
    "prepared",
    "small_study",
    "write_folder",
]
