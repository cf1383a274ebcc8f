"""A folder as the data stages find it: data/raw with an archive of troubles, and functions that run the stages."""

import argparse
from pathlib import Path

import numpy as np

from chestbench.core.config import Config
from chestbench.core.files import write_json
from chestbench.datasets.sample_boxes import COLUMNS, TABLE
from stages import boxes, catalog, preprocess, split, upsample
from tests.catalog.archives import SIIM_CLASSES, SIIM_SETTINGS, siim_members
from tests.imaging.pictures import encode, make_zip, picture, png

LABELS = ("COVID", "정상 'q'")
STAGES = {"catalog": catalog, "split": split, "preprocess": preprocess, "upsample": upsample, "boxes": boxes}


def write_raw(folder: Path) -> None:
    """Write data/raw: 24 patients of two slices, one class thrice the other, and one of each kind of trouble.

    The table of boxes is that of the built-in sample: one box on each picture of COVID.
    """
    members = {}
    for patient in range(24):
        label = LABELS[patient % 4 != 0]
        for number in range(2):
            pixels = picture(1000 + 10 * patient + number, 50 + patient, 64)
            members[f"{label}/patient-{patient:02d}/slice {number}.png"] = png(
                pixels if patient % 3 else np.dstack([pixels] * 3)
            )
    drawn = [f"{name},{10 + place % 5},12,20,{24 + place % 7}" for place, name in enumerate(members) if "COVID" in name]
    members[TABLE] = "\n".join([",".join(COLUMNS), *drawn, ""]).encode()
    members["COVID/patient-00/again.tif"] = encode(picture(1000, 50, 64).astype(np.uint16) * 257, "TIFF")
    members["COVID/patient-04/text.png"] = b"text"
    make_zip(folder / "data/raw/archive.zip", members)
    write_json(folder / "data/raw/source.json", {"name": "sample", "source": "sample"})


def write_siim_raw(folder: Path) -> None:
    """Write data/raw in the layout of siim-covid19-detection: see `siim_members`."""
    make_zip(folder / "data/raw/archive.zip", siim_members())
    write_json(folder / "data/raw/source.json", {"name": "siim", "source": "folder"})


def siim_config(make_config) -> Config:
    """Return the parameters that read `write_siim_raw`."""
    settings = {**SIIM_SETTINGS, "group_pattern": None, "classes": SIIM_CLASSES}
    return make_config({f"dataset.{key}": value for key, value in settings.items()})


def run_stages(config: Config, *names: str) -> list[str]:
    """Run stages in the current folder; return their summaries."""
    return [STAGES[name].work(config, argparse.Namespace()) for name in names]


def all_bytes(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
