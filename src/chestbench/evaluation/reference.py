"""What one picture is later judged by, kept beside a network's results: reference.json and reference.npz.

The measures of a whole test set need none of it. It goes to the registered model, and `chestbench predict` reads it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chestbench.core.arrays import write_arrays
from chestbench.core.config import Evaluate
from chestbench.core.files import write_json
from chestbench.measures.familiar import Familiar
from chestbench.measures.per_group import mean_rows, units_of
from chestbench.measures.threshold_bounds import threshold_bounds
from chestbench.preparation.arrays import SplitArrays

REFERENCE, ARRAYS = "reference.json", "reference.npz"


def write_reference(
    folder: Path,
    train: SplitArrays,
    val: SplitArrays,
    probabilities: NDArray[np.floating],
    classes: list[str],
    settings: Evaluate,
    seed: int,
    sought: str | None = None,
    catalog: Mapping[str, Any] | None = None,
) -> None:
    """Write how far thresholds are to be relied on, and what the pictures of train and val look like.

    Args:
        folder: results/models/NAME as it is made.
        train: the pictures that the network learnt from.
        val: those that thresholds were chosen on.
        probabilities: of val, (N, C), as trained.
        classes: the C names.
        settings: bootstrap, confidence, batch_size, shifts and wished_sensitivity are used.
        seed: of the draws.
        sought: the class that the wish is for, see `choose_thresholds`.
        catalog: metrics/catalog.json: the grey scales and sizes of the files; None: not known.
    """
    wishes = [settings.wished_sensitivity if sought in (None, name) else None for name in classes]
    drawing = (classes, wishes, settings.bootstrap, settings.confidence, seed)
    units = units_of(val.class_index, val.groups)
    means = mean_rows(units.codes, probabilities)
    write_json(
        folder / REFERENCE,
        {
            "confidence": settings.confidence,
            "batch_size": settings.batch_size,
            "shifts": settings.shifts,
            "threshold_bounds": threshold_bounds(val.class_index, probabilities, val.groups, *drawing),
            "threshold_bounds_per_group": threshold_bounds(units.labels, means, units.groups, *drawing),
            **of_files(catalog or {}),
        },
    )
    write_arrays(folder / ARRAYS, Familiar.fit(train.images, train.groups, val.images).to_arrays())


def of_files(catalog: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the grey of the data set's files was read, and the width and height of the smallest; [] if unknown.

    Args:
        catalog: metrics/catalog.json; {}: not known.
    """
    sizes = catalog.get("sizes", {})
    return {
        "scales": sorted(catalog.get("grey", {}).get("scales", {})),
        "smallest": [sizes[side]["min"] for side in ("width", "height") if side in sizes],
    }
