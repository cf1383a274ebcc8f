"""Hashes that differ in few bits, found by sorting: no hash is compared with all others.

The 64 bits are cut into pieces. Hashes that agree in at least three pieces are candidates; they are looked up by every
choice of three pieces, sorted by the bits of those (Norouzi et al. 2012, "Fast search in Hamming space with multi-index
hashing"). Three of nine pieces make keys of 21 bits, so that among N = 200,000 hashes some tens share one.
"""

from collections.abc import Iterator
from functools import cache
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from chestbench.core.parallel import ordered_map

_AGREE = 3
_FEW = 1_000_000  # pairs
_AT_ONCE = 1 << 16  # comparisons, so that what they need stays in the processor's cache
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # spreads the bits of a key over the highest ones (Fibonacci hashing)


class Pairs(NamedTuple):
    """Places of pairs in two lists of hashes, each int64 (P,)."""

    left: np.ndarray
    right: np.ndarray


def close_pairs(hashes: np.ndarray, most: int, pieces: int) -> Iterator[Pairs]:
    """Yield each pair that differs in at most `most` bits and agrees in three of the pieces, once, some at a time.

    Every pair that differs in at most `pieces` - 3 bits agrees in three; of those that differ in two more, nine in ten.

    Args:
        hashes: uint64 (N,), dealt out by `spread_bits`.
        most: bits in which a pair may differ.
        pieces: 4 to 16, into how many the 64 bits are cut.
    """
    if len(hashes) ** 2 <= _FEW:
        pairs = _compare_all(hashes, hashes, most, pieces)
        once = pairs.left < pairs.right
        yield Pairs(pairs.left[once], pairs.right[once])
        return
    tables = _tables(pieces)
    for number, table in enumerate(tables):
        order, keys, ordered = _sorted(hashes, table)
        # Each is compared with those that follow under the same key.
        following = np.arange(1, len(keys) + 1)
        count = np.searchsorted(keys, keys, side="right") - following
        for left, right, differing in _compare(ordered, ordered, following, count, most):
            # A pair that agrees in more than three pieces turns up in several tables: it counts in its first.
            new = np.arange(len(left))
            for earlier in tables[:number]:
                new = new[(differing[new] & earlier) != 0]
            yield Pairs(order[left[new]], order[right[new]])


class Index:
    """Hashes in buckets by every choice of three pieces, to be asked for what is close to others.

    Buckets of one choice at a time: those of all of them would take a kilobyte a hash.
    """

    def __init__(self, hashes: np.ndarray, pieces: int) -> None:
        """Keep the hashes, uint64 (N,), dealt out by `spread_bits`. pieces: 4 to 16."""
        self._size, self._hashes, self._pieces = len(hashes), hashes, pieces
        # Four buckets to a hash: a look-up by number is ten times as fast as a binary search.
        self._bits = max(4, int(self._size).bit_length() + 2)

    def close_to(self, probes: np.ndarray, most: int, workers: int | None = None) -> list[Pairs]:
        """Return each pair (probe, hash) that differs in at most `most` bits and agrees in three of the pieces, once.

        Args:
            probes: uint64 (L, M), L lists of them, dealt out by `spread_bits`.
            most: bits in which a pair may differ.
            workers: threads; all cores by default. The result does not depend on it.

        Returns:
            The pairs of each list, sorted.
        """
        if self._size**2 <= _FEW:
            return [_compare_all(some, self._hashes, most, self._pieces) for some in probes]
        tables = _tables(self._pieces)
        found: list[list[np.ndarray]] = [[np.empty(0, np.int64)] for _ in probes]
        for of_table in ordered_map(
            lambda number: self._by_table(tables, number, probes, most), range(len(tables)), workers, ahead=1
        ):
            for whole, part in zip(found, of_table, strict=True):
                whole.append(part)
        return [Pairs(*np.divmod(np.sort(np.concatenate(parts)), max(1, self._size))) for parts in found]

    def _by_table(self, tables: list[np.uint64], number: int, probes: np.ndarray, most: int) -> list[np.ndarray]:
        """Return the pairs of each list that agree in the pieces of a table and in those of no earlier one."""
        table = tables[number]
        bucket = self._bucket(self._hashes, table)
        order = np.argsort(bucket, kind="stable").astype(np.int32)
        start = np.zeros((1 << self._bits) + 1, np.int32)
        np.cumsum(np.bincount(bucket, minlength=1 << self._bits), out=start[1:])
        del bucket
        ordered, found = self._hashes[order], []
        for some in probes:
            asked = self._bucket(some, table)
            first = start[asked].astype(np.int64)
            parts = [np.empty(0, np.int64)]
            for probe, place, differing in _compare(some, ordered, first, start[asked + 1] - first, most):
                new = np.flatnonzero(differing & table == 0)  # a bucket holds other keys too
                for earlier in tables[:number]:
                    new = new[(differing[new] & earlier) != 0]
                parts.append(probe[new] * self._size + order[place[new]])
            found.append(np.concatenate(parts))
        return found

    def _bucket(self, hashes: np.ndarray, table: np.uint64) -> np.ndarray:
        return ((hashes & table) * _MIXER >> np.uint64(64 - self._bits)).astype(np.int64)


def spread_bits(hashes: np.ndarray) -> np.ndarray:
    """Return the hashes, uint64 (N,), with the bits dealt out along diagonals of the 8 x 8 frequencies.

    Low frequencies hardly vary among chest pictures. Dealt out, each piece has some of them; in row order some pieces
    would be all low and shared by thousands.
    """
    bits = np.unpackbits(hashes.astype(">u8").view(np.uint8).reshape(-1, 8), axis=1)
    row, column = np.divmod(np.arange(64), 8)
    dealt = np.packbits(bits[:, np.argsort((row + column) % 8, kind="stable")], axis=1)
    return np.ascontiguousarray(dealt).view(">u8").ravel().astype(np.uint64)


def _compare(
    ours: np.ndarray, theirs: np.ndarray, first: np.ndarray, count: np.ndarray, most: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Compare each of ours with `count` of theirs from `first` on; yield places of close ones and their difference."""
    ends = np.cumsum(count)
    start = done = 0
    while start < len(ours):
        stop = max(start + 1, int(np.searchsorted(ends, done + _AT_ONCE, side="right")))
        part, reached = count[start:stop], int(ends[stop - 1])
        place = np.arange(done, reached) + np.repeat(first[start:stop] - ends[start:stop] + part, part)
        differing = np.repeat(ours[start:stop], part) ^ theirs[place]
        close = np.flatnonzero(np.bitwise_count(differing) <= most)
        if len(close):
            yield np.searchsorted(ends, close + done, side="right"), place[close], differing[close]
        start, done = stop, reached


def _compare_all(ours: np.ndarray, theirs: np.ndarray, most: int, pieces: int) -> Pairs:
    """Return the same by comparing each with all: of a few hundred, that is faster than any sorting."""
    left, right = np.nonzero(np.bitwise_count(ours[:, np.newaxis] ^ theirs) <= most)
    differing = ours[left] ^ theirs[right]
    agree = sum((differing & mask == 0).astype(np.int64) for mask in _masks(pieces))
    return Pairs(left[agree >= _AGREE], right[agree >= _AGREE])


@cache
def _tables(pieces: int) -> list[np.uint64]:
    """Return the masks of every choice of three pieces."""
    return [first | second | third for first, second, third in combinations(_masks(pieces), _AGREE)]


def _masks(pieces: int) -> list[np.uint64]:
    edges = np.linspace(0, 64, pieces + 1).round().astype(int).tolist()
    return [np.uint64((1 << stop) - (1 << start)) for start, stop in pairwise(edges)]


def _sorted(hashes: np.ndarray, table: np.uint64) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    keys = hashes & table
    order = np.argsort(keys)
    return order, keys[order], hashes[order]
