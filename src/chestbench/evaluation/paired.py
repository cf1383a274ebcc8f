"""Whether networks differ from one that was chosen before: a paired bootstrap over groups, on the same test images.

Every network sees the same images and the same resamples, so what makes a patient easy or hard for all of them cancels
(Efron and Tibshirani 1993, An Introduction to the Bootstrap, ch. 16). Groups are drawn, not images, because images of
one patient are not independent. A difference is `network - chosen` in

- balanced accuracy: the mean over the classes of the differences in sensitivity, which decides;
- macro ROC-AUC: the mean over the classes of the differences in one-against-rest AUC.

p is two-sided and never 0: with d* the difference in each of R resamples that define it,
`min(1, 2 min(1 + #{d* <= 0}, 1 + #{d* >= 0}) / (1 + R))`, which is the level at which the interval of percentiles
touches 0. With few groups both are too sure of themselves, so both are widened as a t interval is wider than one of the
normal distribution (the expanded percentile interval of Hesterberg 2015, The American Statistician 69:371), with the
degrees of freedom of a sum of class means of which each has its own number of groups (Welch 1947, Satterthwaite 1946).
Simulated with networks that are equal, 5% is then rejected in 2 to 6 of 100 test sets, also where a class has only
three groups; plain percentiles reject in up to 14.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from chestbench.evaluation.intervals import resampled_weights
from chestbench.evaluation.metrics import predict_class
from chestbench.evaluation.weighted_auc import ClassRanking
from chestbench.parallel import ordered_map

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]
# Fewer resamples than this that define a difference say nothing of its spread.
RESAMPLES_NEEDED = 50
# Sums of the same shares in another order differ by less.
ROUNDING = 1e-12


class Difference(NamedTuple):
    """Network minus chosen. Bounds and p are None where the test set cannot tell them (a class in one group only)."""

    value: float
    low: float | None
    high: float | None
    p: float | None


class Differences(NamedTuple):
    """One network against the chosen one."""

    balanced_accuracy: Difference
    macro_auc: Difference | None


def paired_differences(
    labels: Ints,
    groups: Sequence[object],
    chosen: Floats,
    others: Sequence[Floats],
    resamples: int,
    confidence: float = 0.95,
    seed: int = 0,
) -> list[Differences]:
    """Return each network's differences from the chosen one.

    Classes absent from the test set are left out of both means. `macro_auc` is None when all images are of one class.

    Args:
        labels: class index per image, (N,).
        groups: patient or look-alike group of each image, N of them.
        chosen: the chosen network's probabilities, (N, C).
        others: one array (N, C) for each network.
        resamples: bootstrap resamples. The same seed draws the same groups as `intervals.evaluate_split`.
        confidence: coverage of the intervals, 0.5 to below 1.
        seed: of the drawing.
    """
    if not others:
        return []
    labels = np.asarray(labels, dtype=np.int64)
    codes = np.unique([str(group) for group in groups], return_inverse=True)[1]
    present = np.unique(labels)
    holds = np.zeros((int(codes.max()) + 1, len(present)), dtype=bool)
    holds[codes, np.searchsorted(present, labels)] = True
    networks = [chosen, *others]
    hits, totals = _hits_by_group(labels, codes, networks, present)
    rankings = _rankings(labels, codes, networks, present)
    unit = np.ones((len(holds), 1))
    points = _sensitivities(hits, totals, unit), _aucs(rankings, unit)
    drawn: tuple[list[Floats], list[Floats]] = ([], [])
    for weights in resampled_weights(np.arange(len(holds)), resamples, seed):
        block = weights.astype(np.float64)
        drawn[0].append(_sensitivities(hits, totals, block))
        drawn[1].append(_aucs(rankings, block))
    n_holding = holds.sum(axis=0)
    # A class against the rest is known no better than the side that fewer groups hold.
    others_holding = np.array([np.delete(holds, place, axis=1).any(axis=1).sum() for place in range(len(present))])
    found = []
    for place in range(1, len(networks)):
        same = np.array_equal(networks[place], chosen)
        accuracy = _difference(points[0], drawn[0], place, n_holding, confidence, same)
        auc = None
        if len(present) > 1:
            auc = _difference(points[1], drawn[1], place, np.minimum(n_holding, others_holding), confidence, same)
        found.append(Differences(accuracy, auc))
    return found


def _difference(
    point: Floats, drawn: Sequence[Floats], place: int, groups: Ints, confidence: float, same: bool
) -> Difference:
    """Return the difference of network `place` from network 0.

    Args:
        point: (networks, classes, 1). drawn: blocks (networks, classes, r).
        groups: how many groups each class's figure stands on.
        same: whether both networks say exactly the same.
    """
    if same:
        return Difference(0.0, 0.0, 0.0, 1.0)
    value = float((point[place] - point[0]).mean())
    by_class = np.concatenate([block[place] - block[0] for block in drawn], axis=1)
    by_class = by_class[:, np.isfinite(by_class).all(axis=0)]
    if by_class.shape[1] < RESAMPLES_NEEDED or groups.min() < 2:
        return Difference(value, None, None, None)
    values = by_class.mean(axis=0)
    widening, freedom = _small_sample(by_class.var(axis=1), groups)
    tail = ndtr(widening * stdtrit(freedom, (1 - confidence) / 2))
    low, high = np.quantile(values, (tail, 1 - tail))
    fewer = min((values <= ROUNDING).sum(), (values >= -ROUNDING).sum())
    plain = min(1.0, 2 * (1 + int(fewer)) / (1 + len(values)))
    return Difference(value, float(low), float(high), float(2 * stdtr(freedom, ndtri(plain / 2) / widening)))


def _small_sample(variances: Floats, groups: Ints) -> tuple[float, float]:
    """Return how much wider a standard error is than the bootstrap's, and its degrees of freedom.

    Args:
        variances: bootstrap variance of each class's difference. groups: groups behind it, each at least 2.
    """
    shares = variances / variances.sum() if variances.sum() > 0 else np.full(len(groups), 1 / len(groups))
    return float(np.sqrt((shares * groups / (groups - 1)).sum())), float(1 / (shares**2 / (groups - 1)).sum())


def _hits_by_group(labels: Ints, codes: Ints, networks: Sequence[Floats], present: Ints) -> tuple[Floats, Floats]:
    """Return right answers (networks * classes, G) and images (classes, G) of each class in each group."""
    n_groups = int(codes.max()) + 1

    def count(chosen: NDArray[np.bool_]) -> Floats:
        return np.bincount(codes[chosen], minlength=n_groups).astype(np.float64)

    hits = [count((labels == name) & (predict_class(said) == name)) for said in networks for name in present]
    return np.stack(hits), np.stack([count(labels == name) for name in present])


def _sensitivities(hits: Floats, totals: Floats, weights: Floats) -> Floats:
    """Return (networks, classes, r) under group weights (G, r); NaN where a class has no weight."""
    seen = totals @ weights
    with np.errstate(divide="ignore", invalid="ignore"):
        return (hits @ weights).reshape(-1, *seen.shape) / seen


def _rankings(labels: Ints, codes: Ints, networks: Sequence[Floats], present: Ints) -> list[list[ClassRanking]]:
    """Return one ranking per network and class that occurs (none when only one does)."""
    if len(present) < 2:
        return [[] for _ in networks]
    return [[ClassRanking(said[:, name], labels == name, codes) for name in present] for said in networks]


def _aucs(rankings: Sequence[Sequence[ClassRanking]], weights: Floats) -> Floats:
    """Return (networks, classes, r) under group weights (G, r)."""
    areas = ordered_map(lambda ranking: ranking.auc(weights), (ranking for classes in rankings for ranking in classes))
    return np.array(list(areas)).reshape(len(rankings), len(rankings[0]), weights.shape[1])
