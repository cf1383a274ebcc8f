"""Confusion matrices, and the measures that follow from counts alone."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]


def predict_class(probabilities: Floats) -> Ints:
    """Return the class of highest probability per row, (N,) int64; the lower index wins a tie."""
    return np.argmax(probabilities, axis=1)


def confusion_matrix(labels: Ints, predicted: Ints, n_classes: int) -> Ints:
    """Count images by actual class (rows) and predicted class (columns), (C, C) int64."""
    cells = np.asarray(labels) * n_classes + np.asarray(predicted)
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def two_by_two(true_pos: Floats, false_neg: Floats, false_pos: Floats, true_neg: Floats) -> dict[str, Floats]:
    """Return sensitivity, specificity, PPV and NPV of 2x2 tables, each of the shape of the counts."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "sensitivity": true_pos / (true_pos + false_neg),
            "specificity": true_neg / (true_neg + false_pos),
            "ppv": true_pos / (true_pos + false_pos),
            "npv": true_neg / (true_neg + false_neg),
        }


def argmax_measures(matrices: Floats) -> tuple[dict[str, Floats], Floats]:
    """Return the measures that follow from confusion matrices (R, C, C), each (R, C), and the accuracy (R,)."""
    total = matrices.sum(axis=(1, 2))[:, None]
    hits = np.diagonal(matrices, axis1=1, axis2=2)
    actual, predicted = matrices.sum(axis=2), matrices.sum(axis=1)
    found = two_by_two(hits, actual - hits, predicted - hits, total - actual - predicted + hits)
    with np.errstate(divide="ignore", invalid="ignore"):
        found["f1"] = np.where(actual > 0, 2 * hits / (actual + predicted), np.nan)
        return found, hits.sum(axis=1) / total[:, 0]
