"""What a classifier's probabilities are worth: measures per split and per class, for one or many weightings at once.

Every measure is computed under a table of weights, so that the figure itself (all weights one) and its R bootstrap
resamples (see intervals.py) come from the same code. With unit weights the values equal scikit-learn's.
docs/reference/measures.md has the formulas.

Counts and sums over images are linear in the weights of their groups: they are added up per group once, and every
weighting is then one row of a matrix product. That product is numpy's einsum, not BLAS: BLAS adds in an order that
depends on its threads, and its threads and ours would wait for each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from chestbench.measures.calibration import BINS, brier_terms, confidence_bins
from chestbench.measures.confusion import argmax_measures, confusion_matrix, predict_class, two_by_two
from chestbench.measures.ranking import Floats, Ints, Ranking, rank_measures

__all__ = ["Measures", "Sample", "confusion_matrix", "measure", "predict_class", "rank_measures"]

OVERALL = (
    "balanced_accuracy",
    "accuracy",
    "macro_f1",
    "macro_specificity",
    "macro_auc",
    "macro_average_precision",
    "brier",
    "ece",
)
PER_CLASS = ("sensitivity", "specificity", "ppv", "npv", "f1", "auc", "average_precision")
# Means over the classes that occur.
MACRO = {
    "balanced_accuracy": "sensitivity",
    "macro_f1": "f1",
    "macro_specificity": "specificity",
    "macro_auc": "auc",
    "macro_average_precision": "average_precision",
}
AT_THRESHOLD = ("sensitivity", "specificity", "ppv", "npv")


@dataclass(frozen=True)
class Measures:
    """Measures under R weightings; NaN where undefined.

    Attributes:
        overall: name -> (R,); `ece_calibrated` is there when calibrated probabilities were given.
        per_class: name -> (R, C), at the highest probability.
        at_threshold: name -> (R, C), each class called at its threshold; empty when none were given.
        signed: name -> (R, K), the signed terms whose absolute values sum to `overall[name]`: `ece` and its like.
    """

    overall: dict[str, Floats]
    per_class: dict[str, Floats]
    at_threshold: dict[str, Floats] = field(default_factory=dict)
    signed: dict[str, Floats] = field(default_factory=dict)


def measure(labels: Ints, probabilities: Floats, weights: Ints | None = None) -> Measures:
    """Compute every measure under each weighting of the images; see `Sample` and `Sample.measure`.

    Args:
        labels: class index per image, (N,), 0 to C - 1.
        probabilities: one row per image, (N, C).
        weights: non-negative image weights, (N, R) integer; None for one column of ones.
    """
    return Sample(labels, probabilities).measure(weights)


class Sample:
    """Predictions of one split, made ready for many weightings of its groups."""

    def __init__(
        self,
        labels: Ints,
        probabilities: Floats,
        groups: Ints | None = None,
        calibrated: Floats | None = None,
        thresholds: Sequence[float | None] | None = None,
    ) -> None:
        """Sort and count.

        Args:
            labels: class index per image, (N,), 0 to C - 1.
            probabilities: one row per image, (N, C).
            groups: group of each image, 0 to G - 1, (N,); None when each image is a group.
            calibrated: (N, C), for `ece_calibrated`; None for none.
            thresholds: one per class, None where a class has none; None for no measures at thresholds.
        """
        self._labels = np.asarray(labels, dtype=np.int64)
        probabilities = np.asarray(probabilities, dtype=np.float64)
        n_images, self._n_classes = probabilities.shape
        self._groups = np.arange(n_images) if groups is None else np.asarray(groups, dtype=np.int64)
        self._n_groups = int(self._groups.max()) + 1
        self._present = np.bincount(self._labels, minlength=self._n_classes) > 0
        self._calibrated, self._has_threshold = calibrated is not None, None
        self._rankings = [
            Ranking(probabilities[:, index], self._labels == index, self._groups) for index in range(self._n_classes)
        ]
        predicted = predict_class(probabilities)
        columns = [self._counts(self._labels * self._n_classes + predicted, self._n_classes**2)]
        columns.append(self._counts(np.zeros_like(self._labels), 1, brier_terms(self._labels, probabilities)))
        for table in (probabilities, calibrated):
            if table is not None:
                confidence, bins = confidence_bins(table)
                right = np.argmax(table, axis=1) == self._labels
                columns.append(self._counts(bins, BINS + 1, right - confidence))
        if thresholds is not None:
            limits = np.array([np.inf if threshold is None else threshold for threshold in thresholds])
            self._has_threshold = np.isfinite(limits)
            missed = probabilities < limits
            for index in range(self._n_classes):
                columns.append(self._counts(2 * (self._labels != index) + missed[:, index], 4))
        self._table = np.concatenate(columns, axis=1)

    def measure(self, weights: Ints | None = None) -> Measures:
        """Compute every measure under each weighting.

        A class without any image (under a weighting) has no sensitivity, F1, AUC or average precision: NaN. A class
        never predicted has no PPV, one always predicted no NPV. The macro measures average over the classes that occur
        in the labels, and are NaN under a weighting that leaves one of those out, so that all resamples estimate the
        same quantity.

        Args:
            weights: how often each group counts, (G, R) non-negative integers; None for one column of ones. Fastest as
                the transpose of a C-contiguous (R, G) table.
        """
        rows = np.ones((1, self._n_groups), np.int32) if weights is None else np.ascontiguousarray(weights.T)
        sums = np.einsum("rg,gk->rk", rows.astype(np.float64), self._table)
        n = self._n_classes
        matrices, sums = sums[:, : n * n].reshape(-1, n, n), sums[:, n * n :]
        per_class, accuracy = argmax_measures(matrices)
        ranked = [ranking.measure(rows) for ranking in self._rankings]
        per_class["auc"] = np.stack([auc for auc, _ in ranked], axis=1)
        per_class["average_precision"] = np.stack([precision for _, precision in ranked], axis=1)

        overall = {name: per_class[part][:, self._present].mean(axis=1) for name, part in MACRO.items()}
        overall["accuracy"] = accuracy
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = sums / matrices.sum(axis=(1, 2))[:, None]
        overall["brier"] = scaled[:, 0]
        signed = self._signed(scaled)
        overall |= {name: np.abs(terms).sum(axis=1) for name, terms in signed.items()}
        at_threshold = {}
        if self._has_threshold is not None:
            tables = sums[:, -4 * n :].reshape(-1, n, 4)
            tables[:, ~self._has_threshold] = 0
            at_threshold = two_by_two(*np.moveaxis(tables, 2, 0))
        return Measures(overall, per_class, at_threshold, signed)

    def groups_behind(self) -> Measures:
        """Return how many groups each measure rests on, under one weighting: those in its denominator.

        An AUC needs both sides and rests on the smaller; a macro measure rests on its worst-founded class.
        """
        n = self._n_classes
        cells = self._table[:, : n * n].reshape(-1, n, n)
        images = cells.sum(axis=(1, 2))[:, None]
        actual, predicted = cells.sum(axis=2), cells.sum(axis=1)
        own, rest = _groups_with(actual), _groups_with(images - actual)
        both = np.minimum(own, rest)
        each = {"sensitivity": own, "specificity": rest, "f1": own, "auc": both, "average_precision": both}
        each |= {"ppv": _groups_with(predicted), "npv": _groups_with(images - predicted)}
        everyone = np.array([float(self._n_groups)])
        overall = {name: everyone for name in ("accuracy", "brier", "ece", "ece_calibrated")}
        overall |= {name: each[part][self._present].min(keepdims=True) for name, part in MACRO.items()}
        at_threshold = {}
        if self._has_threshold is not None:
            tables = self._table[:, -4 * n :].reshape(-1, n, 4)
            sides = {"sensitivity": (0, 1), "specificity": (2, 3), "ppv": (0, 2), "npv": (1, 3)}
            at_threshold = {name: _groups_with(tables[:, :, pair].sum(axis=2))[None] for name, pair in sides.items()}
        bins = {name: _groups_with(terms)[None] for name, terms in self._signed(self._table[:, n * n :]).items()}
        return Measures(overall, {name: values[None] for name, values in each.items()}, at_threshold, bins)

    def _signed(self, columns: Floats) -> dict[str, Floats]:
        """Return the columns of each calibration error among those behind the confusion cells."""
        names = ("ece", "ece_calibrated")[: 1 + self._calibrated]
        return {
            name: columns[:, 1 + place * (BINS + 1) : 1 + (place + 1) * (BINS + 1)] for place, name in enumerate(names)
        }

    def _counts(self, cells: Ints, n_cells: int, values: Floats | None = None) -> Floats:
        """Return images (or the sum of their values) by group and cell, (G, n_cells)."""
        places = self._groups * n_cells + cells
        found = np.bincount(places, values, minlength=self._n_groups * n_cells)
        return found.reshape(self._n_groups, n_cells).astype(np.float64)


def _groups_with(sums: Floats) -> Floats:
    """Return in how many groups (rows) each column is not nought."""
    return np.count_nonzero(sums, axis=0).astype(np.float64)
