"""The measures of found boxes, with intervals over groups.

As everywhere, whole groups (patients, or look-alike clusters) are drawn with replacement and every measure is computed
anew; bounds.py makes the interval of it.
"""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from chestbench.core.words import Figure
from chestbench.imaging.boxes import Boxes
from chestbench.measures.detection.froc import RATES, sensitivity_at
from chestbench.measures.detection.intervals import BoxIntervals
from chestbench.measures.detection.precision import coco_precision
from chestbench.measures.detection.ranked import Floats, Ints, Ranked, found_of
from chestbench.measures.resampled import group_codes

# Intersections over union from which on a box is right: COCO's.
OVERLAPS = tuple(np.linspace(0.5, 0.95, 10).tolist())
RATE_NAMES = tuple(f"{rate:g}" for rate in RATES)


class MeasuredBoxes(TypedDict):
    """What `measure_boxes` returns."""

    images: int
    with_boxes: int
    boxes: int
    found: int
    patients: int
    map50: Figure
    map50_95: Figure
    froc: Figure
    patient_froc: Figure
    ap50: dict[str, Figure]
    ap50_95: dict[str, Figure]
    sensitivity: dict[str, Figure]
    patient_sensitivity: dict[str, Figure]
    boxes_of: dict[str, int]
    absent_findings: list[str]


class BoxSample:
    """What was drawn and what was found on each picture of a split, made ready for many weightings of its groups."""

    def __init__(
        self, truth: Sequence[Boxes], found: Sequence[Boxes], findings: Sequence[str], groups: Sequence[object]
    ) -> None:
        """Match and sort.

        Args:
            truth: boxes that were drawn on each picture, N of them; the label is the place in `findings`.
            found: boxes that were found on each, N of them, in any order.
            findings: name of each label.
            groups: patient or look-alike group of each picture, N of them.

        Raises:
            ValueError: there is no picture, lengths differ, a label has no name or a score is not within 0 to 1.
        """
        _check(truth, found, findings, groups)
        self.findings, self.codes = list(findings), group_codes(groups)
        self.pictures = np.bincount(self.codes)
        answers = [found_of(truth, found, self.codes, label, OVERLAPS) for label in range(len(findings))]
        self._ranked = [[Ranked([part], self.pictures, ties=False) for part in parts] for parts in answers]
        self._pooled = Ranked([parts[0] for parts in answers], self.pictures, ties=True)
        self._patients = self._pooled.by_group()
        self.boxes_of = [int(parts[0].truths.sum()) for parts in self._ranked]
        self.has_boxes = np.array([len(boxes) > 0 for boxes in truth])

    def measure(self, weights: Ints | None = None) -> dict[str, Floats]:
        """Return every measure under each weighting, (R,) each, 0 to 1.

        Names: map50, map50_95, froc, patient_froc; ap50 and ap50_95 of each finding, as in `ap50 opacity`; sensitivity
        and patient_sensitivity at each rate, as in `sensitivity 0.25`. A finding without a truth has NaN. The means are
        over the findings of which the split has a truth, and NaN under a weighting that leaves one of those out, so
        that all resamples estimate the same quantity.

        Args:
            weights: how often each group counts, (R, G); None for one row of ones.
        """
        rows = np.ones((1, len(self.pictures)), np.int64) if weights is None else weights
        measured: dict[str, Floats] = {}
        for name, parts in zip(self.findings, self._ranked, strict=True):
            each = [coco_precision(part, rows) for part in parts]
            measured[f"ap50 {name}"], measured[f"ap50_95 {name}"] = each[0], np.mean(each, axis=0)
        present = [name for name, count in zip(self.findings, self.boxes_of, strict=True) if count]
        nothing = np.full(len(rows), np.nan)
        for kind in ("50", "50_95"):
            own = [measured[f"ap{kind} {name}"] for name in present]
            measured[f"map{kind}"] = np.mean(own, axis=0) if own else nothing
        for prefix, ranked in (("", self._pooled), ("patient_", self._patients)):
            at = sensitivity_at(ranked, rows)
            measured |= {f"{prefix}sensitivity {rate}": at[:, place] for place, rate in enumerate(RATE_NAMES)}
            measured[f"{prefix}froc"] = at.mean(axis=1)
        return measured

    def groups_behind(self) -> dict[str, int]:
        """Return how many groups each measure rests on: those with a truth; a mean on its worst-founded finding."""
        own = {name: parts[0].groups_behind for name, parts in zip(self.findings, self._ranked, strict=True)}
        fewest = min((count for count in own.values() if count), default=0)
        behind = {f"{kind} {name}": count for kind in ("ap50", "ap50_95") for name, count in own.items()}
        every = self._pooled.groups_behind
        for prefix in ("", "patient_"):
            behind |= {f"{prefix}sensitivity {rate}": every for rate in RATE_NAMES} | {f"{prefix}froc": every}
        return behind | {"map50": fewest, "map50_95": fewest}


def measure_boxes(
    truth: Sequence[Boxes],
    found: Sequence[Boxes],
    findings: Sequence[str],
    groups: Sequence[object],
    bootstrap: int,
    confidence: float = 0.95,
    seed: int = 0,
) -> MeasuredBoxes:
    """Return one split's record, each measure as `{"value", "low", "high"}`; None in all three where it is undefined.

    Keys of the record:
        images, with_boxes, patients (groups), boxes (drawn), found (boxes, at any score): counts. boxes_of: boxes that
            were drawn, by finding; absent_findings: those without any, which no mean counts.
        map50, map50_95: mean over the findings of COCO's average precision, at an intersection over union (IoU) of 0.5,
            and on the mean over 0.5 to 0.95 in steps of 0.05. ap50, ap50_95: the same by finding.
        sensitivity: by rate ("0.25", "0.5", "1", "2", "4", "8"), the share of the boxes of all findings that is found
            (IoU 0.5 and the same finding) with so many false boxes a picture; a second box on one truth is false.
            froc: their mean.
        patient_sensitivity, patient_froc: the same, where a patient with a box is found when one of the boxes is.

    Bounds are None when fewer than two groups with a truth or fewer than 50 resamples define the measure.

    Args:
        truth: boxes that were drawn on each picture, N of them; the label is the place in `findings`.
        found: boxes that were found on each, N of them, in any order; of one picture and finding the 100 surest count.
        findings: name of each label.
        groups: patient or look-alike group of each picture, N of them.
        bootstrap: resamples of the groups.
        confidence: coverage, 0.5 to below 1.
        seed: of the resampling; the same seed draws the same groups as every interval of this repository.

    Raises:
        ValueError: there is no picture, lengths differ, a label has no name or a score is not within 0 to 1.

    Example:
        >>> drawn = [Boxes.of([[0, 0, 4, 4]]), Boxes.of([[4, 4, 8, 8]]), Boxes.of([])]
        >>> seen = [Boxes.of([[0, 0, 4, 4]], scores=[0.9]), Boxes.of([]), Boxes.of([[1, 1, 2, 2]], scores=[0.4])]
        >>> record = measure_boxes(drawn, seen, ["opacity"], ["a", "b", "c"], bootstrap=100)
        >>> round(record["map50"]["value"], 3), record["sensitivity"]["0.25"]["value"], record["patients"]
        (0.505, 0.5, 3)
    """
    sample = BoxSample(truth, found, findings, groups)
    intervals = BoxIntervals(sample, bootstrap, confidence, seed)
    counts = dict(zip(findings, sample.boxes_of, strict=True))
    return {
        "images": len(truth),
        "with_boxes": int(sample.has_boxes.sum()),
        "boxes": sum(counts.values()),
        "found": sum(map(len, found)),
        "patients": len(sample.pictures),
        "map50": intervals.of("map50"),
        "map50_95": intervals.of("map50_95"),
        "froc": intervals.of("froc"),
        "patient_froc": intervals.of("patient_froc"),
        "ap50": {name: intervals.of(f"ap50 {name}") for name in findings},
        "ap50_95": {name: intervals.of(f"ap50_95 {name}") for name in findings},
        "sensitivity": {rate: intervals.of(f"sensitivity {rate}") for rate in RATE_NAMES},
        "patient_sensitivity": {rate: intervals.of(f"patient_sensitivity {rate}") for rate in RATE_NAMES},
        "boxes_of": counts,
        "absent_findings": [name for name, count in counts.items() if not count],
    }


def _check(truth: Sequence[Boxes], found: Sequence[Boxes], findings: Sequence[str], groups: Sequence[object]) -> None:
    if not len(truth) == len(found) == len(groups) or not len(truth):
        raise ValueError(
            "expected at least one picture, each with its boxes, what was found and its group, "
            f"received {len(truth)}, {len(found)} and {len(groups)}"
        )
    for boxes in (*truth, *found):
        if len(boxes) and not 0 <= boxes.labels.min() <= boxes.labels.max() < len(findings):
            raise ValueError(f"expected labels 0 to {len(findings) - 1}, received {sorted(set(boxes.labels.tolist()))}")
    scores: NDArray[np.float64] = np.concatenate([boxes.scores for boxes in found])
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ValueError("expected scores within 0 to 1, received others: the training diverged")
