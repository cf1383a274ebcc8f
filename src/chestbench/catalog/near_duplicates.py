"""Pictures that look alike: the same one re-scaled, re-compressed or cropped a little, and neighbouring slices.

Two pictures are near-duplicates when their 64-bit perceptual hashes are close and their outlines correlate, either as
they are (`LOOK_ALIKE`) or when up to 5% is cut off one of them (`CROPPED`, stricter, because 24 windows are tried). The
hash alone is not enough: at 6 bits one pair in 10,000 of different people's chest X-rays agrees, which would chain a
set of 20,000 into one cluster. Thumbnails that correlate are not enough either: all chests share their slow changes
(see `chestbench.imaging.fingerprint.outlines`). docs/reference/audits.md has what was measured, with
`python -m benchmarks.near_duplicates`.
"""

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from chestbench.catalog.components import connected_components
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
# So many different pictures with one hash are nearly blank: comparing all pairs would be quadratic and pointless.
_BLANK_BUCKET = 256


@dataclass(frozen=True)
class NearDuplicates:
    """Clusters of look-alike pictures, and the pairs that make them.

    Attributes:
        cluster: int64 (N,), 0 to the number of clusters - 1; a picture like no other has a cluster of its own.
        pairs: number of pairs of near-duplicates.
        entry: int64 (N,): pictures with one fingerprint are one entry.
        left, right: int64 (P,), near-duplicate entries.
    """

    cluster: np.ndarray
    pairs: int
    entry: np.ndarray
    left: np.ndarray
    right: np.ndarray

    def pairs_between(self, codes: np.ndarray, limit: int) -> tuple[int, Pairs]:
        """Count the pairs of pictures whose codes differ, and return the first `limit` of them.

        Args:
            codes: int (N,), such as labels.
            limit: most pairs to return; all are counted.
        """
        order = np.argsort(self.entry, kind="stable")
        start = np.searchsorted(self.entry[order], np.arange(int(self.entry.max(initial=-1)) + 2))
        left, right = (np.concatenate([part, np.arange(len(start) - 1)]) for part in (self.left, self.right))
        differ = _differing(self.entry, np.asarray(codes), left, right)
        listed: list[Pairs] = [Pairs(np.empty(0, np.int64), np.empty(0, np.int64))]
        room = limit
        for place in np.flatnonzero(differ):
            if room <= 0:
                break
            ours = order[start[left[place]] : start[left[place] + 1]]
            theirs = order[start[right[place]] : start[right[place] + 1]]
            # Entries of thousands of blank pictures have millions of pairs: they are formed some rows at a time.
            step = max(1, _PAIRS_AT_ONCE // len(theirs))
            for block in (ours[first : first + step] for first in range(0, len(ours), step)):
                wanted = codes[block, np.newaxis] != codes[theirs]
                if left[place] == right[place]:
                    wanted &= block[:, np.newaxis] < theirs
                i, j = (part[:room] for part in np.nonzero(wanted))
                listed.append(Pairs(np.minimum(block[i], theirs[j]), np.maximum(block[i], theirs[j])))
                room -= len(i)
                if room <= 0:
                    break
        return int(differ.sum()), Pairs(*(np.concatenate(part) for part in zip(*listed, strict=True)))


def find_near_duplicates(hashes: np.ndarray, copies: np.ndarray, workers: int | None = None) -> NearDuplicates:
    """Cluster pictures by likeness: everything connected through pairs of near-duplicates is one cluster.

    Whether two pictures are a pair depends on these two alone. Time grows little faster than their number: the pairs
    that must be looked at are some in a million.

    Args:
        hashes: uint64 (N,), from `chestbench.imaging.fingerprint.fingerprint`.
        copies: uint8 (N, 1024), from the same.
        workers: threads; all cores by default. The result does not depend on it.
    """
    # Equal fingerprints (all-black pictures above all) would make buckets whose pairs are quadratic: they count as one
    # entry with a multiplicity.
    _, same_hash, bucket = np.unique(hashes, return_inverse=True, return_counts=True)
    blank = bucket[same_hash.ravel()] > _BLANK_BUCKET
    if blank.any():
        copies = np.where(blank[:, np.newaxis], np.uint8(0), copies)
    entry, first = _group_rows(hashes, copies)
    counts = np.bincount(entry, minlength=len(first)).astype(np.int64)
    pairs = _similar(hashes[first], copies, first, workers)
    component = connected_components(len(first), [pairs])
    _, cluster = np.unique(component[entry], return_inverse=True)
    total = int((counts[pairs.left] * counts[pairs.right]).sum() + (counts * (counts - 1) // 2).sum())
    return NearDuplicates(cluster.astype(np.int64).ravel(), total, entry, *pairs)


def _similar(hashes: np.ndarray, copies: np.ndarray, rows: np.ndarray, workers: int | None) -> Pairs:
    """Return every pair of near-duplicates once, left < right. `rows`: where in `copies` that of each hash stands."""
    whole, cut = spread_bits(hashes), _cut_hashes(copies, rows, workers)
    close = [
        close_pairs(whole, LOOK_ALIKE.bits, LOOK_ALIKE.pieces),
        *Index(whole, CROPPED.pieces).close_to(cut, CROPPED.bits, workers),
    ]
    del cut
    shown = outlines_of(copies, 0, rows)

    def look(window: int) -> np.ndarray:
        pairs = close[window]
        if not window:
            alike = correlate(shown, shown, pairs) >= LOOK_ALIKE.correlation
        else:
            seen, at = np.unique(pairs.left, return_inverse=True)
            inside = outlines_of(copies, window, rows[seen])
            alike = correlate(inside, shown, Pairs(at.ravel(), pairs.right)) >= CROPPED.correlation
            alike &= pairs.left != pairs.right
        left, right = pairs.left[alike], pairs.right[alike]
        return np.minimum(left, right) * len(rows) + np.maximum(left, right)

    found = np.unique(np.concatenate(list(ordered_map(look, range(WINDOWS), workers, ahead=1))))
    return Pairs(*np.divmod(found, max(1, len(rows))))


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


def _group_rows(hashes: np.ndarray, copies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number equal pictures, uint64 (N,) and uint8 (N, B): group of each, first of each group.

    They are compared by a digest of 16 bytes, for sorting the copies themselves would take several times their memory.
    """
    digests = np.empty(len(copies), "V16")
    for place, (value, copy) in enumerate(zip(hashes.tolist(), copies, strict=True)):
        digests[place] = np.void(
            hashlib.blake2b(copy.tobytes(), digest_size=16, salt=value.to_bytes(8, "little")).digest()
        )
    _, first, group = np.unique(digests, return_index=True, return_inverse=True)
    # Numbered by hash, those of one hash by their copies: that does not depend on the order of the pictures.
    of_first = hashes[first].byteswap()
    order = np.argsort(of_first, kind="stable")
    sorted_hashes = of_first[order]
    for start in np.flatnonzero(np.r_[False, sorted_hashes[1:] == sorted_hashes[:-1]]):
        if start > 1 and sorted_hashes[start] == sorted_hashes[start - 2]:
            continue  # within a run that was put in order
        stop = np.searchsorted(sorted_hashes, sorted_hashes[start], side="right")
        run = order[start - 1 : stop].tolist()
        order[start - 1 : stop] = sorted(run, key=lambda place: copies[first[place]].tobytes())
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    return number[group.ravel()], first[order]


def _differing(entry: np.ndarray, codes: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return for each pair of entries (an entry with itself too) the number of pairs of pictures of unlike codes."""
    names, code = np.unique(codes, return_inverse=True)
    size = np.int64(max(1, len(names)))
    held, count = np.unique(entry * size + code.ravel(), return_counts=True)
    start = np.searchsorted(held, np.arange(int(entry.max(initial=-1)) + 2) * size)
    total = np.bincount(entry, minlength=len(start) - 1)
    # Every (code, count) of the left entry against that of the same code in the right one.
    kinds = start[left + 1] - start[left]
    pair = np.repeat(np.arange(len(left)), kinds)
    mine = start[left[pair]] + np.arange(len(pair)) - np.repeat(np.cumsum(kinds) - kinds, kinds)
    wanted = right[pair] * size + held[mine] % size
    place = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    alike = np.bincount(pair, count[mine] * np.where(held[place] == wanted, count[place], 0), len(left))
    unlike = total[left] * total[right] - alike.astype(np.int64)
    return np.where(left == right, unlike // 2, unlike)
