"""From a figure and its bootstrap resamples to the two ends of its interval.

Percentiles of the resamples are too narrow when there are few groups (measured at 20 groups, where 95 of 100 are
promised: 87 to 94 for random predictors, 80 for a nearly perfect AUC). Here the bootstrap's standard error is put
around the figure on the logit scale, with the quantile of Student's t: both ends stay within the measure's range, and
few groups give a wide interval. docs/reference/measures.md says how often the truth lies inside.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri, stdtrit

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]
Bounds = tuple[float, float]

# Fewer resamples in which the measure is defined say nothing.
FEWEST_RESAMPLES = 50


def degrees_of_freedom(value: float, left_out: Floats, strata: Ints) -> float:
    """Return how many independent groups, less one, the figure's variance rests on (Satterthwaite 1946).

    Each class's groups give their share of the variance (Efron and Stein 1981, the jackknife); one class of five
    patients among a thousand others makes an AUC with four degrees of freedom, not with a thousand.

    Args:
        value: the figure.
        left_out: the figure without each block of groups, (B,); NaN where it is undefined then.
        strata: the class that each block stands for, (B,).
    """
    defined = np.isfinite(left_out)
    squares, strata = (value - left_out[defined]) ** 2, strata[defined]
    shares = np.bincount(strata, squares)
    counts = np.bincount(strata)
    if shares.sum() == 0:
        return float(max(len(squares) - 1, 1))
    return float(shares.sum() ** 2 / (shares**2 / np.maximum(counts - 1, 1)).sum())


def expansion(freedom: float, confidence: float) -> float:
    """Return how many bootstrap standard errors the interval reaches to either side.

    The factor beside Student's quantile undoes that the bootstrap divides by n where n - 1 is right (Hesterberg 2015,
    The American Statistician 69:371).
    """
    return float(np.sqrt((freedom + 1) / freedom) * stdtrit(freedom, (1 + confidence) / 2))


def logit_bounds(value: float, drawn: Floats, freedom: float, confidence: float, top: float = 1.0) -> Bounds:
    """Return both ends for a measure between 0 and `top`, from resamples (R,), all defined; value strictly inside."""
    share = value / top
    error = float(drawn.std(ddof=1)) / top / (share * (1 - share))
    reach = expansion(freedom, confidence) * error
    return top * float(expit(logit(share) - reach)), top * float(expit(logit(share) + reach))


def exact_bounds(value: float, groups: int, confidence: float, top: float = 1.0) -> Bounds:
    """Return both ends where every group agrees: value 0 or `top` (Clopper and Pearson 1934, one trial per group).

    No resample can differ from such a figure, yet twenty patients without an error do not show that there is none.
    """
    open_end = ((1 - confidence) / 2) ** (1 / groups)
    return (0.0, top * (1 - open_end)) if value == 0 else (top * open_end, top)


def absolute_sum_bounds(terms: Floats, drawn: Floats, groups: Floats, freedom: float, confidence: float) -> Bounds:
    """Return both ends for a sum of absolute values, such as the calibration error.

    Noise adds to each absolute value, so the figure lies above the truth, and its resamples lie above the figure:
    neither percentiles nor standard errors hold. Each end is therefore found by asking which truth would give the
    figure: the truth is taken to be c times the terms, and the resamples' noise about the terms to be about it; c = 0
    is no error at all. The interval is widened to hold the figure itself where that lies above.

    Args:
        terms: the signed terms, (K,).
        drawn: the same under R resamples, (R, K).
        groups: how many groups each term rests on, (K,): the noise of a term of few is too small by (n - 1) / n.
        freedom: see `degrees_of_freedom`.
        confidence: coverage.
    """
    value = float(np.abs(terms).sum())
    few = np.maximum(groups, 2)
    noise = (drawn - terms) * np.sqrt(few / (few - 1)) * (expansion(freedom, confidence) / ndtri((1 + confidence) / 2))
    # The (R + 1) q-th of the sorted resamples (Davison and Hinkley 1997, Bootstrap Methods and their Application, 5.2).
    lowest = max(int((len(noise) + 1) * (1 - confidence) / 2) - 1, 0)

    def end(order: int) -> float:
        """Return the c at which this one of the sorted figures is the figure found; it rises with c."""
        low, high = 0.0, 4.0
        for _ in range(24):
            middle = (low + high) / 2
            found = np.partition(np.abs(middle * terms + noise).sum(axis=1), order)[order]
            low, high = (middle, high) if found < value else (low, middle)
        return low

    return end(len(noise) - 1 - lowest) * value, max(end(lowest), 1.0) * value
