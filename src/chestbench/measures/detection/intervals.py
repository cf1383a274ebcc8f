"""Intervals of measures that are computed under weightings of the groups."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from chestbench.core.words import Figure
from chestbench.measures import bounds
from chestbench.measures.detection.ranked import Floats, Ints
from chestbench.measures.resampling import group_draws, left_out_blocks


class Weighed(Protocol):
    """What measures itself under weightings of its groups.

    Attributes:
        codes: group of each picture (or study), (N,) from 0.
        has_boxes: bool (N,), whether it has a truth: groups with one and those without are left out as two classes.
    """

    codes: Ints
    has_boxes: NDArray[np.bool_]

    def measure(self, weights: Ints | None = None) -> dict[str, Floats]:
        """Return each measure under each weighting (R, G), (R,) each, 0 to 1; NaN where it is not defined."""
        ...

    def groups_behind(self) -> dict[str, int]:
        """Return how many groups each measure rests on."""
        ...


class BoxIntervals:
    """Measures as found, and under resamples of the groups."""

    def __init__(self, sample: Weighed, resamples: int, confidence: float, seed: int) -> None:
        """Resample.

        Args:
            sample: what is measured.
            resamples: of the bootstrap.
            confidence: coverage.
            seed: of the drawing.
        """
        n_groups, images = int(sample.codes.max()) + 1, len(sample.codes)
        left_out = left_out_blocks(sample.codes, sample.has_boxes.astype(np.int64), seed)
        self.point, self.drawn = sample.measure(), _under(sample, group_draws(n_groups, resamples, seed, images))
        self._without = _under(sample, left_out.tables(n_groups, images))
        self._strata, self._confidence = left_out.strata, confidence
        self._behind = sample.groups_behind()

    def of(self, name: str) -> Figure:
        """Return value and bounds of one measure."""
        value, drawn = float(self.point[name][0]), self.drawn[name]
        drawn = drawn[np.isfinite(drawn)]
        if not np.isfinite(value):
            return {"value": None, "low": None, "high": None}
        behind = self._behind[name]
        if behind < 2 or len(drawn) < bounds.FEWEST_RESAMPLES:
            return {"value": value, "low": None, "high": None}
        if value in (0.0, 1.0):
            low, high = bounds.exact_bounds(value, behind, self._confidence)
        else:
            freedom = bounds.degrees_of_freedom(value, self._without[name], self._strata)
            low, high = bounds.logit_bounds(value, drawn, freedom, self._confidence)
        return {"value": value, "low": low, "high": high}


def _under(sample: Weighed, tables: Iterable[NDArray[np.int32]]) -> dict[str, Floats]:
    parts = [sample.measure(table) for table in tables]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
