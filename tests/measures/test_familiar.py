"""How far pictures are from those of a data set, and whether they are copies of them."""

import cv2
import numpy as np
import pytest

from chestbench.datasets.phantom import draw_slice
from chestbench.imaging.looks import LAYOUT, TEXTURE, copy_codes, layout_of, texture_of
from chestbench.imaging.resize import resize_grey
from chestbench.measures.familiar import Familiar


def slices(first: int, count: int, size: int = 64) -> np.ndarray:
    """Return drawn slices of as many people, uint8 (N, size, size, 1)."""
    drawn = (draw_slice(seed, 0, 96, 96, positive=seed % 2 == 0).pixels for seed in range(first, first + count))
    return np.stack([resize_grey(one, size, "pad") for one in drawn])


@pytest.fixture(scope="module")
def train() -> np.ndarray:
    return slices(0, 90)


@pytest.fixture(scope="module")
def familiar(train: np.ndarray) -> Familiar:
    return Familiar.fit(train, [f"g{place}" for place in range(len(train))], slices(1000, 30))


def test_others_of_the_kind_are_near_and_all_else_is_far(familiar: Familiar, train: np.ndarray) -> None:
    own = familiar.distances(slices(2000, 40))
    assert own.shape == (40, 2) and (own.max(axis=1) > 1).mean() <= 0.1
    generator = np.random.default_rng(0)
    others = {
        "noise": generator.integers(0, 256, (64, 64, 1)).astype(np.uint8),
        "black": np.zeros((64, 64, 1), np.uint8),
        "ramp": np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1))[..., np.newaxis],
        "negative": 255 - train[0],
        "blurred": cv2.GaussianBlur(train[0], (0, 0), 6)[..., np.newaxis],
    }
    for name, picture in others.items():
        assert familiar.distances(picture[np.newaxis]).max() > 1, name


def test_copies_are_found_and_other_people_are_not(familiar: Familiar, train: np.ndarray) -> None:
    again = [cv2.imdecode(cv2.imencode(".jpg", one, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 0) for one in train[:20]]
    brighter = np.clip(train[:20].astype(int) + 15, 0, 255).astype(np.uint8)
    assert familiar.is_copy(train).all() and familiar.is_copy(np.stack(again)[..., np.newaxis]).all()
    assert familiar.is_copy(brighter).mean() >= 0.9
    assert familiar.is_copy(slices(3000, 40)).mean() <= 0.05
    # All flat pictures are alike; that says nothing.
    assert not familiar.is_copy(np.full((2, 64, 64, 1), 7, np.uint8)).any()


def test_what_is_written_gives_the_same_back(familiar: Familiar) -> None:
    again, probe = Familiar.from_arrays(familiar.to_arrays()), slices(4000, 5)
    np.testing.assert_array_equal(again.distances(probe), familiar.distances(probe))
    np.testing.assert_array_equal(again.is_copy(probe), familiar.is_copy(probe))
    assert sum(array.nbytes for array in familiar.to_arrays().values()) < 40_000


@pytest.mark.parametrize("count", [1, 2, 5])
def test_few_pictures_give_distances_all_the_same(count: int) -> None:
    few = slices(0, count, 16)
    found = Familiar.fit(few, ["g"] * count, slices(50, 1, 16))
    assert np.isfinite(found.distances(slices(60, 4, 16))).all()
    assert found.distances(np.empty((0, 16, 16, 1), np.uint8)).shape == (0, 2)


def test_shapes_of_what_is_looked_at() -> None:
    for size in (16, 28, 224):
        images = slices(0, 2, size)
        assert layout_of(images).shape == (2, LAYOUT) and texture_of(images).shape == (2, TEXTURE)
        assert np.isfinite(texture_of(images)).all() and copy_codes(images).dtype == np.uint64
    assert copy_codes(np.empty((0, 16, 16, 1), np.uint8)).shape == (0, 5)
    # Brightness and contrast are no layout.
    image = slices(0, 1)
    np.testing.assert_allclose(layout_of(image // 2 + 60), layout_of(image), atol=0.25)
