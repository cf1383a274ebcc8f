"""What the preprocess stage wrote, as arrays."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chestbench.core.arrays import open_array
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import csv_columns, read_csv, read_json

COLUMNS = {"image_id", "label", "class_index", "group", "study"}


@dataclass(frozen=True)
class SplitArrays:
    """One split.

    Attributes:
        images: uint8 (N, H, W, 1), memory-mapped.
        class_index: int64 (N,), 0 to C - 1.
        image_ids: N short hashes.
        labels: N class names.
        groups: N group codes.
        studies: N study codes, "" where the study is not known.
    """

    images: np.ndarray
    class_index: np.ndarray
    image_ids: list[str]
    labels: list[str]
    groups: list[str]
    studies: list[str]


def load_info(folder: Path) -> dict:
    """Return info.json of the preprocess stage: classes, size, data_sha256, how the images were split."""
    path = folder / "info.json"
    if not path.exists():
        raise ChestbenchError(
            f"{path}: expected the output of the preprocess stage, found none; run `dvc repro preprocess`"
        )
    return read_json(path)


def load_split(folder: Path, split: str) -> SplitArrays:
    """Return one split of the preprocess stage's folder.

    Args:
        folder: data/processed.
        split: train, val or test.

    Raises:
        ChestbenchError: a file or a column is missing, a file is damaged, or table and images differ in length.
    """
    try:
        images = open_array(folder / f"{split}.npy", "`dvc repro -f preprocess`")
        columns = csv_columns(folder / f"{split}.csv")
    except FileNotFoundError as error:
        raise ChestbenchError(
            f"{error.filename}: expected the output of the preprocess stage, found none; run `dvc repro preprocess`"
        ) from None
    if missing := COLUMNS - set(columns):
        raise ChestbenchError(
            f"{folder / split}.csv: expected the columns {', '.join(sorted(COLUMNS))}, received none named "
            f"{', '.join(sorted(missing))}; run `dvc repro -f preprocess`"
        )
    rows = read_csv(folder / f"{split}.csv")
    if len(rows) != len(images):
        raise ChestbenchError(
            f"{folder / split}.csv: expected a row for each of {len(images)} images, "
            f"received {len(rows)}; run `dvc repro -f preprocess`"
        )
    return SplitArrays(
        images=images,
        class_index=np.array([int(row["class_index"]) for row in rows], np.int64),
        image_ids=[row["image_id"] for row in rows],
        labels=[row["label"] for row in rows],
        groups=[row["group"] for row in rows],
        studies=[row["study"] for row in rows],
    )
