"""ROC-AUC and average precision under many weightings of the groups: the scores are sorted once, then only counted."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]


class Ranking:
    """One class against the rest, sorted by score, so that each weighting costs one pass over the images.

    Equal scores share one threshold: half the credit in the AUC, one step in the average precision, which is the
    step-wise sum of scikit-learn.
    """

    def __init__(self, scores: Floats, positive: NDArray[np.bool_], groups: Ints) -> None:
        """Sort.

        Args:
            scores: higher means more likely positive, (N,).
            positive: whether the image is of the class, (N,).
            groups: row of the weight table that each image takes its weight from, (N,).
        """
        order = np.argsort(-scores, kind="stable")
        falling, hit, group = scores[order], positive[order], groups[order]
        self._positives, self._negatives = group[hit], group[~hit]
        # Only thresholds that a positive image passes add to either sum; -falling rises, as searchsorted wants.
        passed, others = -falling[hit], -falling[~hit]
        last = np.flatnonzero(np.append(passed[1:] != passed[:-1], True)[: len(passed)])
        self._last = None if len(last) == len(passed) else last
        self._above = np.searchsorted(others, passed[last], side="left")
        self._upto = np.searchsorted(others, passed[last], side="right")
        self._tied = bool((self._above != self._upto).any())

    def measure(self, weights: Ints) -> tuple[Floats, Floats]:
        """Return ROC-AUC and average precision under each weighting, two arrays (R,); NaN where undefined.

        Args:
            weights: how often each group counts, (R, G) integer.
        """
        new, misses = weights.take(self._positives, axis=1), _running(weights.take(self._negatives, axis=1))
        reached = _running(new)[:, 1:]
        if self._last is not None:
            reached = reached.take(self._last, axis=1)
            new = np.diff(reached, axis=1, prepend=0)
        n_misses = misses[:, -1:].astype(np.float64)
        n_hits = new.sum(axis=1, dtype=np.float64)
        upto = misses.take(self._upto, axis=1)
        # Pairs won, twice: whole numbers, hence exact in any order of summing.
        passed_over = (upto + misses.take(self._above, axis=1)) if self._tied else 2 * upto
        gained = new.astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            won = np.einsum("rt,rt->r", gained, 2 * n_misses - passed_over)
            auc = won / (2 * n_hits * n_misses[:, 0])
            # Where nothing has been passed yet, nothing is new either: any precision will do.
            precision = reached / np.maximum(reached + upto, 1)
            average_precision = np.einsum("rt,rt->r", gained, precision) / n_hits
        return auc, average_precision


def rank_measures(scores: Floats, positive: NDArray[np.bool_], weights: Ints) -> tuple[Floats, Floats]:
    """Return ROC-AUC and average precision of `scores` under each weighting of the images, two arrays (R,).

    Args:
        scores: higher means more likely positive, (N,).
        positive: whether the image is of the class, (N,).
        weights: image weights, (N, R) integer.
    """
    return Ranking(scores, positive, np.arange(len(scores))).measure(np.ascontiguousarray(weights.T))


def _running(weights: Ints) -> Ints:
    """Return the sums of each row up to each place, from 0 on, (R, N + 1); int64 where int32 could overflow."""
    wide = int(weights.max(initial=0)) * weights.shape[1] >= 2**29
    sums = np.zeros((len(weights), weights.shape[1] + 1), dtype=np.int64 if wide else np.int32)
    np.cumsum(weights, axis=1, dtype=sums.dtype, out=sums[:, 1:])
    return sums
