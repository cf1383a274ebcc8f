"""What the boxes stage wrote, as boxes."""

from pathlib import Path
from typing import Any

import numpy as np

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_csv, read_json
from chestbench.imaging.boxes import Boxes


def load_boxes_info(folder: Path) -> dict[str, Any]:
    """Return info.json of the boxes stage: findings, size, counts of images and boxes, data_sha256."""
    path = folder / "info.json"
    if not path.exists():
        raise ChestbenchError(f"{path}: expected the output of the boxes stage, found none; run `dvc repro boxes`")
    return read_json(path)


def load_boxes(folder: Path, split: str) -> list[Boxes]:
    """Return the boxes of every image of a split, in the order of {split}.npy.

    Args:
        folder: data/boxes.
        split: train, val or test.
    """
    path = folder / f"{split}.csv"
    if not path.exists():
        raise ChestbenchError(f"{path}: expected the output of the boxes stage, found none; run `dvc repro boxes`")
    count = int(load_boxes_info(folder)["images"][split])
    corners: list[list[list[float]]] = [[] for _ in range(count)]
    labels: list[list[int]] = [[] for _ in range(count)]
    for row in read_csv(path):
        place = int(row["index"])
        corners[place].append([float(row[key]) for key in ("x0", "y0", "x1", "y1")])
        labels[place].append(int(row["label"]))
    return [Boxes.of(np.array(of_image), of_labels) for of_image, of_labels in zip(corners, labels, strict=True)]
