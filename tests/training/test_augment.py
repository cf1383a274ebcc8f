"""Augmentation: bounded, seeded by image alone, and gentle."""

from dataclasses import replace

import numpy as np

from chestbench.training.augment import AUGMENTATIONS, Augmentation, augment

LIGHT = AUGMENTATIONS["light"]
NOTHING = Augmentation(0, 0, 0, 0, 0)


def picture(size: int = 64) -> np.ndarray:
    image = np.zeros((size, size, 1), np.uint8)
    image[size // 2 - 2 : size // 2 + 2, 8:12] = 200
    return image


def centre_of_mass(image: np.ndarray) -> np.ndarray:
    weights = image[..., 0].astype(float)
    rows, columns = np.indices(weights.shape)
    return np.array([(rows * weights).sum(), (columns * weights).sum()]) / weights.sum()


def test_same_seed_epoch_and_index_give_the_same_picture():
    image = picture()
    np.testing.assert_array_equal(augment(image, LIGHT, 1, 2, 3), augment(image, LIGHT, 1, 2, 3))
    for other in ((2, 2, 3), (1, 3, 3), (1, 2, 4)):
        assert not np.array_equal(augment(image, LIGHT, 1, 2, 3), augment(image, LIGHT, *other))


def test_shape_dtype_and_input_are_kept():
    image = picture()
    before = image.copy()
    changed = augment(image, LIGHT, 0, 0, 0)
    assert changed.shape == image.shape and changed.dtype == np.uint8
    np.testing.assert_array_equal(image, before)


def test_zero_strength_changes_nothing():
    np.testing.assert_array_equal(augment(picture(), NOTHING, 0, 0, 0), picture())


def test_light_is_what_the_recipe_says():
    assert Augmentation(rotation=10.0, shift=0.1, zoom=0.1, brightness=0.1, contrast=0.1) == LIGHT
    assert AUGMENTATIONS["none"] is None


def test_reference_is_what_the_reference_project_draws():
    assert AUGMENTATIONS["reference"] == Augmentation(18.0, 0.05, 0.1, brightness=0.0, contrast=0.0, flip=0.5)


def test_light_draws_what_it_drew_before_flips_were_known():
    """The seventh draw comes last, so that trainings with light augmentation stay as they were."""
    seven = np.random.default_rng((0, 0, 7)).uniform(-1.0, 1.0, 7)
    np.testing.assert_array_equal(seven[:6], np.random.default_rng((0, 0, 7)).uniform(-1.0, 1.0, 6))


def test_a_sure_flip_alone_mirrors_the_picture():
    np.testing.assert_array_equal(augment(picture(), replace(NOTHING, flip=1.0), 0, 0, 0), picture()[:, ::-1])


def test_reference_flips_half_of_the_pictures_and_keeps_their_grey_values():
    mirrored = [centre_of_mass(augment(picture(), AUGMENTATIONS["reference"], 0, 0, i))[1] > 31.5 for i in range(400)]
    assert 160 < sum(mirrored) < 240
    grey = np.full((64, 64, 1), 100, np.uint8)
    changed = augment(grey, AUGMENTATIONS["reference"], 0, 0, 3)
    assert changed[32, 32, 0] == 100 and changed.max() == 100


def test_reference_rotates_and_zooms_within_its_share():
    straight = replace(AUGMENTATIONS["reference"], flip=0.0, shift=0.0)
    angles, lengths = [], []
    for i in range(300):
        moved = centre_of_mass(augment(picture(), straight, 0, 0, i)) - 31.5
        angles.append(np.degrees(np.arctan2(moved[0], -moved[1])))
        lengths.append(np.hypot(*moved) / 22.0)
    assert 15 < max(angles) < 18.5 and -18.5 < min(angles) < -15
    assert 1.07 < max(lengths) < 1.12 and 0.88 < min(lengths) < 0.93


def test_shift_stays_within_its_share():
    """Over many draws the mark moves by up to a tenth of the size, both ways."""
    only_shift = replace(NOTHING, shift=0.1)
    start = centre_of_mass(picture())
    moves = np.array([centre_of_mass(augment(picture(), only_shift, 0, 0, i)) - start for i in range(200)])
    assert np.abs(moves).max() <= 6.4 + 0.1
    assert (moves.max(axis=0) > 4).all() and (moves.min(axis=0) < -4).all()


def test_rotation_stays_within_ten_degrees():
    only_rotation = replace(NOTHING, rotation=10.0)
    angles = []
    for i in range(200):
        moved = centre_of_mass(augment(picture(), only_rotation, 0, 0, i)) - 31.5
        angles.append(np.degrees(np.arctan2(moved[0], -moved[1])))
    assert 8 < max(angles) < 10.5 and -10.5 < min(angles) < -8


def test_never_flipped():
    """The mark on the left stays on the left: the heart has a side."""
    assert all(centre_of_mass(augment(picture(), LIGHT, 0, 0, i))[1] < 31.5 for i in range(200))


def test_brightness_and_contrast_stay_within_their_share():
    grey = np.full((32, 32, 1), 100, np.uint8)
    flat = replace(NOTHING, brightness=0.1, contrast=0.1)
    levels = [int(augment(grey, flat, 0, 0, i)[16, 16, 0]) for i in range(200)]
    assert 100 - 25.5 - 2.75 - 1 <= min(levels) < 80
    assert 120 < max(levels) <= 100 + 25.5 + 2.75 + 1


def test_extreme_values_do_not_wrap():
    for level in (0, 255):
        changed = augment(np.full((32, 32, 1), level, np.uint8), replace(NOTHING, brightness=0.1), 0, 0, 7)
        assert abs(int(changed[16, 16, 0]) - level) <= 26
