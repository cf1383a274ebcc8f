"""Whether networks differ from one that was chosen before: a paired bootstrap over groups, on the same test images.

Every network sees the same images and the same resamples, so what makes a patient easy or hard for all of them cancels
(Efron and Tibshirani 1993, An Introduction to the Bootstrap, ch. 16). Groups are drawn, not images, because images of
one patient are not independent. A difference is `network - chosen` in

- balanced accuracy: the mean over the classes of the differences in sensitivity, which decides;
- macro ROC-AUC: the mean over the classes of the differences in one-against-rest AUC.

The standard error is the bootstrap's, and both interval and two-sided p are Student's t with it: degrees of freedom
and a widening for few groups as of a sum of class means that rest on different numbers of groups (Satterthwaite 1946;
Hesterberg 2015, The American Statistician 69:371). Counting resamples beyond 0, the other usual p, cannot fall below
2 / (1 + resamples), which Holm's correction over many networks would put above any level.

p is never below 2 ** (1 - g), where g is the number of groups in which the two networks' answers differ: exchanging the
two in each of those groups gives 2 ** g arrangements, so no exact test could say more. Hence p is never 0, five groups
never reach 5%, and networks that are right about the same images have a difference of 0 and p = 1.

Simulated (`python -m benchmarks.paired --coverage 500`: 10 to 400 groups, one or several images each, two or three
classes) equal networks are told apart at 5% in 0 to 5 of 100 test sets, and the interval holds the true difference in
91 to 100, but in 82 where a class has five groups that may all answer alike.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from chestbench.core.parallel import ordered_map
from chestbench.measures.bounds import exact_bounds
from chestbench.measures.metrics import predict_class
from chestbench.measures.resampling import group_draws
from chestbench.measures.weighted_auc import ClassRanking

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]
# Fewer resamples than this that define a difference say nothing of its spread.
RESAMPLES_NEEDED = 50
# More groups than these lower p no further: it would be 0 in a float.
MOST_GROUPS = 1_000
# Sums of the same shares in another order differ by less.
ROUNDING = 1e-12


class Difference(NamedTuple):
    """Network minus chosen; bounds and p are None where the test set cannot tell (a class in one group only)."""

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

    def measured(rows: Ints) -> tuple[Floats, Floats]:
        """Return sensitivities and AUCs, (networks, classes, r) each, under group weights (r, G)."""
        weights = np.ascontiguousarray(rows.T, dtype=np.float64)
        areas = [[ranking.auc(weights) for ranking in classes] for classes in rankings]
        shape = len(networks), len(rankings[0]), len(rows)
        return _sensitivities(hits, totals, weights), np.array(areas).reshape(shape)

    points = measured(np.ones((1, len(holds)), dtype=np.int32))
    draws = group_draws(len(holds), resamples, seed, len(labels))
    drawn = [np.concatenate(blocks, axis=2) for blocks in zip(*ordered_map(measured, draws), strict=True)]
    n_holding = holds.sum(axis=0)
    # A class against the rest is known no better than the side that fewer groups hold.
    rest_holding = np.array([np.delete(holds, place, axis=1).any(axis=1).sum() for place in range(len(present))])
    hits = hits.reshape(len(networks), len(present), -1)
    found = []
    for place, said in enumerate(others, start=1):
        if np.array_equal(said, chosen):
            nothing = Difference(0.0, 0.0, 0.0, 1.0)
            found.append(Differences(nothing, nothing if len(present) > 1 else None))
            continue
        differing = int((hits[place] != hits[0]).any(axis=0).sum())
        accuracy = _difference(points[0][[0, place]], drawn[0][[0, place]], n_holding, differing, confidence)
        auc = None
        if len(present) > 1:
            differing = len(np.unique(codes[(said != chosen).any(axis=1)]))
            behind = np.minimum(n_holding, rest_holding)
            auc = _difference(points[1][[0, place]], drawn[1][[0, place]], behind, differing, confidence)
        found.append(Differences(accuracy, auc))
    return found


def _difference(point: Floats, drawn: Floats, groups: Ints, differing: int, confidence: float) -> Difference:
    """Return the difference of a network from the chosen one, which comes first.

    Args:
        point: each class's figure, (2, classes, 1). drawn: the same in the resamples, (2, classes, R).
        groups: how many groups each class's figure stands on.
        differing: in how many groups the two networks' answers differ.
    """
    value = float((point[1] - point[0]).mean())
    by_class = drawn[1] - drawn[0]
    by_class = by_class[:, np.isfinite(by_class).all(axis=0)]
    if by_class.shape[1] < RESAMPLES_NEEDED or groups.min() < 2:
        return Difference(value, None, None, None)
    variances = by_class.var(axis=1)
    shares = variances / variances.sum() if variances.sum() > 0 else np.full(len(groups), 1 / len(groups))
    freedom = float(1 / (shares**2 / (groups - 1)).sum())
    error = float(by_class.mean(axis=0).std() * np.sqrt((shares * groups / (groups - 1)).sum()))
    if error > ROUNDING:
        p = 2 * float(stdtr(freedom, -abs(value) / error))
        reach = float(stdtrit(freedom, (1 + confidence) / 2)) * error
    else:
        # Every resample alike: t has no bound (or there is no difference), and the groups seen bound what was not.
        p = float(abs(value) < ROUNDING)
        reach = exact_bounds(0.0, int(groups.min()), confidence)[1]
    p = min(1.0, max(p, 2.0 ** (1 - min(differing, MOST_GROUPS))))
    low, high = max(value - reach, -1.0), min(value + reach, 1.0)
    if p > 1 - confidence:
        # The floor decides: an interval that excludes 0 would contradict it.
        low, high = min(low, 0.0), max(high, 0.0)
    return Difference(value, low, high, p)


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
