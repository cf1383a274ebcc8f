"""Pointwise bands of ROC and precision-recall curves, by the bootstrap over groups that all intervals come from.

At each place of a grid a curve has a value: the sensitivity at that false positive rate (Fawcett 2006, Pattern
Recognition Letters 27:861, vertical averaging), the precision at that sensitivity. A band says where the curve may lie
at one place, not that the whole curve lies inside.

One place of a curve rests on few groups and leaps from value to value, which a normal curve on the logit scale (as for
whole measures, bounds.py) does not describe: here the ends are expanded percentiles (Hesterberg 2015, The American
Statistician 69:371), and the exact bounds where the curve is at 0 or 1.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from chestbench.measures import bounds
from chestbench.measures.resampled import group_codes
from chestbench.measures.resampling import group_draws

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]
# Closer where curves of good networks turn: near no false positives, and near full recall.
FPR_PLACES = np.unique(np.concatenate([np.linspace(0, 0.1, 11), np.linspace(0.1, 1, 19)]))
RECALL_PLACES = np.unique(np.concatenate([np.linspace(0.05, 0.9, 18), np.linspace(0.9, 1, 11)]))


class Band(NamedTuple):
    """A curve at P places with both ends of its interval there; NaN where it is not defined or has no bounds."""

    places: Floats
    value: Floats
    low: Floats
    high: Floats


class _Curve:
    """One class against the rest, its images in the order of falling scores."""

    def __init__(self, scores: Floats, positive: NDArray[np.bool_], codes: Ints) -> None:
        order = np.argsort(-scores, kind="stable")
        self._order, self._positive, self._codes = order, positive[order], codes[order]
        ranked = scores[order]
        self._last_of_tie = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
        firsts = np.unique(self._codes, return_index=True)[1]
        self._groups_so_far = np.cumsum(np.isin(np.arange(len(order)), firsts))

    def groups_at(self, place: int) -> int:
        """Return how many groups have an image called at the place-th threshold."""
        return int(self._groups_so_far[self._last_of_tie[place]])

    def counts(self, weights: Ints) -> tuple[Floats, Floats]:
        """Return true and false positives at each threshold under each weighting of the groups, both (r, T)."""
        images = weights[:, self._codes]
        hits = np.cumsum(np.where(self._positive, images, 0), axis=1)[:, self._last_of_tie]
        misses = np.cumsum(np.where(self._positive, 0, images), axis=1)[:, self._last_of_tie]
        return hits.astype(np.float64), misses.astype(np.float64)

    def sensitivity_at(self, weights: Ints, places: Floats) -> Floats:
        """Return the highest sensitivity whose false positive rate is no higher, (r, P)."""
        hits, misses = self.counts(weights)
        found = np.full((len(weights), len(places)), np.nan)
        for row, (own, rest) in enumerate(zip(hits, misses, strict=True)):
            if own[-1] and rest[-1]:
                at = np.searchsorted(rest / rest[-1], places + 1e-12, side="right")
                found[row] = np.append(0.0, own)[at] / own[-1]
        return found

    def precision_at(self, weights: Ints, places: Floats) -> Floats:
        """Return the precision at the highest threshold that reaches each sensitivity, (r, P)."""
        hits, misses = self.counts(weights)
        found = np.full((len(weights), len(places)), np.nan)
        for row, (own, rest) in enumerate(zip(hits, misses, strict=True)):
            if own[-1]:
                at = np.searchsorted(own / own[-1], places - 1e-12, side="left")
                found[row] = own[at] / (own[at] + rest[at])
        return found

    def thresholds_at(self, places: Floats) -> Ints:
        """Return the place of the threshold that first reaches each sensitivity, (P,)."""
        hits = np.cumsum(self._positive)[self._last_of_tie]
        return np.searchsorted(hits / hits[-1], places - 1e-12, side="left")


def roc_band(
    scores: Floats,
    positive: NDArray[np.bool_],
    groups: Sequence[object],
    resamples: int,
    confidence: float = 0.95,
    seed: int = 0,
) -> Band | None:
    """Return the ROC curve of one class with its band; None where one side has no image.

    Args:
        scores: probability of the class, (N,).
        positive: whether each image is of it, (N,).
        groups: patient or look-alike group of each image, N of them.
        resamples: bootstrap resamples of the groups.
        confidence: coverage at each place, 0.5 to below 1.
        seed: of the drawing: the groups are drawn as for every interval of the same seed.

    Example:
        >>> said = np.linspace(0, 1, 40)
        >>> band = roc_band(said, said > 0.4, range(40), 200)
        >>> float(band.value[0]), bool(band.low[0] < 1), float(band.high[0])
        (1.0, True, 1.0)
    """
    if positive.all() or not positive.any():
        return None
    codes = group_codes(groups)
    curve = _Curve(scores, positive, codes)
    behind = min(len(np.unique(codes[positive])), len(np.unique(codes[~positive])))

    def at(weights: Ints) -> Floats:
        return curve.sensitivity_at(weights, FPR_PLACES)

    return _band(FPR_PLACES, at, codes, np.full(len(FPR_PLACES), behind), (resamples, confidence, seed))


def pr_band(
    scores: Floats,
    positive: NDArray[np.bool_],
    groups: Sequence[object],
    resamples: int,
    confidence: float = 0.95,
    seed: int = 0,
) -> Band | None:
    """Return the precision-recall curve of one class with its band, as `roc_band`; None where no image is of it."""
    if not positive.any():
        return None
    codes = group_codes(groups)
    curve = _Curve(scores, positive, codes)
    behind = np.array([curve.groups_at(place) for place in curve.thresholds_at(RECALL_PLACES)])

    def at(weights: Ints) -> Floats:
        return curve.precision_at(weights, RECALL_PLACES)

    return _band(RECALL_PLACES, at, codes, behind, (resamples, confidence, seed))


def _band(
    places: Floats,
    at: Callable[[Ints], Floats],
    codes: Ints,
    behind: Ints,
    drawing: tuple[int, float, int],
) -> Band:
    """Return the band of a curve; `behind` groups stand behind it at each place, `drawing` is as the arguments are."""
    resamples, confidence, seed = drawing
    n_groups = int(codes.max()) + 1
    value = at(np.ones((1, n_groups), np.int32))[0]
    drawn = np.concatenate([at(table) for table in group_draws(n_groups, resamples, seed, len(codes))])
    low, high = np.full(len(places), np.nan), np.full(len(places), np.nan)
    for place, found in enumerate(value):
        defined, groups = drawn[np.isfinite(drawn[:, place]), place], int(behind[place])
        if not np.isfinite(found) or groups < 2 or len(defined) < bounds.FEWEST_RESAMPLES:
            continue
        if found in (0.0, 1.0):
            low[place], high[place] = bounds.exact_bounds(float(found), groups, confidence)
        else:
            tail = float(ndtr(-bounds.expansion(groups - 1, confidence)))
            low[place], high[place] = np.quantile(defined, [tail, 1 - tail])
    return Band(places, value, low, high)
