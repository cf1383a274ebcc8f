"""found.csv: every box that a detector found on val and test, in the pixels of the arrays that it saw."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import csv_columns, stream_csv
from chestbench.imaging.boxes import Boxes

COLUMNS = ("split", "image_id", "finding", "score", "x0", "y0", "x1", "y1")
FOUND = "found.csv"


def found_rows(split: str, image_ids: Sequence[str], found: Sequence[Boxes], findings: Sequence[str]) -> Iterator[list]:
    """Yield the rows of one split, with the cells of `COLUMNS`; a picture without a found box has no row.

    Args:
        split: val or test.
        image_ids: of the pictures, N of them.
        found: what was found on each, N of them.
        findings: name of each label.
    """
    for image_id, boxes in zip(image_ids, found, strict=True):
        for corners, label, score in zip(boxes.corners.tolist(), boxes.labels, boxes.scores.tolist(), strict=True):
            yield [split, image_id, findings[label], score, *corners]


def read_found(path: Path, split: str, image_ids: Sequence[str], findings: Sequence[str]) -> list[Boxes]:
    """Return what was found on each of the pictures of a split, exactly as it was written.

    Args:
        path: found.csv.
        split: val or test.
        image_ids: of the pictures, in the order wanted.
        findings: name of each label.

    Raises:
        ChestbenchError: the table has other columns, or a box on a picture, or of a finding, that is not known.
    """
    if (columns := tuple(csv_columns(path))) != COLUMNS:
        raise ChestbenchError(
            f"{path}: expected the columns {', '.join(COLUMNS)}, received {', '.join(columns)}; run `dvc repro`"
        )
    labels = {name: label for label, name in enumerate(findings)}
    rows: dict[str, list[Mapping[str, Any]]] = {image_id: [] for image_id in image_ids}
    for row in stream_csv(path):
        if row["split"] != split:
            continue
        if row["image_id"] not in rows or row["finding"] not in labels:
            raise ChestbenchError(
                f"{path}: expected boxes on the pictures of {split} and of {', '.join(findings)}, received one of "
                f"{row['finding']} on {row['image_id']}; run `dvc repro`"
            )
        rows[row["image_id"]].append(row)
    return [
        Boxes.of(
            np.array([[float(row[name]) for name in COLUMNS[4:]] for row in own]),
            [labels[row["finding"]] for row in own],
            [float(row["score"]) for row in own],
        )
        for own in rows.values()
    ]
