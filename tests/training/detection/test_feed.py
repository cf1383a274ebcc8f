"""Batches of a detector: the same for the same seed, boxes moved with their pictures, targets of what is seen."""

import numpy as np

from chestbench.models.detection.points import Level, points_of
from chestbench.training.augment import AUGMENTATIONS
from chestbench.training.detection.feed import BoxFeed
from tests.training.detection.helpers import small_box_data

POINTS = points_of([Level(8, 8.0), Level(4, 16.0)])


def feed(augment="light", seed=3, first_epoch=0):
    return BoxFeed(small_box_data(20, 64), POINTS, 8, seed, AUGMENTATIONS[augment], first_epoch)


def test_a_batch_depends_on_seed_epoch_and_step_only():
    first, again = feed(), feed(first_epoch=2)
    try:
        assert first.steps == 3
        for got, expected in zip(first.batch(2, 1), again.batch(0, 1), strict=True):
            assert np.array_equal(got, expected)
        assert all(np.array_equal(got, expected) for got, expected in zip(first[7], again[1], strict=True))
        assert not np.array_equal(first.batch(2, 1)[0], feed(seed=4).batch(2, 1)[0])
    finally:
        first.close()
        again.close()


def test_what_the_targets_name_is_bright_in_the_picture():
    """Every mark is lighter than what lies around it, wherever it has gone."""
    images, targets = feed().batch(0, 0)
    assert images.dtype == np.uint8 and targets.shape == (8, 80, 6)
    looked = 0
    for image, wanted in zip(images, targets, strict=True):
        for x0, y0, x1, y1 in np.unique(wanted[wanted[:, 5] == 0, :4], axis=0):
            inside = image[round(float(y0) + 1) : round(float(y1) - 1), round(float(x0) + 1) : round(float(x1) - 1)]
            assert inside.mean() > image.mean() + 40
            looked += 1
    assert looked > 3
