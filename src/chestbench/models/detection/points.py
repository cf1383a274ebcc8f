"""The places at which a detector says what it sees: a grid of points for each level of its pyramid. Without keras."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# A level answers for boxes whose farthest side lies up to this many of its strides from the point. The paper has 8, for
# pictures of 800 pixels and more; opacities are large and pictures small here, and each should have several points.
REACH = 4.0


@dataclass(frozen=True)
class Level:
    """One level of the pyramid: square maps of a square picture.

    Attributes:
        cells: rows, and columns, of its maps.
        stride: pixels from one cell to the next.
    """

    cells: int
    stride: float

    @property
    def middles(self) -> np.ndarray:
        """Where the middles of its rows, and of its columns, lie: float64 (cells,) in pixels."""
        return (np.arange(self.cells) + 0.5) * self.stride


@dataclass(frozen=True)
class Points:
    """The points of all levels, finest first, each row by row.

    Attributes:
        places: float64 (P, 2), x and y in pixels.
        strides: float64 (P,), of the level of each.
        nearest: float64 (P,), least distance in pixels to the farthest side of a box that a point answers for.
        farthest: float64 (P,), the largest; infinity on the last level.
    """

    places: np.ndarray
    strides: np.ndarray
    nearest: np.ndarray
    farthest: np.ndarray


def points_of(levels: Sequence[Level]) -> Points:
    """Return the points of a pyramid.

    >>> points = points_of([Level(2, 8.0), Level(1, 16.0)])
    >>> points.places.tolist()
    [[4.0, 4.0], [12.0, 4.0], [4.0, 12.0], [12.0, 12.0], [8.0, 8.0]]
    >>> points.farthest.tolist()
    [32.0, 32.0, 32.0, 32.0, inf]
    """
    places = [np.stack(np.meshgrid(level.middles, level.middles), axis=-1).reshape(-1, 2) for level in levels]
    counts = [level.cells**2 for level in levels]
    reaches = [REACH * level.stride for level in levels[:-1]]
    return Points(
        np.concatenate(places),
        np.repeat([level.stride for level in levels], counts),
        np.repeat([0.0, *reaches], counts),
        np.repeat([*reaches, np.inf], counts),
    )
