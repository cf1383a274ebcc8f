"""The scores of the two public competitions of boxes on chest X-rays, on our own split.

SIIM-FISABIO-RSNA COVID-19 Detection (Kaggle 2021): the mean of six average precisions as PASCAL VOC 2010 takes them, at
an intersection over union above 0.5. Four are of the classes of a study, each a box over the whole picture; "opacity"
is of the boxes; "none" is of the pictures without a box, whose confidence is 1 less the surest box.

RSNA Pneumonia Detection (Kaggle 2018): TP / (TP + FP + FN) of each picture, on the mean over eight overlaps from 0.4 to
0.75, then over the pictures; one without a box counts, as 0, when anything is drawn on it, and not at all otherwise.
"""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from chestbench.core.errors import ChestbenchError
from chestbench.core.words import Figure
from chestbench.imaging.boxes import Boxes, iou
from chestbench.measures.detection.intervals import BoxIntervals
from chestbench.measures.detection.precision import voc_precision
from chestbench.measures.detection.ranked import Floats, Found, Ints, Ranked
from chestbench.measures.resampled import group_codes
from chestbench.measures.studies import average_per_study

STUDY_CLASSES = ("negative", "typical", "indeterminate", "atypical")
RSNA_OVERLAPS = tuple(np.arange(0.4, 0.76, 0.05).round(2).tolist())
_OVERLAP = 0.5


class SiimScore(TypedDict):
    """`score` is the mean of the six, undefined (None) where one of them is or where no network tells the classes."""

    score: Figure
    average_precision: dict[str, Figure]  # of the classes there are, "opacity" and "none"


class RsnaScore(TypedDict):
    """`threshold` is the score from which on boxes were drawn."""

    score: Figure
    threshold: float


class StudyAnswers(TypedDict):
    """What a classifier says of the same pictures.

    Attributes:
        studies: study of each picture ("" where it is not known), N of them.
        classes: of the data set, each beginning with a word of `STUDY_CLASSES`, in any order.
        labels: class of each picture, (N,).
        probabilities: (N, C).
    """

    studies: Sequence[str]
    classes: Sequence[str]
    labels: Ints
    probabilities: Floats


def study_class(name: str) -> str:
    """Return the competition's word for a class, such as negative for "Negative for Pneumonia".

    Raises:
        ChestbenchError: there is none.
    """
    words = name.split() or [""]
    word = words[0].lower()
    if word not in STUDY_CLASSES:
        raise ChestbenchError(
            f"the competition's score: expected classes that begin with {', '.join(STUDY_CLASSES)}, received {name!r}; "
            "set dataset.boxes.submission to null for other classes"
        )
    return word


def none_scores(found: Sequence[Boxes]) -> Floats:
    """Return how sure it is that each picture has no box, (N,): 1 less the score of its surest one."""
    return 1.0 - np.array([boxes.scores.max(initial=0.0) for boxes in found])


def siim_score(
    truth: Sequence[Boxes],
    found: Sequence[Boxes],
    groups: Sequence[object],
    answers: StudyAnswers | None,
    bootstrap: int,
    confidence: float = 0.95,
    seed: int = 0,
) -> SiimScore:
    """Return the score of SIIM-FISABIO-RSNA; every finding counts as an opacity.

    Args:
        truth: boxes that were drawn on each picture, N of them.
        found: boxes that were found on each, with all their scores: no threshold is chosen.
        groups: patient or look-alike group of each picture.
        answers: of a classifier; None: no score, and the average precisions of opacity and none alone.
        bootstrap: resamples of the groups.
        confidence: coverage, 0.5 to below 1.
        seed: of the resampling.

    Example:
        >>> drawn = [Boxes.of([[0, 0, 4, 4]]), Boxes.of([])]
        >>> seen = [Boxes.of([[0, 0, 4, 4]], scores=[0.9]), Boxes.of([[0, 0, 4, 4]], scores=[0.2])]
        >>> score = siim_score(drawn, seen, ["a", "b"], None, bootstrap=100)
        >>> {name: figure["value"] for name, figure in score["average_precision"].items()}, score["score"]["value"]
        ({'opacity': 1.0, 'none': 1.0}, None)
    """
    codes = group_codes(groups)
    lists = dict(_study_lists(answers, groups, codes)) if answers else {}
    lists["opacity"] = _opacity(truth, found, codes)
    has_boxes = np.array([len(boxes) > 0 for boxes in truth])
    lists["none"] = _listed(none_scores(found), ~has_boxes, codes, int(codes.max()) + 1)
    sample = _Siim(lists, codes, has_boxes)
    intervals = BoxIntervals(sample, bootstrap, confidence, seed)
    nothing: Figure = {"value": None, "low": None, "high": None}
    whole = answers is not None and set(STUDY_CLASSES) < set(lists)
    return {
        "score": intervals.of("score") if whole else nothing,
        "average_precision": {name: intervals.of(name) for name in lists},
    }


def rsna_score(
    truth: Sequence[Boxes],
    found: Sequence[Boxes],
    groups: Sequence[object],
    threshold: float,
    bootstrap: int,
    confidence: float = 0.95,
    seed: int = 0,
) -> RsnaScore:
    """Return the score of RSNA Pneumonia Detection for the boxes from a score on; every finding counts as one.

    Args:
        truth: boxes that were drawn on each picture, N of them.
        found: boxes that were found on each.
        groups: patient or look-alike group of each picture.
        threshold: least score of a box that is handed in, chosen on val.
        bootstrap: resamples of the groups.
        confidence: coverage, 0.5 to below 1.
        seed: of the resampling.

    Example:
        >>> drawn = [Boxes.of([[0, 0, 4, 4]]), Boxes.of([]), Boxes.of([])]
        >>> seen = [Boxes.of([[0, 0, 4, 4]], scores=[0.9]), Boxes.of([[0, 0, 4, 4]], scores=[0.6]), Boxes.of([])]
        >>> rsna_score(drawn, seen, ["a", "b", "c"], 0.5, bootstrap=100)["score"]["value"]
        0.5
    """
    sample = _Rsna(truth, [boxes.take(boxes.scores >= threshold) for boxes in found], group_codes(groups))
    return {"score": BoxIntervals(sample, bootstrap, confidence, seed).of("score"), "threshold": threshold}


def voc_hits(truth: Floats, found: Floats, overlap: float = _OVERLAP) -> NDArray[np.bool_]:
    """Return which found boxes, the surest first, are right: each looks only at the truth that it overlaps most.

    Where a surer one has taken that, it is false, though it may overlap another enough (devkit of VOC 2010). Overlaps
    must lie above `overlap`.
    """
    right, taken = np.zeros(len(found), bool), np.zeros(len(truth), bool)
    for place, shared in enumerate(iou(found, truth) if len(truth) else ()):
        best = int(shared.argmax())
        if shared[best] > overlap and not taken[best]:
            right[place] = taken[best] = True
    return right


class _Siim:
    def __init__(self, lists: Mapping[str, Found], codes: Ints, has_boxes: NDArray[np.bool_]) -> None:
        self.codes, self.has_boxes = codes, has_boxes
        pictures = np.bincount(codes)
        self._ranked = {name: Ranked([found], pictures, ties=False) for name, found in lists.items()}

    def measure(self, weights: Ints | None = None) -> dict[str, Floats]:
        rows = np.ones((1, int(self.codes.max()) + 1), np.int64) if weights is None else weights
        each = {name: voc_precision(ranked, rows) for name, ranked in self._ranked.items()}
        return each | {"score": np.mean(list(each.values()), axis=0)}

    def groups_behind(self) -> dict[str, int]:
        own = {name: ranked.groups_behind for name, ranked in self._ranked.items()}
        return own | {"score": min(own.values())}


class _Rsna:
    def __init__(self, truth: Sequence[Boxes], found: Sequence[Boxes], codes: Ints) -> None:
        self.codes, self.has_boxes = codes, np.array([len(boxes) > 0 for boxes in truth])
        each = np.array([_picture_score(drawn, own) for drawn, own in zip(truth, found, strict=True)])
        counts = self.has_boxes | np.array([len(boxes) > 0 for boxes in found])
        self._sums, self._counts = np.bincount(codes, each * counts), np.bincount(codes, counts)

    def measure(self, weights: Ints | None = None) -> dict[str, Floats]:
        rows = np.ones((1, len(self._sums)), np.int64) if weights is None else weights
        pictures = rows @ self._counts
        return {"score": np.where(pictures > 0, rows @ self._sums / np.maximum(pictures, 1), np.nan)}

    def groups_behind(self) -> dict[str, int]:
        return {"score": int(np.count_nonzero(self._counts))}


def _picture_score(truth: Boxes, found: Boxes) -> float:
    shared = iou(found.take(np.argsort(-found.scores, kind="stable")).corners, truth.corners)
    scores = []
    for overlap in RSNA_OVERLAPS:
        free, right = np.ones(len(truth), bool), 0
        for row in shared if len(truth) else ():
            left = np.where(free & (row > overlap), row, 0.0)
            if left.any():
                free[left.argmax()] = False
                right += 1
        scores.append(right / max(len(truth) + len(found) - right, 1))
    return float(np.mean(scores))


def _listed(scores: Floats, right: NDArray[np.bool_], codes: Ints, n_groups: int) -> Found:
    return Found(scores, right, codes, np.bincount(codes[right], minlength=n_groups))


def _study_lists(answers: StudyAnswers, groups: Sequence[object], codes: Ints) -> list[tuple[str, Found]]:
    names = [str(group) for group in groups]
    judged = average_per_study(answers["studies"], answers["labels"], answers["probabilities"], names)
    code_of = dict(zip(names, codes.tolist(), strict=True))
    own, scores = np.array([code_of[group] for group in judged.groups]), judged.probabilities.astype(np.float64)
    return [
        (study_class(name), _listed(scores[:, place], judged.labels == place, own, int(codes.max()) + 1))
        for place, name in enumerate(answers["classes"])
    ]


def _opacity(truth: Sequence[Boxes], found: Sequence[Boxes], codes: Ints) -> Found:
    scores, right, groups = [np.zeros(0)], [np.zeros(0, bool)], [np.zeros(0, np.int64)]
    for drawn, own, group in zip(truth, found, codes.tolist(), strict=True):
        order = np.argsort(-own.scores, kind="stable")
        scores.append(own.scores[order])
        right.append(voc_hits(drawn.corners, own.corners[order]))
        groups.append(np.full(len(order), group))
    truths = np.bincount(codes, [len(boxes) for boxes in truth]).astype(np.int64)
    return Found(np.concatenate(scores), np.concatenate(right), np.concatenate(groups), truths)
