from collections.abc import Iterable
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chestbench.catalog import hamming, likeness
from chestbench.catalog.components import connected_components
from chestbench.catalog.hamming import Index, Pairs, close_pairs, spread_bits
from chestbench.catalog.likeness import CROPPED, LOOK_ALIKE
from chestbench.catalog.near_duplicates import find_near_duplicates
from chestbench.imaging.fingerprint import OUTLINE_LENGTH, WINDOWS, fingerprint, outlines, window_hashes
from tests.imaging.pictures import picture


def _prints(pictures: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    found = [fingerprint(pixels) for pixels in pictures]
    return np.array([value for value, _ in found], np.uint64), np.array([copy for _, copy in found])


def _pieces_that_agree(differing: int, pieces: int) -> int:
    edges = np.linspace(0, 64, pieces + 1).round().astype(int).tolist()
    return sum((differing >> a) % (1 << (b - a)) == 0 for a, b in pairwise(edges))


def _brute_force(hashes: np.ndarray, copies: np.ndarray) -> set[tuple[int, int]]:
    """All pairs, one by one, each as it is and with each window of either."""
    spread = [spread_bits(column) for column in window_hashes(copies).T]
    spread[0] = spread_bits(hashes)
    shown = [outlines(copies, window).astype(np.int64) for window in range(WINDOWS)]
    pairs = set()
    for i in range(len(hashes)):
        for j in range(len(hashes)):
            for window in range(WINDOWS):
                rule = CROPPED if window else LOOK_ALIKE
                a, b = shown[window][i], shown[0][j]
                flat = not a.any() and not b.any()
                differing = int(spread[window][i] ^ spread[0][j])
                alike = flat or (a @ b) / OUTLINE_LENGTH**2 >= rule.correlation
                agree = _pieces_that_agree(differing, rule.pieces) >= 3
                if i != j and differing.bit_count() <= rule.bits and agree and alike:
                    pairs.add((min(i, j), max(i, j)))
    return pairs


def _family(seed: int, count: int) -> list[np.ndarray]:
    """Pictures of a few kinds, within a kind between equal and just unlike, some cut, some of one grey value."""
    generator = np.random.default_rng(seed)
    pictures = []
    for _ in range(count):
        base = picture(int(generator.integers(0, 3)), 80, 96).astype(np.float64)
        strength = generator.choice([0, 0, 2, 12, 25])
        noise = cv2.resize(generator.normal(0, 1, (20, 20)), (96, 80), interpolation=cv2.INTER_CUBIC)
        changed = np.clip(base + strength * noise, 0, 255).astype(np.uint8)
        if generator.random() < 0.4:
            top, left, bottom, right = generator.choice([0, 2, 4], 4)
            changed = changed[top : 80 - bottom, left : 96 - right]
        pictures.append(np.full((40, 40), 9, np.uint8) if generator.random() < 0.1 else changed)
    return pictures


def test_copies_cluster_and_strangers_do_not() -> None:
    pictures = [picture(1, 200, 260), picture(2), picture(3)]
    pictures += [cv2.resize(pictures[0], (130, 100), interpolation=cv2.INTER_AREA), pictures[0][2:, 2:]]
    found = find_near_duplicates(*_prints(pictures))
    assert found.cluster[0] == found.cluster[3] == found.cluster[4]
    assert len(set(found.cluster.tolist())) == 3


def test_a_picture_with_five_percent_cut_off_is_found_whichever_side_lost_them() -> None:
    whole = picture(1, 200, 260)
    cut = [whole[10:, 13:], whole[:-10, :-13], whole[10:], whole[:, :-13], whole[5:-5, 6:-7], whole[10:-10, 13:-13]]
    found = find_near_duplicates(*_prints([whole, *cut, picture(2)]))
    assert (found.cluster[1:7] == found.cluster[0]).all() and found.cluster[7] != found.cluster[0]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 14), st.sampled_from([3, 256]))
def test_the_search_finds_what_brute_force_finds(seed: int, count: int, at_once: int) -> None:
    hashes, copies = _prints(_family(seed, count))
    with pytest.MonkeyPatch.context() as patch:
        # So few at a time that these pictures fall into several lots, as thousands do.
        patch.setattr(likeness, "_AT_ONCE", at_once)
        found = find_near_duplicates(hashes, copies)
    pairs = _brute_force(hashes, copies)
    total, listed = found.pairs_between(np.arange(count), count**2)
    assert found.pairs == total == len(pairs)
    assert {(min(i, j), max(i, j)) for i, j in zip(*(part.tolist() for part in listed), strict=True)} == pairs
    clusters = connected_components(count, [tuple(np.array(sorted(pairs), int).reshape(-1, 2).T)])
    assert (clusters[:, None] == clusters).tolist() == (found.cluster[:, None] == found.cluster).tolist()


def _joined(blocks: Iterable[Pairs]) -> Pairs:
    none = Pairs(np.empty(0, np.int64), np.empty(0, np.int64))
    return Pairs(*map(np.concatenate, zip(none, *blocks, strict=True)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 60), st.integers(0, 10), st.booleans())
def test_close_hashes_are_found_by_sorting_and_by_comparing(seed: int, count: int, most: int, few: bool) -> None:
    generator = np.random.default_rng(seed)
    hashes = generator.integers(0, 2**64, 4, dtype=np.uint64)[generator.integers(0, 4, count)]
    for _ in range(7):
        flip = np.uint64(1) << generator.integers(0, 64, count).astype(np.uint64)
        hashes = np.where(generator.random(count) < 0.7, hashes ^ flip, hashes)
    probes = hashes[::2] ^ np.uint64(5)
    for pieces in (7, 9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hamming, "_FEW", 10**9 if few else 0)
            pairs, across = (
                _joined(close_pairs(hashes, most, pieces)),
                Index(hashes, pieces).close_to(probes[np.newaxis], most)[0],
            )
        for found, ours, once in ((pairs, hashes, True), (across, probes, False)):
            wanted = {
                (i, j)
                for i in range(len(ours))
                for j in range(i if once else count)
                if (differing := int(ours[i]) ^ int(hashes[j])).bit_count() <= most
                and _pieces_that_agree(differing, pieces) >= 3
            }
            got = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
            assert len(got) == len(set(got))
            assert {(max(pair), min(pair)) if once else pair for pair in got} == wanted


def test_the_number_of_threads_the_chunks_and_the_way_of_searching_change_nothing(monkeypatch) -> None:
    hashes, copies = _prints(_family(1, 60))
    whole = find_near_duplicates(hashes, copies, workers=1)
    monkeypatch.setattr(hamming, "_FEW", 0)
    monkeypatch.setattr(likeness, "_AT_ONCE", 7)
    monkeypatch.setattr(likeness, "_PAIRS_AT_ONCE", 11)
    monkeypatch.setattr(likeness, "_WINDOWS_AT_ONCE", 5)
    chunked = find_near_duplicates(hashes, copies, workers=3)
    assert chunked.pairs == whole.pairs > 20
    np.testing.assert_array_equal(chunked.cluster, whole.cluster)


def test_pairs_of_unlike_labels_are_counted_and_listed_up_to_a_limit() -> None:
    black = np.zeros((30, 30), np.uint8)
    hashes, copies = _prints([picture(1), picture(1)[1:], black, black, black, picture(2)])
    found = find_near_duplicates(hashes, copies)
    assert found.pairs == 4
    total, listed = found.pairs_between(np.array([0, 1, 0, 1, 0, 1]), 10)
    assert total == 3
    assert sorted(zip(listed.left.tolist(), listed.right.tolist(), strict=True)) == [(0, 1), (2, 3), (3, 4)]
    total, listed = found.pairs_between(np.array([0, 1, 0, 1, 0, 1]), 2)
    assert total == 3 and len(listed.left) == len(listed.right) == 2
    assert found.pairs_between(np.zeros(6), 10)[0] == 0


def test_twenty_thousand_black_pictures_are_one_cluster() -> None:
    found = find_near_duplicates(np.zeros(20_000, np.uint64), np.zeros((20_000, 1024), np.uint8))
    assert found.pairs == 20_000 * 19_999 // 2 and not found.cluster.any()
    total, listed = found.pairs_between(np.arange(20_000) % 2, 100_000)
    assert total == 10_000**2 and len(listed.left) == len(listed.right) == 100_000
    assert (listed.left < listed.right).all() and ((listed.left + listed.right) % 2 == 1).all()


def test_many_nearly_blank_pictures_with_one_hash_are_one_cluster() -> None:
    copies = np.random.default_rng(0).integers(0, 3, (5_000, 1024)).astype(np.uint8)
    assert not find_near_duplicates(np.full(5_000, 5, np.uint64), copies).cluster.any()
