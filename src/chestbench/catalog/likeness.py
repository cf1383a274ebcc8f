"""Which pairs of pictures look alike: close hashes, then outlines that correlate; whole, and with up to 5% cut off.

Where pictures crowd, hundreds of close hashes belong to each: pairs are looked at as they are found, and only those
that are alike are kept.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from chestbench.catalog.hamming import Index, Pairs, close_pairs, spread_bits
from chestbench.core.parallel import ordered_map
from chestbench.imaging.fingerprint import OUTLINE_LENGTH, WINDOWS, outlines, window_hashes


class Likeness(NamedTuple):
    """How alike two pictures must be: at most `bits` of the hash differ, the outlines correlate by `correlation`.

    `pieces`: the search cuts hashes into so many, and finds those that agree in three (see hamming.py).
    """

    bits: int
    correlation: float
    pieces: int


LOOK_ALIKE = Likeness(bits=8, correlation=0.95, pieces=9)
CROPPED = Likeness(bits=5, correlation=0.97, pieces=7)
_AT_ONCE, _PAIRS_AT_ONCE = 1 << 8, 1 << 20
_WINDOWS_AT_ONCE = 6


def similar_pairs(hashes: np.ndarray, copies: np.ndarray, rows: np.ndarray, workers: int | None) -> Pairs:
    """Return every pair of near-duplicates once, left < right. `rows`: where in `copies` that of each hash stands."""
    whole, cut = spread_bits(hashes), _cut_hashes(copies, rows, workers)
    shown = outlines_of(copies, 0, rows)

    def keys(pairs: Pairs, alike: np.ndarray) -> np.ndarray:
        left, right = pairs.left[alike], pairs.right[alike]
        return np.minimum(left, right) * len(rows) + np.maximum(left, right)

    def as_they_are(pairs: Pairs) -> np.ndarray:
        return keys(pairs, correlate(shown, shown, pairs) >= LOOK_ALIKE.correlation)

    def within(window: int, pairs: Pairs) -> np.ndarray:
        seen, at = np.unique(pairs.left, return_inverse=True)
        inside = outlines_of(copies, window, rows[seen])
        alike = correlate(inside, shown, Pairs(at.ravel(), pairs.right)) >= CROPPED.correlation
        return keys(pairs, alike & (pairs.left != pairs.right))

    close = _gathered(close_pairs(whole, LOOK_ALIKE.bits, LOOK_ALIKE.pieces))
    found = [np.empty(0, np.int64), *ordered_map(as_they_are, close, workers, ahead=1)]
    index = Index(whole, CROPPED.pieces)
    for first in range(1, WINDOWS, _WINDOWS_AT_ONCE):
        windows = range(first, min(first + _WINDOWS_AT_ONCE, WINDOWS))
        pairs = index.close_to(cut[first - 1 : windows.stop - 1], CROPPED.bits, workers)
        found += ordered_map(lambda each: within(*each), zip(windows, pairs, strict=True), workers, ahead=1)
    return Pairs(*np.divmod(np.unique(np.concatenate(found)), max(1, len(rows))))


def _gathered(blocks: Iterable[Pairs]) -> Iterator[Pairs]:
    """Yield the same pairs in blocks of at least `_PAIRS_AT_ONCE`, but for the last."""
    held: list[Pairs] = []
    for block in blocks:
        held.append(block)
        if sum(len(one.left) for one in held) >= _PAIRS_AT_ONCE:
            yield Pairs(*(np.concatenate(part) for part in zip(*held, strict=True)))
            held = []
    if held:
        yield Pairs(*(np.concatenate(part) for part in zip(*held, strict=True)))


def correlate(ours: np.ndarray, theirs: np.ndarray, pairs: Pairs) -> np.ndarray:
    """Return the correlation of each pair of outlines, float64 (P,); two flat pictures have 1, one flat one 0."""
    found = np.empty(len(pairs.left))
    for start in range(0, len(found), _AT_ONCE):
        chunk = slice(start, start + _AT_ONCE)
        a, b = ours[pairs.left[chunk]].astype(np.float32), theirs[pairs.right[chunk]].astype(np.float32)
        # Whole numbers below 2**24, so that single precision is exact.
        found[chunk] = np.einsum("ij,ij->i", a, b) / np.float64(OUTLINE_LENGTH**2)
        flat = ~a.any(axis=1)
        if flat.any():
            found[chunk][flat] = ~b[flat].any(axis=1)
    return found


def outlines_of(copies: np.ndarray, window: int, rows: np.ndarray) -> np.ndarray:
    """Return `outlines` of the copies in some rows, some hundred at a time to bound memory."""
    found = np.empty((len(rows), 256), np.int16)
    for start in range(0, len(rows), _AT_ONCE):
        found[start : start + _AT_ONCE] = outlines(copies[rows[start : start + _AT_ONCE]], window)
    return found


def _cut_hashes(copies: np.ndarray, rows: np.ndarray, workers: int | None) -> np.ndarray:
    """Return `window_hashes` of any number of pictures, but those of the whole: uint64 (WINDOWS - 1, N), dealt out."""
    parts = ordered_map(
        lambda start: window_hashes(copies[rows[start : start + _AT_ONCE]]), range(0, len(rows), _AT_ONCE), workers
    )
    hashes = np.empty((WINDOWS - 1, len(rows)), np.uint64)
    for number, part in enumerate(parts):
        for window in range(1, WINDOWS):
            hashes[window - 1, number * _AT_ONCE : number * _AT_ONCE + len(part)] = spread_bits(part[:, window])
    return hashes
