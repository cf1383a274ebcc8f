"""results/models/{model}/predictions.csv: what a network says of each image; all that is paired comes from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import Row, csv_columns, stream_csv
from chestbench.measures.metrics import predict_class
from chestbench.preparation.arrays import SplitArrays

# Before the columns p:CLASS with the probabilities.
COLUMNS = ("split", "image_id", "group", "study", "label", "predicted")


@dataclass(frozen=True)
class Predictions:
    """One network's answers on one split, in the order of the images.

    Attributes:
        image_ids: N short hashes.
        groups: N codes of patients or look-alike groups.
        labels: class index (N,) int64.
        probabilities: (N, C) float64, finite.
    """

    image_ids: list[str]
    groups: list[str]
    labels: NDArray[np.int64]
    probabilities: NDArray[np.float64]


def columns(classes: Sequence[str]) -> list[str]:
    """Return the header of the table."""
    return [*COLUMNS, *(f"p:{name}" for name in classes)]


def prediction_rows(
    name: str, split: SplitArrays, probabilities: NDArray[np.floating], classes: Sequence[str]
) -> list[Row]:
    """Return one row per image of a split named `name`; nine digits give float32 back exactly."""
    rows = []
    for place, predicted in enumerate(predict_class(probabilities)):
        row: Row = {
            "split": name,
            "image_id": split.image_ids[place],
            "group": split.groups[place],
            "study": split.studies[place],
            "label": split.labels[place],
            "predicted": classes[predicted],
        }
        row.update({f"p:{label}": f"{value:.9g}" for label, value in zip(classes, probabilities[place], strict=True)})
        rows.append(row)
    return rows


def read_predictions(path: Path, classes: Sequence[str], split: str = "test") -> Predictions:
    """Read one split of a predictions.csv.

    Raises:
        ChestbenchError: the file or a column is missing, a label is none of `classes`, a probability is no finite
            number, or the file has no image of the split.
    """
    needed = ["split", "image_id", "group", "label", *(f"p:{name}" for name in classes)]
    try:
        header = csv_columns(path)
        if missing := [name for name in needed if name not in header]:
            raise ChestbenchError(
                f"{path}: expected the columns {', '.join(needed)}, received none named {', '.join(missing)}; "
                "run `dvc repro`"
            )
        rows = [[row[name] for name in needed] for row in stream_csv(path) if row["split"] == split]
    except FileNotFoundError:
        raise ChestbenchError(f"{path}: expected predictions of every image, found none; run `dvc repro`") from None
    if not rows:
        raise ChestbenchError(f"{path}: expected predictions of the {split} images, received none; run `dvc repro`")
    index = {name: place for place, name in enumerate(classes)}
    if unknown := sorted({row[3] for row in rows} - set(classes)):
        raise ChestbenchError(
            f"{path}: expected labels among {', '.join(classes)}, received {', '.join(unknown)}; run `dvc repro`"
        )
    try:
        probabilities = np.array([row[4:] for row in rows], dtype=np.float64)
    except ValueError:
        probabilities = np.full((len(rows), len(classes)), np.nan)
    if not np.isfinite(probabilities).all():
        raise ChestbenchError(f"{path}: expected finite probabilities, received something else; run `dvc repro`")
    labels = np.array([index[row[3]] for row in rows], dtype=np.int64)
    return Predictions([row[1] for row in rows], [row[2] for row in rows], labels, probabilities)
