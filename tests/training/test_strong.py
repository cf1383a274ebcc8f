"""Strong augmentation: seeded by image alone, a few changes of ten, each within its share, never a flip."""

from dataclasses import fields, replace

import numpy as np
import pytest

from chestbench.training.augment import AUGMENTATIONS, augment
from chestbench.training.strong import CHANGES, StrongAugmentation, augment_strongly

STRONG = AUGMENTATIONS["strong"]
ALL = len(CHANGES)
NOTHING = StrongAugmentation(**{"changes": ALL, **dict.fromkeys(CHANGES, 0.0)})


def picture(size: int = 64) -> np.ndarray:
    image = np.zeros((size, size, 1), np.uint8)
    image[size // 2 - 2 : size // 2 + 2, 8:12] = 200
    return image


def flat(level: int, size: int = 32) -> np.ndarray:
    return np.full((size, size, 1), level, np.uint8)


def marks(augmentation: StrongAugmentation, count: int = 200) -> np.ndarray:
    """Return where the middle of the mark lies, (count, 2): rows and columns from the picture's middle."""
    found = []
    for i in range(count):
        weights = augment(picture(), augmentation, 0, 0, i)[..., 0].astype(float)
        rows, columns = np.indices(weights.shape)
        whole = weights.sum() or np.nan
        found.append([(rows * weights).sum() / whole, (columns * weights).sum() / whole])
    return np.array(found) - 31.5


def test_it_is_drawn_from_seed_epoch_and_image_alone() -> None:
    image = np.random.default_rng(1).integers(0, 256, (64, 64, 1), dtype=np.uint8)
    before = image.copy()
    changed = augment(image, STRONG, 1, 2, 3)
    np.testing.assert_array_equal(changed, augment(image, STRONG, 1, 2, 3))
    for other in ((2, 2, 3), (1, 3, 3), (1, 2, 4)):
        assert not np.array_equal(changed, augment(image, STRONG, *other))
    np.testing.assert_array_equal(image, before)
    assert changed.shape == image.shape and changed.dtype == np.uint8


def test_every_change_has_a_largest_size_and_none_of_it_changes_nothing() -> None:
    assert {field.name for field in fields(StrongAugmentation)} == {"changes", *CHANGES}
    # Blur of nothing is a kernel of one pixel.
    np.testing.assert_array_equal(augment(picture(), NOTHING, 0, 0, 0), picture())
    np.testing.assert_array_equal(augment(picture(), replace(STRONG, changes=0), 0, 0, 0), picture())


def test_as_many_changes_as_asked_each_as_often_as_the_others() -> None:
    """Brightness alone is large; it then is among three of ten in three of ten pictures."""
    only = replace(NOTHING, changes=3, brightness=0.2)
    changed = [not np.array_equal(augment(flat(100), only, 0, 0, i), flat(100)) for i in range(1000)]
    assert 0.26 < np.mean(changed) < 0.34


def test_the_mark_on_the_left_stays_on_the_left() -> None:
    moving = replace(STRONG, changes=ALL, noise=0.0, cut_out=0.0, brightness=0.0, contrast=0.0)
    columns = marks(moving)[:, 1]
    # Out of the picture at the left it may go.
    assert (columns[np.isfinite(columns)] < 0).all() and np.isfinite(columns).sum() > 150


def test_rotation_shift_zoom_and_shear_stay_within_their_shares() -> None:
    turned = marks(replace(NOTHING, rotation=20.0))
    angles = np.degrees(np.arctan2(turned[:, 0], -turned[:, 1]))
    assert 17 < angles.max() < 20.5 and -20.5 < angles.min() < -17
    moved = marks(replace(NOTHING, shift=0.1)) - marks(NOTHING, 1)
    assert np.abs(moved).max() < 6.5 and (moved.max(axis=0) > 5.5).all() and (moved.min(axis=0) < -5.5).all()
    lengths = np.hypot(*marks(replace(NOTHING, zoom=0.2)).T) / np.hypot(*marks(NOTHING, 1)[0])
    assert 1.15 < lengths.max() < 1.21 and 0.79 < lengths.min() < 0.85
    # The mark lies in the middle row, which shear leaves where it is; a mark at the top moves.
    np.testing.assert_allclose(marks(replace(NOTHING, shear=0.2), 20), np.tile(marks(NOTHING, 1), (20, 1)), atol=0.15)
    top = np.zeros((64, 64, 1), np.uint8)
    top[0:2, 31:33] = 200
    columns = [augment(top, replace(NOTHING, shear=0.2), 0, 0, i)[0, :, 0].argmax() - 31.5 for i in range(100)]
    assert 5 < max(columns) <= 7 and -7 <= min(columns) < -5


@pytest.mark.parametrize(
    ("change", "size", "low", "high"),
    [("brightness", 0.2, 100 - 51, 100 + 51), ("contrast", 0.4, 89, 111), ("gamma", 0.5, 55, 144)],
)
def test_levels_change_within_their_share(change: str, size: float, low: int, high: int) -> None:
    """100: 127.5 - 27.5 * (1 - or + 0.4); 255 * (100 / 255) ** exp(+ or - 0.5)."""
    levels = [int(augment(flat(100), replace(NOTHING, **{change: size}), 0, 0, i)[16, 16, 0]) for i in range(300)]
    assert low <= min(levels) <= low + 6 and high - 6 <= max(levels) <= high


def test_the_levels_are_those_of_what_was_drawn() -> None:
    """The numbers of (seed, epoch, image): the order of the changes first, then two for each of them."""
    generator = np.random.default_rng((4, 5, 6))
    generator.permutation(ALL)
    drawn = generator.uniform(-1.0, 1.0, (ALL, 2))[CHANGES.index("brightness"), 0]
    changed = augment_strongly(flat(100), replace(NOTHING, brightness=0.2), seed=4, epoch=5, index=6)
    assert (changed == round(100 + drawn * 0.2 * 255)).all()


def test_levels_do_not_wrap_at_the_ends() -> None:
    for level in (0, 255):
        for i in range(50):
            changed = augment(flat(level), replace(NOTHING, brightness=0.2, noise=0.05), 0, 0, i)
            assert np.abs(changed.astype(int) - level).max() < 130


def test_blur_and_sharpening_noise_and_the_square() -> None:
    image = np.zeros((64, 64, 1), np.uint8)
    image[:, 32:] = 100
    edges = [augment(image, replace(NOTHING, blur=0.03), 0, 0, i)[32, 32, 0] for i in range(40)]
    # Sharpened, the bright side of the edge is brighter; blurred, darker.
    assert max(edges) > 110 and min(edges) < 80
    noisy = [augment(flat(100), replace(NOTHING, noise=0.04), 0, 0, i).std() for i in range(40)]
    assert max(noisy) < 11 and np.ptp(noisy) > 5
    cut = [(augment(image, replace(NOTHING, cut_out=0.5), 0, 0, i) == 50).sum() for i in range(100)]
    assert max(cut) <= 32 * 32 and max(cut) > 400 and min(cut) < 100
