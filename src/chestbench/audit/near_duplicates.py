"""Pictures that look alike: the same one re-scaled, re-compressed or cropped a little, and neighbouring slices.

Two pictures are near-duplicates when their 64-bit perceptual hashes differ in at most `MAX_DISTANCE` bits and their
16 x 16 thumbnails correlate by at least `MIN_CORRELATION`. The hash alone is not enough: at 6 bits one pair in
10,000 of different people's chest X-rays agrees, which would chain a set of 20,000 into one cluster. With both, 700 CT
slices of the SARS-CoV-2 set gave 157 pairs (by eye neighbouring slices of one patient) and 900 X-rays 7, none of them
across classes. Copies at half the size, as JPEG of quality 30, or 10% brighter were always found, with 1% cropped off
in 98%, with 2% in 60 to 75%.

The search is sub-quadratic: two 64-bit hashes that differ in at most 6 bits agree in at least two of eight bytes, so
candidates are looked up by each of the 28 pairs of bytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

MAX_DISTANCE = 6
MIN_CORRELATION = 0.94
_BYTES = 8
_CANDIDATES_AT_ONCE = 1 << 20
_THUMBNAILS_AT_ONCE = 1 << 13
# So many different pictures with one hash are nearly blank: comparing all pairs would be quadratic and pointless.
_BLANK_BUCKET = 256


@dataclass(frozen=True)
class NearDuplicates:
    """Clusters of look-alike pictures.

    Attributes:
        cluster: int64 (N,), 0 to the number of clusters - 1; a picture like no other has a cluster of its own.
        pairs: number of pairs of near-duplicates.
    """

    cluster: np.ndarray
    pairs: int


def find_near_duplicates(hashes: np.ndarray, thumbnails: np.ndarray) -> NearDuplicates:
    """Cluster pictures by likeness: everything connected through pairs of near-duplicates is one cluster.

    Args:
        hashes: uint64 (N,), from `chestbench.imaging.fingerprint`.
        thumbnails: uint8 (N, 256), from the same.
    """
    # Equal fingerprints (all-black pictures above all) would make buckets whose pairs are quadratic: they count as one
    # entry with a multiplicity.
    _, same_hash, bucket = np.unique(hashes, return_inverse=True, return_counts=True)
    blank = bucket[same_hash.ravel()] > _BLANK_BUCKET
    thumbnails = np.where(blank[:, np.newaxis], np.uint8(0), thumbnails)
    keys = np.concatenate([hashes.astype(">u8").view(np.uint8).reshape(-1, 8), thumbnails], axis=1)
    entry, order, new = _group_rows(keys)
    first = order[new]
    copies = np.bincount(entry, minlength=len(first)).astype(np.int64)

    merged, pairs = _cluster_distinct(hashes[first], thumbnails[first], copies)
    pairs += int((copies * (copies - 1) // 2).sum())
    _, cluster = np.unique(merged[entry], return_inverse=True)
    return NearDuplicates(cluster.astype(np.int64).ravel(), pairs)


def _group_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number equal rows of uint8 (N, B): group of each row, rows in sorted order, which of those start a group."""
    order = np.ascontiguousarray(rows).view(f"V{rows.shape[1]}").ravel().argsort(kind="stable")
    ordered = rows[order]
    new = np.ones(len(order), bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(new) - 1
    return group, order, new


def pairs_of_equals(items: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs (left, right) that chain together all items whose keys are equal, for `connected_components`.

    Args:
        items: int64 (N,), numbers from 0. keys: (N,), any sortable type.
    """
    order = np.lexsort((items, np.unique(np.asarray(keys), return_inverse=True)[1].ravel()))
    same = np.asarray(keys)[order][1:] == np.asarray(keys)[order][:-1]
    return items[order][:-1][same], items[order][1:][same]


def connected_components(size: int, pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the smallest member of each item's component, int64 (size,), under links that come in chunks (i, j)."""
    parent = np.arange(size)
    for left, right in pairs:
        while True:
            a, b = parent[left], parent[right]
            apart = a != b
            if not apart.any():
                break
            np.minimum.at(parent, np.maximum(a, b)[apart], np.minimum(a, b)[apart])
            while (shorter := parent[parent]).tobytes() != parent.tobytes():
                parent = shorter
    return parent


def _cluster_distinct(hashes: np.ndarray, thumbnails: np.ndarray, copies: np.ndarray) -> tuple[np.ndarray, int]:
    """Return each entry's component (its smallest member) and the number of pairs, copies of an entry counted."""
    counted = 0

    def similar_pairs() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        nonlocal counted
        for left, right in _close_pairs(hashes):
            alike = _correlate(thumbnails, left, right)
            left, right = left[alike], right[alike]
            counted += int((copies[left] * copies[right]).sum())
            yield left, right

    component = connected_components(len(hashes), similar_pairs())
    return component, counted


def _close_pairs(hashes: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield every pair (i, j), each once, whose hashes differ in at most MAX_DISTANCE bits, in chunks."""
    mixed = _spread_bits(hashes)
    for first, second in combinations(range(_BYTES), 2):
        key = mixed[:, first].astype(np.uint16) << 8 | mixed[:, second]
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        bucket_end = np.searchsorted(ordered, ordered, side="right")
        partners = bucket_end - np.arange(len(order)) - 1
        for start, stop in _chunks(partners):
            count = partners[start:stop]
            left = np.repeat(np.arange(start, stop), count)
            offset = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count) + 1
            i, j = order[left], order[left + offset]
            close = np.bitwise_count(hashes[i] ^ hashes[j]) <= MAX_DISTANCE
            i, j = i[close], j[close]
            # A pair that agrees in several bytes turns up under several keys: it counts under its first.
            equal = mixed[i] == mixed[j]
            place = np.cumsum(equal, axis=1)
            mine = equal[:, first] & (place[:, first] == 1) & equal[:, second] & (place[:, second] == 2)
            if mine.any():
                yield i[mine], j[mine]


def _chunks(partners: np.ndarray) -> Iterator[tuple[int, int]]:
    """Cut the entries into runs of about _CANDIDATES_AT_ONCE candidate pairs, to bound memory."""
    total = np.cumsum(partners)
    start, done = 0, 0
    while start < len(partners) and total[-1] > done:
        stop = max(start + 1, int(np.searchsorted(total, done + _CANDIDATES_AT_ONCE, side="right")))
        yield start, stop
        start, done = stop, int(total[stop - 1])


def _spread_bits(hashes: np.ndarray) -> np.ndarray:
    """Return the hashes as uint8 (N, 8) with the bits dealt out along diagonals of the 8 x 8 frequencies.

    Low frequencies hardly vary among chest pictures. Dealt out, each byte has some of them; in row order some bytes
    would be all low and the buckets huge.
    """
    bits = np.unpackbits(hashes.astype(">u8").view(np.uint8).reshape(-1, 8), axis=1)
    row, column = np.divmod(np.arange(64), 8)
    return np.packbits(bits[:, np.argsort((row + column) % 8, kind="stable")], axis=1)


def _correlate(thumbnails: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Tell which pairs of thumbnails correlate enough, bool (P,); two flat ones do. Integers up to the last step."""
    alike = np.empty(len(left), bool)
    for start in range(0, len(left), _THUMBNAILS_AT_ONCE):
        chunk = slice(start, start + _THUMBNAILS_AT_ONCE)
        a, b = thumbnails[left[chunk]].astype(np.int32), thumbnails[right[chunk]].astype(np.int32)
        n = a.shape[1]
        sum_a, sum_b = a.sum(axis=1, dtype=np.int64), b.sum(axis=1, dtype=np.int64)
        covariance = n * np.einsum("ij,ij->i", a, b).astype(np.int64) - sum_a * sum_b
        variance_a = n * np.einsum("ij,ij->i", a, a).astype(np.int64) - sum_a * sum_a
        variance_b = n * np.einsum("ij,ij->i", b, b).astype(np.int64) - sum_b * sum_b
        scale = np.sqrt(variance_a.astype(np.float64)) * np.sqrt(variance_b.astype(np.float64))
        flat = (variance_a == 0) & (variance_b == 0)
        alike[chunk] = flat | ((scale > 0) & (covariance >= MIN_CORRELATION * scale))
    return alike
