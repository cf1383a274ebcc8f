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

from chestbench.measures.bounds import exact_bounds
from chestbench.measures.metrics import predict_class
from chestbench.measures.resampled import Resampled, group_codes, resample

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


class Answers(NamedTuple):
    """What one network says of the test images, (N, C), and its figures under the bootstrap."""

    probabilities: Floats
    figures: Resampled


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
    """Return each network's differences from the chosen one, from their probabilities alone.

    The pipeline resamples each network once, in `evaluate`, and calls `differences`.

    Args:
        labels: class index per image, (N,).
        groups: patient or look-alike group of each image, N of them.
        chosen: the chosen network's probabilities, (N, C).
        others: one array (N, C) for each network.
        resamples: bootstrap resamples. The same seed draws the same groups as `intervals.evaluate_split`.
        confidence: coverage of the intervals, 0.5 to below 1.
        seed: of the drawing.

    Example:
        Forty patients with one image each; the chosen network misses every other one with COVID, the other none.

        >>> labels = np.tile([0, 1], 20)
        >>> perfect = np.eye(2)[labels]
        >>> misses = np.where(np.arange(40)[:, None] % 4 == 1, [0.7, 0.3], perfect)
        >>> (found,) = paired_differences(labels, range(40), misses, [perfect], resamples=500)
        >>> found.balanced_accuracy.value, found.balanced_accuracy.low > 0, found.balanced_accuracy.p < 0.01
        (0.25, True, True)
    """
    networks = [Answers(said, resample(labels, said, groups, resamples, seed)) for said in (chosen, *others)]
    return differences(labels, groups, networks[0], networks[1:], confidence)


def differences(
    labels: Ints, groups: Sequence[object], chosen: Answers, others: Sequence[Answers], confidence: float = 0.95
) -> list[Differences]:
    """Return each network's differences from the chosen one.

    Classes absent from the test set are left out of both means. `macro_auc` is None when all images are of one class.

    Args:
        labels: class index per image, (N,).
        groups: patient or look-alike group of each image, N of them.
        chosen: the chosen network.
        others: those to compare with it.
        confidence: coverage of the intervals, 0.5 to below 1.

    Raises:
        ValueError: a network was resampled otherwise than the chosen one.
    """
    labels, codes = np.asarray(labels, dtype=np.int64), group_codes(groups)
    present = np.unique(labels)
    holds = np.zeros((int(codes.max()) + 1, len(present)), dtype=bool)
    holds[codes, np.searchsorted(present, labels)] = True
    n_holding = holds.sum(axis=0)
    # A class against the rest is known no better than the side that fewer groups hold.
    rest_holding = np.array([np.delete(holds, place, axis=1).any(axis=1).sum() for place in range(len(present))])
    own, found = _hits_by_group(labels, codes, chosen.probabilities), []
    for other in others:
        if other.figures.draws != chosen.figures.draws:
            raise ValueError("expected networks resampled by the same draws of the groups, received two kinds of draws")
        if np.array_equal(other.probabilities, chosen.probabilities):
            nothing = Difference(0.0, 0.0, 0.0, 1.0)
            found.append(Differences(nothing, nothing if len(present) > 1 else None))
            continue
        differing = int((_hits_by_group(labels, codes, other.probabilities) != own).any(axis=0).sum())
        by_class = (other.figures.sensitivity - chosen.figures.sensitivity)[:, present]
        accuracy = _difference(by_class, n_holding, differing, confidence)
        auc = None
        if len(present) > 1:
            differing = len(np.unique(codes[(other.probabilities != chosen.probabilities).any(axis=1)]))
            by_class = (other.figures.auc - chosen.figures.auc)[:, present]
            auc = _difference(by_class, np.minimum(n_holding, rest_holding), differing, confidence)
        found.append(Differences(accuracy, auc))
    return found


def _difference(by_class: Floats, groups: Ints, differing: int, confidence: float) -> Difference:
    """Return the difference of a network from the chosen one.

    Args:
        by_class: each class's difference as measured, then in each resample, (1 + R, classes).
        groups: how many groups each class's figure stands on, (classes,).
        differing: in how many groups the two networks' answers differ.
        confidence: coverage of the interval.
    """
    value, drawn = float(by_class[0].mean()), by_class[1:]
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    if len(drawn) < RESAMPLES_NEEDED or groups.min() < 2:
        return Difference(value, None, None, None)
    variances = drawn.var(axis=0)
    shares = variances / variances.sum() if variances.sum() > 0 else np.full(len(groups), 1 / len(groups))
    freedom = float(1 / (shares**2 / (groups - 1)).sum())
    error = float(drawn.mean(axis=1).std() * np.sqrt((shares * groups / (groups - 1)).sum()))
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


def _hits_by_group(labels: Ints, codes: Ints, probabilities: Floats) -> Floats:
    """Return the right answers in each class and group, (C, G): where two networks' differ, so do their answers."""
    hits = np.zeros((probabilities.shape[1], int(codes.max()) + 1))
    right = predict_class(probabilities) == labels
    np.add.at(hits, (labels[right], codes[right]), 1)
    return hits
