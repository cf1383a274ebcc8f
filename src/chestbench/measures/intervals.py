"""Confidence intervals by the bootstrap over groups.

Images of one patient are not independent, so whole groups (patients, or look-alike clusters) are drawn with
replacement and every measure is computed anew (Efron and Tibshirani 1993, An Introduction to the Bootstrap, ch. 13);
bounds.py makes the interval of it. The test set stays fixed: the intervals speak of which patients were drawn, not of
how the network would turn out if trained again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from chestbench.measures import bounds
from chestbench.measures.metrics import (
    AT_THRESHOLD,
    OVERALL,
    PER_CLASS,
    Floats,
    Measures,
    Sample,
    confusion_matrix,
    predict_class,
)
from chestbench.measures.record import Figure, SplitRecord, Threshold
from chestbench.measures.resampled import Resampled, from_measures, group_codes, measure_under
from chestbench.measures.resampling import group_draws, left_out_blocks


def evaluate_split(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    groups: Sequence[object],
    classes: Sequence[str],
    resamples: int,
    confidence: float = 0.95,
    seed: int = 0,
    unit: str = "images",
    calibrated: NDArray[np.floating] | None = None,
    thresholds: Mapping[str, Threshold] | None = None,
) -> SplitRecord:
    """Return one split's record: each measure as `{"value", "low", "high"}`, counts and the confusion matrix.

    A measure that is undefined (its class is absent from the split) is None in all three places, and the class is
    listed under `absent_classes`. Bounds are None when fewer than two groups or fewer than 50 resamples define the
    measure. The record does not depend on the number of threads.

    Args:
        labels: class index per image, (N,), N at least 1.
        probabilities: (N, C), rows summing to one.
        groups: patient or cluster of each image, N of them.
        classes: the C class names.
        resamples: bootstrap resamples.
        confidence: coverage, 0.5 to below 1.
        seed: of the resampling; the same seed gives the same bounds.
        unit: what a row is; the key under which rows are counted.
        calibrated: (N, C) after temperature scaling; adds `ece_calibrated`.
        thresholds: from `thresholds.choose_thresholds`; adds `at_threshold` to each class: sensitivity, specificity,
            PPV, NPV and the confusion `[[TP, FN], [FP, TN]]` (None where the class has no threshold).

    Raises:
        ValueError: lengths differ, the split is empty, a label is out of range or a probability is not finite.

    Example:
        Four patients with one image each; one of the two with COVID is missed.

        >>> said = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.2, 0.8]])
        >>> record = evaluate_split([0, 0, 1, 1], said, ["a", "b", "c", "d"], ["Normal", "COVID"], resamples=200)
        >>> record["balanced_accuracy"]["value"], record["macro_auc"]["value"], record["confusion"]
        (0.75, 1.0, [[2, 0], [1, 1]])
        >>> record["per_class"]["COVID"]["sensitivity"]["value"], record["groups"]
        (0.5, 4)
    """
    return evaluate_resampled(
        labels, probabilities, groups, classes, resamples, confidence, seed, unit, calibrated, thresholds
    )[0]


def evaluate_resampled(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    groups: Sequence[object],
    classes: Sequence[str],
    resamples: int,
    confidence: float = 0.95,
    seed: int = 0,
    unit: str = "images",
    calibrated: NDArray[np.floating] | None = None,
    thresholds: Mapping[str, Threshold] | None = None,
) -> tuple[SplitRecord, Resampled]:
    """Return the record of `evaluate_split`, which has the arguments, and the figures under the same resamples."""
    labels = np.asarray(labels, dtype=np.int64)
    probabilities = np.asarray(probabilities, dtype=np.float64)
    _check(labels, probabilities, groups, classes)
    codes = group_codes(groups)
    limits = None if thresholds is None else [thresholds[name]["threshold"] for name in classes]
    sample = Sample(labels, probabilities, codes, calibrated, limits)
    intervals = _Intervals(sample, codes, labels, resamples, confidence, seed, len(classes))
    counts = np.bincount(labels, minlength=len(classes))
    names = [name for name in (*OVERALL, "ece_calibrated") if name in intervals.point.overall]
    per_class: dict[str, dict[str, Any]] = {}
    for index, class_name in enumerate(classes):
        per_class[class_name] = {unit: int(counts[index])}
        per_class[class_name].update({name: intervals.of("per_class", name, index) for name in PER_CLASS})
        if limits is not None:
            limit = limits[index]
            table = None
            if limit is not None:
                missed = (probabilities[:, index] < limit).astype(np.int64)
                table = confusion_matrix((labels != index).astype(np.int64), missed, 2).tolist()
            per_class[class_name]["at_threshold"] = {
                **{name: intervals.of("at_threshold", name, index) for name in AT_THRESHOLD},
                "confusion": table,
            }
    record: dict[str, Any] = {
        unit: len(labels),
        "groups": int(codes.max()) + 1,
        **{name: intervals.of("overall", name) for name in names},
        "per_class": per_class,
        "absent_classes": [name for index, name in enumerate(classes) if counts[index] == 0],
        "confusion": confusion_matrix(labels, predict_class(probabilities), len(classes)).tolist(),
    }
    # By loops over the names of measures, which mypy cannot follow; a test holds the keys.
    return cast("SplitRecord", record), from_measures(intervals.point, intervals.drawn, groups, seed)


class _Intervals:
    """A split's figures with their resamples, and the intervals made of them."""

    def __init__(
        self,
        sample: Sample,
        codes: NDArray[np.integer],
        labels: NDArray[np.integer],
        resamples: int,
        confidence: float,
        seed: int,
        n_classes: int,
    ) -> None:
        n_groups, n_images = int(codes.max()) + 1, len(codes)
        left_out = left_out_blocks(codes, labels, seed)
        cells = resamples * n_images
        self.point, self._behind = sample.measure(), sample.groups_behind()
        self.drawn = measure_under(sample, group_draws(n_groups, resamples, seed, n_images), cells)
        self._left_out = measure_under(sample, left_out.tables(n_groups, n_images), cells)
        self._strata, self._confidence = left_out.strata, confidence
        self._tops = {"brier": 1.0 if n_classes == 2 else 2.0}

    def of(self, kind: str, name: str, index: int | None = None) -> Figure:
        """Return value and bounds of a measure: `kind` is a field of `Measures`, `index` the class."""

        def read(measures: Measures) -> Floats:
            values = getattr(measures, kind)[name]
            return values if index is None else values[:, index]

        value, drawn = float(read(self.point)[0]), read(self.drawn)
        defined = np.isfinite(drawn)
        if not np.isfinite(value):
            return {"value": None, "low": None, "high": None}
        behind = int(read(self._behind)[0])
        if behind < 2 or defined.sum() < bounds.FEWEST_RESAMPLES:
            return {"value": value, "low": None, "high": None}
        drawn, top = drawn[defined], self._tops.get(name, 1.0)
        freedom = bounds.degrees_of_freedom(value, read(self._left_out), self._strata)
        if value in (0.0, top):
            low, high = bounds.exact_bounds(value, behind, self._confidence, top)
        elif name in self.point.signed:
            terms, noisy = self.point.signed[name][0], self.drawn.signed[name][defined]
            groups = self._behind.signed[name][0]
            low, high = bounds.absolute_sum_bounds(terms, noisy, groups, freedom, self._confidence)
            high = min(high, top)
        else:
            low, high = bounds.logit_bounds(value, drawn, freedom, self._confidence, top)
        return {"value": value, "low": low, "high": high}


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
