"""Small things that several parts of a report need: names cut to length, the ends of a scale."""

import math
from collections.abc import Iterable

from chestbench.core.words import Figure

LONGEST = 48


def clipped(text: str, most: int = LONGEST) -> str:
    """Return a name of data, such as a class, in at most so many letters.

    >>> clipped("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def bounds(figures: Iterable[Figure], step: float = 0.1) -> tuple[float, float]:
    """Return round ends between 0 and 1 that hold all figures and their intervals.

    >>> bounds([{"value": 0.8, "low": 0.71, "high": 0.93}])
    (0.7, 1.0)
    """
    ends = [end for figure in figures for end in figure.values() if isinstance(end, float | int)]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    first = max(0.0, math.floor(low / step + 1e-9) * step)
    last = min(1.0, math.ceil(high / step - 1e-9) * step)
    if last - first < step / 2:
        first, last = max(0.0, first - step), min(1.0, last + step)
    return round(first, 6), round(last, 6)
