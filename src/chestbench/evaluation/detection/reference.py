"""What one picture is later judged by, kept beside a detector's results; as `evaluation.reference` for networks."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chestbench.core.arrays import write_arrays
from chestbench.core.files import write_json
from chestbench.evaluation.detection.split import BoxSplit
from chestbench.evaluation.reference import ARRAYS, REFERENCE, of_files
from chestbench.measures.familiar import Familiar


def write_reference(folder: Path, splits: Mapping[str, BoxSplit], catalog: Mapping[str, Any]) -> None:
    """Write reference.json and reference.npz: what files and pictures of train and val look like.

    Args:
        folder: results/models/NAME.
        splits: train and val among them.
        catalog: metrics/catalog.json.
    """
    train, val = splits["train"], splits["val"]
    write_json(folder / REFERENCE, of_files(catalog))
    write_arrays(folder / ARRAYS, Familiar.fit(train.images, train.groups, val.images).to_arrays())
