"""Predictions per group: a patient (or study, or look-alike cluster) judged once, by the mean over its images."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]


class Units(NamedTuple):
    """M units of a split, each the images of one label in one group, in the order of their first image.

    Attributes:
        labels: class index, (M,) int64.
        groups: group of each unit.
        codes: unit of each image, (N,).
        mixed_groups: groups whose images have more than one label; each label's images are a unit of their own.
    """

    labels: Ints
    groups: list[str]
    codes: Ints
    mixed_groups: int


def units_of(labels: Ints, groups: Sequence[object]) -> Units:
    """Return the units of a split.

    Args:
        labels: class index per image, (N,).
        groups: group of each image, N of them.
    """
    names = [str(group) for group in groups]
    places: dict[tuple[str, int], int] = {}
    codes = np.array([places.setdefault(key, len(places)) for key in zip(names, labels.tolist(), strict=True)])
    found = [group for group, _ in places]
    return Units(np.array([label for _, label in places]), found, codes, sum(n > 1 for n in _repeats(found)))


def mean_rows(codes: Ints, table: Floats) -> Floats:
    """Return the mean of the rows of each code, (M, C) float64.

    Args:
        codes: 0 to M - 1 for each row, each at least once, (N,).
        table: (N, C).
    """
    sums = np.zeros((int(codes.max()) + 1, table.shape[1]))
    np.add.at(sums, codes, np.asarray(table, dtype=np.float64))
    return sums / np.bincount(codes)[:, None]


def _repeats(names: Sequence[str]) -> list[int]:
    return np.unique(names, return_counts=True)[1].tolist()
