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

import numpy as np

from chestbench.catalog.components import connected_components
from chestbench.catalog.hamming import Pairs
from chestbench.catalog.likeness import similar_pairs

_PAIRS_AT_ONCE = 1 << 20
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
    pairs = similar_pairs(hashes[first], copies, first, workers)
    component = connected_components(len(first), [pairs])
    _, cluster = np.unique(component[entry], return_inverse=True)
    total = int((counts[pairs.left] * counts[pairs.right]).sum() + (counts * (counts - 1) // 2).sum())
    return NearDuplicates(cluster.astype(np.int64).ravel(), total, entry, *pairs)


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
