import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from chestbench.audit import near_duplicates
from chestbench.audit.near_duplicates import MAX_DISTANCE, MIN_CORRELATION, connected_components, find_near_duplicates
from chestbench.imaging.fingerprint import fingerprint
from tests.imaging.pictures import picture


def _prints(pictures: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    found = [fingerprint(pixels) for pixels in pictures]
    return np.array([value for value, _ in found], np.uint64), np.array([thumbnail for _, thumbnail in found])


def _brute_force(hashes: np.ndarray, thumbnails: np.ndarray) -> tuple[int, list[set[int]]]:
    """All pairs, one by one, and the clusters they make."""
    pairs = []
    for i in range(len(hashes)):
        for j in range(i):
            a, b = thumbnails[i].astype(float), thumbnails[j].astype(float)
            flat = a.std() == 0 and b.std() == 0
            alike = flat or (a.std() > 0 and b.std() > 0 and np.corrcoef(a, b)[0, 1] >= MIN_CORRELATION)
            if int(hashes[i] ^ hashes[j]).bit_count() <= MAX_DISTANCE and alike:
                pairs.append((i, j))
    clusters = [{i} for i in range(len(hashes))]
    for i, j in pairs:
        merged = next(c for c in clusters if i in c) | next(c for c in clusters if j in c)
        clusters = [c for c in clusters if not c & merged] + [merged]
    return len(pairs), sorted(clusters, key=min)


def test_copies_cluster_and_strangers_do_not() -> None:
    pictures = [picture(1, 200, 260), picture(2), picture(3)]
    pictures += [cv2.resize(pictures[0], (130, 100), interpolation=cv2.INTER_AREA), pictures[0][2:, 2:]]
    found = find_near_duplicates(*_prints(pictures))
    assert found.cluster[0] == found.cluster[3] == found.cluster[4]
    assert len(set(found.cluster.tolist())) == 3


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 40))
def test_the_search_finds_what_brute_force_finds(seed: int, count: int) -> None:
    generator = np.random.default_rng(seed)
    # A few families of hashes, their members some bits apart, so that pairs at and around the limit are common.
    hashes = generator.integers(0, 2**64, 4, dtype=np.uint64)[generator.integers(0, 4, count)]
    for _ in range(4):
        flip = np.uint64(1) << generator.integers(0, 64, count).astype(np.uint64)
        hashes = np.where(generator.random(count) < 0.7, hashes ^ flip, hashes)
    base = generator.integers(0, 256, (2, 256))[generator.integers(0, 2, count)]
    thumbnails = np.clip(
        base + generator.normal(0, generator.choice([0, 20, 40], (count, 1)), (count, 256)), 0, 255
    ).astype(np.uint8)
    thumbnails[generator.random(count) < 0.1] = 7
    found = find_near_duplicates(hashes, thumbnails)
    pairs, clusters = _brute_force(hashes, thumbnails)
    assert found.pairs == pairs
    assert (
        sorted((set(np.flatnonzero(found.cluster == c).tolist()) for c in range(found.cluster.max() + 1)), key=min)
        == clusters
    )


def test_chunked_candidates_change_nothing(monkeypatch) -> None:
    generator = np.random.default_rng(0)
    hashes = np.repeat(generator.integers(0, 2**64, 10, dtype=np.uint64), 6) ^ generator.integers(0, 4, 60).astype(
        np.uint64
    )
    thumbnails = np.repeat(generator.integers(0, 256, (10, 256)).astype(np.uint8), 6, axis=0)
    thumbnails[:, 0] = np.arange(60)
    whole = find_near_duplicates(hashes, thumbnails)
    monkeypatch.setattr(near_duplicates, "_CANDIDATES_AT_ONCE", 7)
    monkeypatch.setattr(near_duplicates, "_THUMBNAILS_AT_ONCE", 3)
    chunked = find_near_duplicates(hashes, thumbnails)
    assert chunked.pairs == whole.pairs == 150
    np.testing.assert_array_equal(chunked.cluster, whole.cluster)


def test_twenty_thousand_black_pictures_are_one_cluster() -> None:
    found = find_near_duplicates(np.zeros(20_000, np.uint64), np.zeros((20_000, 256), np.uint8))
    assert found.pairs == 20_000 * 19_999 // 2 and not found.cluster.any()


def test_many_nearly_blank_pictures_with_one_hash_are_one_cluster() -> None:
    thumbnails = np.random.default_rng(0).integers(0, 3, (5_000, 256)).astype(np.uint8)
    assert not find_near_duplicates(np.full(5_000, 5, np.uint64), thumbnails).cluster.any()


def test_components_follow_chains_over_chunks() -> None:
    links = [(np.array([3, 5]), np.array([4, 6])), (np.array([4, 6]), np.array([5, 0]))]
    assert connected_components(8, links).tolist() == [0, 1, 2, 0, 0, 0, 0, 7]
