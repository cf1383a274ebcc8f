"""What a classifier's probabilities are worth: measures per split and per class, for one or many weightings at once.

Every function takes a table of image weights (N, R), so that the figure itself (all weights one) and its R bootstrap
resamples (see intervals.py) come from the same code. With unit weights the values equal scikit-learn's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]

OVERALL = ("balanced_accuracy", "accuracy", "macro_f1", "macro_specificity", "macro_auc", "macro_average_precision")
PER_CLASS = ("sensitivity", "specificity", "ppv", "f1", "auc", "average_precision")


@dataclass(frozen=True)
class Measures:
    """Measures under R weightings: `overall[name]` is (R,), `per_class[name]` is (R, C); NaN where undefined."""

    overall: dict[str, Floats]
    per_class: dict[str, Floats]


def predict_class(probabilities: Floats) -> Ints:
    """Return the class of highest probability per row, (N,) int64; the lower index wins a tie."""
    return np.argmax(probabilities, axis=1)


def confusion_matrix(labels: Ints, predicted: Ints, n_classes: int) -> Ints:
    """Count images by actual class (rows) and predicted class (columns), (C, C) int64."""
    cells = np.asarray(labels) * n_classes + np.asarray(predicted)
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def measure(labels: Ints, probabilities: Floats, weights: Ints | None = None) -> Measures:
    """Compute every measure under each weighting.

    A class without any image (under a weighting) has no sensitivity, F1, AUC or average precision: NaN. A class never
    predicted has no PPV. The macro measures average over the classes that occur in `labels`, and are NaN under a
    weighting that leaves one of those out, so that all resamples estimate the same quantity.

    Args:
        labels: class index per image, (N,), 0 to C - 1.
        probabilities: one row per image, (N, C).
        weights: non-negative image weights, (N, R) integer; None for one column of ones.
    """
    labels = np.asarray(labels, dtype=np.int64)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    n_images, n_classes = probabilities.shape
    if weights is None:
        weights = np.ones((n_images, 1), dtype=np.int32)
    present = np.bincount(labels, minlength=n_classes) > 0
    per_class = _threshold_measures(_weighted_confusion(labels, predict_class(probabilities), n_classes, weights))
    accuracy = per_class.pop("accuracy")
    ranked = [rank_measures(probabilities[:, index], labels == index, weights) for index in range(n_classes)]
    per_class["auc"] = np.stack([auc for auc, _ in ranked], axis=1)
    per_class["average_precision"] = np.stack([precision for _, precision in ranked], axis=1)

    def macro(name: str) -> Floats:
        return per_class[name][:, present].mean(axis=1)

    overall = {
        "balanced_accuracy": macro("sensitivity"),
        "accuracy": accuracy[:, 0],
        "macro_f1": macro("f1"),
        "macro_specificity": macro("specificity"),
        "macro_auc": macro("auc"),
        "macro_average_precision": macro("average_precision"),
    }
    return Measures(overall, per_class)


def rank_measures(scores: Floats, positive: NDArray[np.bool_], weights: Ints) -> tuple[Floats, Floats]:
    """Return ROC-AUC and average precision of `scores` under each weighting, two arrays (R,).

    The scores are sorted once; sums of weights down the sorted list then give every resample's curve. Equal scores
    share one threshold (half the credit in the AUC), and average precision is the step-wise sum of scikit-learn.

    Args:
        scores: higher means more likely positive, (N,).
        positive: whether the image is of the class, (N,).
        weights: image weights, (N, R) integer.
    """
    order = np.argsort(-scores, kind="stable")
    sorted_scores, sorted_positive = scores[order], positive[order]
    sorted_weights = weights[order]
    last_of_tie = np.flatnonzero(np.append(sorted_scores[1:] != sorted_scores[:-1], True))
    has_positive = np.add.reduceat(sorted_positive, np.append(0, last_of_tie[:-1] + 1), dtype=np.int64) > 0
    everyone = np.cumsum(sorted_weights, axis=0, dtype=np.int64)
    hits = np.cumsum(sorted_weights * sorted_positive[:, None], axis=0, dtype=np.int64)
    n_all, n_hits = everyone[-1].astype(np.float64), hits[-1].astype(np.float64)
    # Only thresholds at which a positive image is passed add to either sum.
    end = last_of_tie[has_positive]
    start = np.append(0, last_of_tie[:-1] + 1)[has_positive]
    all_at, hits_at = everyone[end], hits[end]
    before = start - 1
    all_before = np.where(start[:, None] > 0, everyone[before], 0)
    hits_before = np.where(start[:, None] > 0, hits[before], 0)
    new_hits = (hits_at - hits_before).astype(np.float64)
    misses_at, misses_before = all_at - hits_at, all_before - hits_before
    n_misses = n_all - n_hits
    with np.errstate(divide="ignore", invalid="ignore"):
        won = np.einsum("tr,tr->r", new_hits, n_misses - 0.5 * (misses_at + misses_before))
        auc = won / (n_hits * n_misses)
        precision = np.where(new_hits > 0, hits_at / np.maximum(all_at, 1), 0.0)
        average_precision = np.einsum("tr,tr->r", new_hits, precision) / n_hits
    return auc, average_precision


def _weighted_confusion(labels: Ints, predicted: Ints, n_classes: int, weights: Ints) -> Floats:
    """Return confusion matrices (R, C, C): rows are the actual class."""
    cells = labels * n_classes + predicted
    counts = np.zeros((n_classes**2, weights.shape[1]))
    for cell in np.unique(cells):
        counts[cell] = weights[cells == cell].sum(axis=0)
    return counts.T.reshape(-1, n_classes, n_classes)


def _threshold_measures(matrices: Floats) -> dict[str, Floats]:
    """Return the measures that follow from confusion matrices (R, C, C), each (R, C); accuracy is (R, 1)."""
    total = matrices.sum(axis=(1, 2))[:, None]
    hits = np.diagonal(matrices, axis1=1, axis2=2)
    actual, predicted = matrices.sum(axis=2), matrices.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "accuracy": hits.sum(axis=1, keepdims=True) / total,
            "sensitivity": hits / actual,
            "specificity": (total - actual - predicted + hits) / (total - actual),
            "ppv": hits / predicted,
            "f1": np.where(actual > 0, 2 * hits / (actual + predicted), np.nan),
        }
