"""ROC and precision-recall curves and confusion rows as small tables for CSV files, `dvc plots` and the pictures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chestbench.core.files import Row, write_csv
from chestbench.measures.metrics import predict_class

# Thresholds kept per curve in a CSV: enough for a smooth picture, few enough for a browser.
MAX_POINTS = 400
FPR_GRID = np.linspace(0.0, 1.0, 101)


def roc_curve(
    scores: NDArray[np.floating], positive: NDArray[np.bool_]
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]:
    """Return false positive rate, true positive rate and threshold per distinct score, from (0, 0) on, three (T + 1,).

    Rates are NaN where the split has no image to divide by.
    """
    thresholds, hits, misses = _cumulative(scores, positive)
    return _rates(np.append(0, misses)), _rates(np.append(0, hits)), np.append(np.inf, thresholds)


def precision_recall_curve(
    scores: NDArray[np.floating], positive: NDArray[np.bool_]
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]:
    """Return precision, recall and threshold per distinct score, highest threshold first, three (T,)."""
    thresholds, hits, misses = _cumulative(scores, positive)
    return hits / (hits + misses), _rates(hits), thresholds


def roc_rows(labels: NDArray[np.integer], probabilities: NDArray[np.floating], classes: Sequence[str]) -> list[Row]:
    """Return one-versus-rest ROC points: class, fpr, tpr, threshold. Classes absent from the split have none."""
    rows = []
    for index, name in enumerate(classes):
        positive = labels == index
        if positive.all() or not positive.any():
            continue
        fpr, tpr, thresholds = roc_curve(probabilities[:, index], positive)
        for point in _corners(fpr, tpr):
            threshold = float(thresholds[point]) if np.isfinite(thresholds[point]) else ""
            rows.append({"class": name, "fpr": float(fpr[point]), "tpr": float(tpr[point]), "threshold": threshold})
    return rows


def pr_rows(labels: NDArray[np.integer], probabilities: NDArray[np.floating], classes: Sequence[str]) -> list[Row]:
    """Return one-versus-rest precision-recall points: class, recall, precision, threshold."""
    rows = []
    for index, name in enumerate(classes):
        positive = labels == index
        if not positive.any():
            continue
        precision, recall, thresholds = precision_recall_curve(probabilities[:, index], positive)
        for point in _corners(recall, precision):
            values = {"recall": float(recall[point]), "precision": float(precision[point])}
            rows.append({"class": name, **values, "threshold": float(thresholds[point])})
    return rows


def confusion_rows(
    labels: NDArray[np.integer], probabilities: NDArray[np.floating], classes: Sequence[str]
) -> list[Row]:
    """Return one row per image, actual and predicted class: what DVC's confusion template counts."""
    predicted = predict_class(probabilities)
    return [{"actual": classes[a], "predicted": classes[p]} for a, p in zip(labels, predicted, strict=True)]


def write_curves(
    folder: Path, labels: NDArray[np.integer], probabilities: NDArray[np.floating], classes: Sequence[str]
) -> tuple[list[Row], list[Row]]:
    """Write roc.csv, pr.csv and confusion.csv of one split into `folder`; return the rows of the first two."""
    roc, pr = roc_rows(labels, probabilities, classes), pr_rows(labels, probabilities, classes)
    write_csv(folder / "roc.csv", ["class", "fpr", "tpr", "threshold"], roc)
    write_csv(folder / "pr.csv", ["class", "recall", "precision", "threshold"], pr)
    write_csv(folder / "confusion.csv", ["actual", "predicted"], confusion_rows(labels, probabilities, classes))
    return roc, pr


def macro_roc_rows(labels: NDArray[np.integer], probabilities: NDArray[np.floating]) -> list[Row]:
    """Return the mean of the classes' ROC curves on a grid of 101 false positive rates: fpr, tpr."""
    curves = []
    for index in range(probabilities.shape[1]):
        positive = labels == index
        if positive.all() or not positive.any():
            continue
        fpr, tpr, _ = roc_curve(probabilities[:, index], positive)
        curves.append(np.interp(FPR_GRID, fpr, tpr))
    if not curves:
        return []
    mean = np.mean(curves, axis=0)
    mean[0] = 0.0
    return [{"fpr": float(x), "tpr": float(y)} for x, y in zip(FPR_GRID, mean, strict=True)]


def _cumulative(
    scores: NDArray[np.floating], positive: NDArray[np.bool_]
) -> tuple[NDArray[np.floating], NDArray[np.integer], NDArray[np.integer]]:
    """Return distinct scores downwards and how many positives and negatives score at least that."""
    order = np.argsort(-scores, kind="stable")
    sorted_scores = scores[order]
    last_of_tie = np.flatnonzero(np.append(sorted_scores[1:] != sorted_scores[:-1], True))
    hits = np.cumsum(positive[order], dtype=np.int64)[last_of_tie]
    return sorted_scores[last_of_tie], hits, last_of_tie + 1 - hits


def _rates(counts: NDArray[np.integer]) -> NDArray[np.floating]:
    """Divide running counts by their total; NaN when there is nothing to count."""
    return counts / counts[-1] if counts[-1] else np.full(len(counts), np.nan)


def _corners(x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.integer]:
    """Return the points needed to draw the line: first, last and where it turns; thinned evenly past MAX_POINTS."""
    turn = np.ones(len(x), dtype=bool)
    if len(x) > 2:
        dx, dy = np.diff(x), np.diff(y)
        turn[1:-1] = ~np.isclose(dx[1:] * dy[:-1], dx[:-1] * dy[1:], rtol=0, atol=1e-15)
    points = np.flatnonzero(turn)
    if len(points) > MAX_POINTS:
        points = points[np.linspace(0, len(points) - 1, MAX_POINTS).round().astype(int)]
    return points
