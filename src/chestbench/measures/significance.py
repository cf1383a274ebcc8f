"""Two tests' arithmetic: McNemar's exact test of two networks on the same images, and Holm's correction for many.

McNemar takes the images as independent. Slices of one patient are not, so its p is too small wherever groups have
several images: it stands in the tables because readers know it, and the bootstrap over groups (`paired.py`) decides.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr


def mcnemar_exact(first_only: NDArray[np.integer] | int, second_only: NDArray[np.integer] | int) -> NDArray[np.float64]:
    """Return the two-sided exact (binomial) p of McNemar 1947, Psychometrika 12:153: above 0, of the arguments' shape.

    Args:
        first_only: images that only the first network gets right, 0 or more.
        second_only: images that only the second gets right. Where both counts are 0 the p is 1.
    """
    first, second = np.asarray(first_only), np.asarray(second_only)
    p = 2 * bdtr(np.minimum(first, second), first + second, 0.5)
    # Thousands of images one way: too small for a float, but not 0.
    return np.clip(p, np.finfo(np.float64).tiny, 1.0)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Return p values that hold for all comparisons together (Holm 1979, Scandinavian Journal of Statistics 6:65).

    The chance of one or more false alarms among them is then at most the level.

    Args:
        p_values: one for each comparison; None (no test was possible) stays None and does not count.

    Example:
        >>> [None if p is None else round(p, 3) for p in holm([0.01, 0.04, None, 0.03])]
        [0.03, 0.06, None, 0.06]
    """
    tested = [place for place, p in enumerate(p_values) if p is not None]
    known = np.array([p_values[place] for place in tested], dtype=np.float64)
    order = np.argsort(known, kind="stable")
    corrected = np.empty(len(known))
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(known[order] * np.arange(len(known), 0, -1)))
    result: list[float | None] = [None] * len(p_values)
    for place, p in zip(tested, corrected, strict=True):
        result[place] = float(p)
    return result
