"""Drawing groups with replacement, and leaving them out: tables of how often each group counts.

A group (patient, study or look-alike cluster) is drawn whole, because its images are not independent.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer]

# So many images times resamples are weighed at a time: 1 MB of int32, which stays in a core's cache.
PAIRS_AT_A_TIME = 2**18
# More blocks than these say no more about how many groups a figure rests on.
BLOCKS_PER_CLASS = 100


def group_draws(n_groups: int, resamples: int, seed: int, images: int = 1) -> Iterator[NDArray[np.int32]]:
    """Yield tables (r, G), `resamples` rows in all: how often each group occurs among G drawn with replacement.

    The rows depend on G and the seed alone, not on how they are cut into tables.

    Args:
        n_groups: G, at least 1.
        resamples: rows in all.
        seed: of the drawing.
        images: images in all; the more there are, the fewer rows a table has.
    """
    generator = np.random.default_rng(seed)
    rows = _rows(images, n_groups)
    for first in range(0, resamples, rows):
        count = min(rows, resamples - first)
        draws = generator.integers(0, n_groups, size=(count, n_groups), dtype=np.int32)
        cells = draws + np.arange(count, dtype=np.int64)[:, None] * n_groups
        yield np.bincount(cells.ravel(), minlength=count * n_groups).astype(np.int32).reshape(count, n_groups)


def resampled_weights(codes: Ints, resamples: int, seed: int) -> Iterator[NDArray[np.int32]]:
    """Yield tables of image weights (N, r), `resamples` columns in all: the draws of `group_draws`, image by image.

    Args:
        codes: group of each image as 0 to G - 1, (N,).
        resamples: columns in all.
        seed: of the drawing.
    """
    for drawn in group_draws(int(codes.max()) + 1, resamples, seed, len(codes)):
        yield drawn.take(codes, axis=1).T


class LeftOut(NamedTuple):
    """B blocks of groups, each to be left out once, and the class that each block stands for, (B,)."""

    blocks: list[Ints]
    strata: Ints

    def tables(self, n_groups: int, images: int = 1) -> Iterator[NDArray[np.int32]]:
        """Yield tables (r, G) of ones, B rows in all, each with noughts for one block."""
        rows = _rows(images, n_groups)
        for first in range(0, len(self.blocks), rows):
            blocks = self.blocks[first : first + rows]
            table = np.ones((len(blocks), n_groups), dtype=np.int32)
            for row, block in zip(table, blocks, strict=True):
                row[block] = 0
            yield table


def left_out_blocks(codes: Ints, labels: Ints, seed: int) -> LeftOut:
    """Return blocks that hold each group once; classes of many groups are cut at random into `BLOCKS_PER_CLASS`.

    Args:
        codes: group of each image as 0 to G - 1, (N,).
        labels: class index per image, (N,); a group stands for the commonest label of its images.
        seed: of the cutting.
    """
    counts = np.zeros((int(codes.max()) + 1, int(labels.max()) + 1), dtype=np.int64)
    np.add.at(counts, (codes, labels), 1)
    standing = counts.argmax(axis=1)
    generator = np.random.default_rng([seed, 1])
    blocks: list[Ints] = []
    strata: list[int] = []
    for stratum in np.unique(standing).tolist():
        groups = generator.permutation(np.flatnonzero(standing == stratum))
        cut = np.array_split(groups, min(len(groups), BLOCKS_PER_CLASS))
        blocks += cut
        strata += [stratum] * len(cut)
    return LeftOut(blocks, np.array(strata))


def _rows(images: int, n_groups: int) -> int:
    """Return how many weightings are held at a time."""
    return max(1, PAIRS_AT_A_TIME // max(images, n_groups))
