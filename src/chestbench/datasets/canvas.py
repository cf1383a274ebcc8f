"""Drawing for the phantom with arithmetic that gives the same bits on every machine.

Only + - * / and square roots in float64, each its own NumPy operation: IEEE 754 rounds these correctly, while exp, sin,
cos, pow and sums of many floats depend on the processor and on the library. Random numbers are made here from the raw
output of PCG64, the part of numpy.random whose stream NumPy promises to keep (NEP 19).
"""

import math

import numpy as np

_TWO_TO_MINUS_53 = 1.0 / 9007199254740992.0


class Stream:
    """A source of random numbers; equal keys give equal numbers, and different keys are independent.

    Args:
        seed: seed of the whole data set.
        subject: number of the patient (or of another unit).
        purpose: what the numbers are for, 1 or more, so that one purpose never shifts the numbers of another.
        index: number of the slice, or 0.
    """

    def __init__(self, seed: int, subject: int, purpose: int, index: int = 0) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, subject, purpose, index]))

    def uniforms(self, low: float, high: float, *shape: int) -> np.ndarray:
        """Return float64 numbers of the given shape, uniform in [low, high)."""
        raw = self._bits.random_raw(math.prod(shape))
        fractions = (raw >> np.uint64(11)).astype(np.float64) * _TWO_TO_MINUS_53
        return (low + (high - low) * fractions).reshape(shape)

    def uniform(self, low: float, high: float) -> float:
        """Return one number, uniform in [low, high)."""
        return low + (high - low) * ((self._bits.random_raw() >> 11) * _TWO_TO_MINUS_53)

    def integer(self, low: int, high: int) -> int:
        """Return one integer, low <= value < high."""
        return low + int(self.uniform(0.0, 1.0) * (high - low))

    def noise(self, *shape: int) -> np.ndarray:
        """Return bell-shaped float64 noise of mean 0 and standard deviation 1: the sum of four 16-bit numbers."""
        raw = self._bits.random_raw(math.prod(shape))
        total = np.zeros(raw.shape, np.uint64)
        for shift in (0, 16, 32, 48):
            total += (raw >> np.uint64(shift)) & np.uint64(0xFFFF)
        return ((total.astype(np.float64) - 131070.0) / 37837.2).reshape(shape)  # sd of the sum: 65536 / sqrt(3)


def direction(turn: float) -> tuple[float, float]:
    """Return the unit vector at `turn` (0 right, 0.25 down, 0.5 left, 0.75 up; any real number).

    Found on a diamond and scaled to length one, which needs no sine; turns are therefore only nearly even.
    """
    quarter = (turn - math.floor(turn)) * 4.0
    x = 1.0 - quarter if quarter < 2.0 else quarter - 3.0
    y = quarter if quarter < 1.0 else 2.0 - quarter if quarter < 3.0 else quarter - 4.0
    length = math.sqrt(x * x + y * y)
    return x / length, y / length


class Canvas:
    """A float64 picture in body coordinates: u to the right, v down, 0 in the middle of the body.

    A shape is given by its distance field: for each pixel about how far inside the outline it lies, in body units,
    negative outside. `paint` draws it with an edge one pixel soft.

    Args:
        width: in pixels.
        height: in pixels.
        scale: pixels per body unit.
        centre: the body's middle, in pixels (x, y).
        tilt: tangent of half the angle by which the body is turned.
    """

    def __init__(self, width: int, height: int, scale: float, centre: tuple[float, float], tilt: float) -> None:
        x = (np.arange(width, dtype=np.float64) - centre[0]) / scale
        y = (np.arange(height, dtype=np.float64) - centre[1]) / scale
        # Cosine and sine as the rational functions of the half angle's tangent.
        self._cosine = (1.0 - tilt * tilt) / (1.0 + tilt * tilt)
        self._sine = 2.0 * tilt / (1.0 + tilt * tilt)
        self._x, self._y = x, y
        self.u = x[None, :] * self._cosine + y[:, None] * self._sine
        self.v = y[:, None] * self._cosine - x[None, :] * self._sine
        self.image = np.zeros((height, width))
        self.scale, self._centre = scale, centre

    def window(self, u: float, v: float, reach: float) -> tuple[slice, slice]:
        """Return the rows and columns (slices) of all pixels within `reach` of the point (u, v)."""
        column = (u * self._cosine - v * self._sine) * self.scale + self._centre[0]
        row = (u * self._sine + v * self._cosine) * self.scale + self._centre[1]
        margin = reach * self.scale + 2.0
        height, width = self.image.shape
        return (
            slice(min(max(int(row - margin), 0), height), min(max(int(row + margin) + 1, 0), height)),
            slice(min(max(int(column - margin), 0), width), min(max(int(column + margin) + 1, 0), width)),
        )

    def ellipse(
        self,
        centre: tuple[float, float],
        radii: tuple[float, float],
        axis: tuple[float, float] = (1.0, 0.0),
        where: tuple[slice, slice] = (slice(None), slice(None)),
    ) -> np.ndarray:
        """Return the distance field of an ellipse whose first radius lies along the unit vector `axis`."""
        u, v = self.u[where] - centre[0], self.v[where] - centre[1]
        along = (u * axis[0] + v * axis[1]) / radii[0]
        across = (v * axis[0] - u * axis[1]) / radii[1]
        return (1.0 - np.sqrt(along * along + across * across)) * min(radii)

    def capsule(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        radii: tuple[float, float],
        where: tuple[slice, slice],
    ) -> np.ndarray:
        """Return the distance field of a rounded line whose radius goes from radii[0] to radii[1]."""
        along_u, along_v = end[0] - start[0], end[1] - start[1]
        u, v = self.u[where] - start[0], self.v[where] - start[1]
        part = np.clip((u * along_u + v * along_v) / (along_u * along_u + along_v * along_v), 0.0, 1.0)
        u, v = u - part * along_u, v - part * along_v
        return radii[0] + part * (radii[1] - radii[0]) - np.sqrt(u * u + v * v)

    def coverage(self, distance: np.ndarray) -> np.ndarray:
        """Return how much of each pixel a shape covers, 0..1, from its distance field."""
        return np.clip(distance * self.scale + 0.5, 0.0, 1.0)

    def paint(
        self,
        distance: np.ndarray,
        level: float | np.ndarray,
        where: tuple[slice, slice] = (slice(None), slice(None)),
        strength: float | np.ndarray = 1.0,
    ) -> None:
        """Draw a shape in grey `level`; `strength` 0..1 lets what is below shine through."""
        below = self.image[where]
        self.image[where] = below + self.coverage(distance) * strength * (level - below)

    def disc(
        self, centre: tuple[float, float], radius: float, level: float, strength: float | np.ndarray = 1.0
    ) -> None:
        """Draw a small disc, touching only the pixels around it; `strength` may be a full-size field."""
        where = self.window(*centre, radius)
        part = strength if isinstance(strength, float) else strength[where]
        self.paint(self.ellipse(centre, (radius, radius), where=where), level, where, part)

    def texture(self, lattice: np.ndarray) -> np.ndarray:
        """Return a smooth field through the values of `lattice` (n, n), stretched over the body.

        The lattice is not turned with the body, so that rows and columns are blended one after the other.
        """
        last = lattice.shape[0] - 1
        column, right = _cell(self._x, last)
        row, down = _cell(self._y, last)
        rows = lattice[:, column] * (1.0 - right) + lattice[:, column + 1] * right
        return rows[row] * (1.0 - down)[:, None] + rows[row + 1] * down[:, None]


def _cell(position: np.ndarray, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the lattice cell of each position and the eased fraction within it (0..1)."""
    scaled = np.clip((position + 1.0) * (0.5 * last), 0.0, last - 1e-9)
    cell = scaled.astype(np.int64)
    part = scaled - cell
    return cell, part * part * (3.0 - 2.0 * part)


def soften(image: np.ndarray) -> np.ndarray:
    """Return the picture blurred by weights 1 2 1 in each direction, as a scanner's point spread; edges repeat."""
    padded = np.pad(image, 1, mode="edge")
    rows = (padded[:-2] + padded[2:]) * 0.25 + padded[1:-1] * 0.5
    return (rows[:, :-2] + rows[:, 2:]) * 0.25 + rows[:, 1:-1] * 0.5
