"""Found boxes in the order of their scores, each right or false, counted anew under many weightings of the groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from chestbench.imaging.box_precision import hits
from chestbench.imaging.boxes import Boxes, iou

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]
# Of one picture and finding the surest so many count, as in COCO.
MOST = 100


@dataclass(frozen=True)
class Found:
    """D answers of one finding, in the order of the pictures and of falling scores within each.

    Attributes:
        scores: (D,).
        right: bool (D,), whether the answer takes a truth that no surer one took.
        groups: group of each, (D,) from 0.
        truths: truths of each group, (G,).
    """

    scores: Floats
    right: NDArray[np.bool_]
    groups: Ints
    truths: Ints


def found_of(
    truth: Sequence[Boxes], found: Sequence[Boxes], codes: Ints, label: int, overlaps: Sequence[float]
) -> list[Found]:
    """Return what was found of one finding, at each overlap from which on a box is right.

    Args:
        truth: boxes that were drawn on each picture.
        found: boxes that were found on each, in any order.
        codes: group of each picture, (N,) from 0.
        label: the finding.
        overlaps: intersections over union.
    """
    scores, groups = [np.zeros(0)], [np.zeros(0, np.int64)]
    right = [[np.zeros(0, bool)] for _ in overlaps]
    truths = np.zeros(int(codes.max()) + 1, np.int64)
    for of_truth, of_found, group in zip(truth, found, codes.tolist(), strict=True):
        drawn = of_truth.corners[of_truth.labels == label]
        truths[group] += len(drawn)
        mine = np.flatnonzero(of_found.labels == label)
        order = mine[np.argsort(-of_found.scores[mine], kind="stable")][:MOST]
        scores.append(of_found.scores[order])
        groups.append(np.full(len(order), group))
        corners = of_found.corners[order]
        # A box that overlaps none enough is false whatever the others do.
        near = iou(corners, drawn).max(axis=1, initial=0.0) >= min(overlaps)
        for part, overlap in zip(right, overlaps, strict=True):
            is_right = np.zeros(len(order), bool)
            if near.any():
                is_right[near] = hits(drawn, corners[near], overlap)
            part.append(is_right)
    every, of = np.concatenate(scores), np.concatenate(groups)
    return [Found(every, np.concatenate(part), of, truths) for part in right]


class Ranked:
    """Answers in the order of their scores.

    Precision falls with each false answer and rises with each right one, so that only the K right ones are steps of a
    curve; before each stand a number of false ones of each group.

    Attributes:
        groups: group of each right answer, the surest first, (K,).
        truths: truths of each group, (G,).
        pictures: pictures of each group, (G,).
    """

    def __init__(self, found: Sequence[Found], pictures: Ints, ties: bool) -> None:
        """Sort.

        Args:
            found: of one finding, or of several whose answers are ranked together.
            pictures: of each group, (G,).
            ties: whether equal scores share a threshold, as they must where a threshold is chosen; otherwise they stand
                in the order given, as in COCO.
        """
        scores = np.concatenate([part.scores for part in found])
        right, groups = (np.concatenate([getattr(part, name) for part in found]) for name in ("right", "groups"))
        # Of a tie that shares a threshold the false ones stand first: each right one has them all before it.
        order = np.lexsort((right, -scores)) if ties else np.argsort(-scores, kind="stable")
        right, groups = right[order], groups[order]
        self.truths = np.sum([part.truths for part in found], axis=0)
        self.pictures = pictures
        self._keep(np.flatnonzero(right), np.flatnonzero(~right), groups)

    def _keep(self, right: Ints, false: Ints, groups: Ints) -> None:
        self.groups = groups[right]
        # False answers of each group between one right answer and the next, (K + 1, G): of many groups most have none.
        places = np.searchsorted(right, false), groups[false]
        self._between = csr_array((np.ones(len(false)), places), shape=(len(right) + 1, len(self.truths)))

    def by_group(self) -> "Ranked":
        """Return the same with one truth a group that has any, found where the first of its truths is."""
        first = np.sort(np.unique(self.groups, return_index=True)[1])
        other = object.__new__(Ranked)
        other.groups, other.pictures = self.groups[first], self.pictures
        other.truths = (self.truths > 0).astype(np.int64)
        # All that stand between two of them are summed.
        parts, every = np.searchsorted(first, np.arange(self._between.shape[0])), np.arange(self._between.shape[0])
        other._between = (
            csr_array((np.ones(len(every)), (parts, every)), shape=(len(first) + 1, len(every))) @ self._between
        )
        return other

    def counts(self, weights: Ints) -> tuple[Floats, Floats, Floats]:
        """Return right and false answers from the surest to each right one, both (R, K), and all truths, (R,).

        Args:
            weights: how often each group counts, (R, G).
        """
        times = np.asarray(weights, np.float64)
        false = np.cumsum((self._between @ times.T)[:-1], axis=0).T
        return np.cumsum(times[:, self.groups], axis=1), false, times @ self.truths

    @property
    def groups_behind(self) -> int:
        """How many groups have a truth."""
        return int(np.count_nonzero(self.truths))
