"""Confidence intervals by the bootstrap over groups.

Images of one patient are not independent, so whole groups (patients, or look-alike clusters) are drawn with
replacement and every measure is computed anew; the interval spans the percentiles of those values (Efron and
Tibshirani 1993, An Introduction to the Bootstrap, ch. 13). The test set stays fixed: the intervals speak of which
patients were drawn, not of how the network would turn out if trained again.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chestbench.evaluation.metrics import OVERALL, PER_CLASS, confusion_matrix, measure, predict_class

# Weights of this many image-resample pairs are held at a time (4 bytes each), whatever the number of images.
PAIRS_AT_A_TIME = 4_000_000


def evaluate_split(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    groups: Sequence[object],
    classes: Sequence[str],
    resamples: int,
    confidence: float = 0.95,
    seed: int = 0,
    unit: str = "images",
) -> dict[str, Any]:
    """Return one split's record: each measure as `{"value", "low", "high"}`, counts and the confusion matrix.

    A measure that is undefined (its class is absent from the split) is None in all three places, and the class is
    listed under `absent_classes`. Bounds are None when too few resamples define the measure (under 50).

    Args:
        labels: class index per image, (N,), N at least 1.
        probabilities: (N, C), rows summing to one.
        groups: patient or cluster of each image, N of them.
        classes: the C class names.
        resamples: bootstrap resamples.
        confidence: coverage, 0.5 to below 1.
        seed: of the resampling; the same seed gives the same bounds.
        unit: what a row is; the key under which rows are counted.

    Raises:
        ValueError: lengths differ, the split is empty, a label is out of range or a probability is not finite.
    """
    labels = np.asarray(labels, dtype=np.int64)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    _check(labels, probabilities, groups, classes)
    codes = np.unique([str(group) for group in groups], return_inverse=True)[1]
    point = measure(labels, probabilities)
    drawn = [measure(labels, probabilities, weights) for weights in resampled_weights(codes, resamples, seed)]
    tail = (1 - confidence) / 2

    def record(value: float, values: list[NDArray[np.floating]]) -> dict[str, float | None]:
        defined = np.concatenate(values)
        defined = defined[np.isfinite(defined)]
        if not np.isfinite(value):
            return {"value": None, "low": None, "high": None}
        if len(defined) < 50:
            return {"value": float(value), "low": None, "high": None}
        low, high = np.quantile(defined, (tail, 1 - tail))
        return {"value": float(value), "low": float(low), "high": float(high)}

    counts = np.bincount(labels, minlength=len(classes))
    overall = {name: record(point.overall[name][0], [part.overall[name] for part in drawn]) for name in OVERALL}
    per_class = {
        class_name: {
            unit: int(counts[index]),
            **{
                name: record(point.per_class[name][0, index], [part.per_class[name][:, index] for part in drawn])
                for name in PER_CLASS
            },
        }
        for index, class_name in enumerate(classes)
    }
    return {
        unit: len(labels),
        "groups": int(codes.max()) + 1,
        **overall,
        "per_class": per_class,
        "absent_classes": [name for index, name in enumerate(classes) if counts[index] == 0],
        "confusion": confusion_matrix(labels, predict_class(probabilities), len(classes)).tolist(),
    }


def resampled_weights(codes: NDArray[np.integer], resamples: int, seed: int) -> Iterator[NDArray[np.int32]]:
    """Yield blocks of image weights (N, r), `resamples` columns in all.

    A column says how often each image occurs when as many groups as there are are drawn with replacement.

    Args:
        codes: group of each image as 0 to G - 1, (N,).
        resamples: columns in all.
        seed: of the drawing.
    """
    generator = np.random.default_rng(seed)
    n_groups = int(codes.max()) + 1
    block = max(1, PAIRS_AT_A_TIME // max(len(codes), n_groups))
    for first in range(0, resamples, block):
        columns = min(block, resamples - first)
        draws = generator.integers(0, n_groups, size=(columns, n_groups), dtype=np.int32)
        cells = draws.astype(np.int64) + np.arange(columns, dtype=np.int64)[:, None] * n_groups
        drawn = np.bincount(cells.ravel(), minlength=columns * n_groups).astype(np.int32).reshape(columns, n_groups)
        yield np.ascontiguousarray(drawn.T)[codes]


def _check(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating], groups: Sequence[object], classes: Sequence[str]
) -> None:
    if len(labels) == 0:
        raise ValueError("expected at least one image in the split, received none")
    if probabilities.shape != (len(labels), len(classes)) or len(groups) != len(labels):
        raise ValueError(
            f"expected probabilities of shape {(len(labels), len(classes))} and {len(labels)} groups, "
            f"received {probabilities.shape} and {len(groups)}"
        )
    if labels.min() < 0 or labels.max() >= len(classes):
        raise ValueError(f"expected labels 0 to {len(classes) - 1}, received {labels.min()} to {labels.max()}")
    if not np.isfinite(probabilities).all():
        raise ValueError("expected finite probabilities, received NaN or infinity: the training diverged")
