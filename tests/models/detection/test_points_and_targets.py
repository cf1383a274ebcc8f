"""Where a detector looks, and what it should say there."""

import numpy as np
import pytest

from chestbench.imaging.boxes import Boxes
from chestbench.models.detection.points import Level, points_of
from chestbench.models.detection.targets import NOTHING, targets_of

POINTS = points_of([Level(16, 8.0), Level(8, 16.0), Level(4, 32.0)])


def test_a_box_is_asked_of_the_level_that_suits_its_size_near_its_middle():
    for side, stride in ((24, 8.0), (80, 16.0), (124, 32.0)):
        corner = (128 - side) / 2
        box = [corner, corner, corner + side, corner + side]
        found = targets_of(Boxes.of([box], [3]), POINTS)
        rows = np.flatnonzero(found[:, 5] != NOTHING)
        assert len(rows) and set(POINTS.strides[rows]) == {stride}
        assert (found[rows, :4] == box).all() and (found[rows, 5] == 3).all()
        assert (np.abs(POINTS.places[rows] - 64) <= 1.5 * stride).all()


def test_a_whole_picture_is_a_box_too():
    found = targets_of(Boxes.of([[0, 0, 128, 128]]), POINTS)
    assert (found[:, 5] == 0).sum() >= 1


def test_of_two_boxes_over_a_point_it_has_the_smaller():
    found = targets_of(Boxes.of([[40, 40, 90, 90], [56, 56, 72, 72]], [0, 1]), POINTS)
    at_middle = np.abs(POINTS.places - 64).max(axis=1) == 4
    assert (found[at_middle, 5] == 1).all() and at_middle.sum() == 4


def test_no_box_is_lost_however_thin():
    rng = np.random.default_rng(0)
    for _ in range(200):
        low, sides = rng.uniform(0, 100, 2), rng.uniform(0.5, 28, 2)
        assert (targets_of(Boxes.of([[*low, *(low + sides)]]), POINTS)[:, 5] == 0).any()


def test_centerness_is_one_in_the_middle_and_less_beside_it():
    found = targets_of(Boxes.of([[0, 0, 24, 24]]), points_of([Level(3, 8.0)]))
    assert found[4, 4] == 1.0
    # Beside the middle: 4 to the left, 20 to the right, 12 up and down: sqrt(4 / 20).
    assert found[3, 4] == pytest.approx(np.sqrt(0.2))


def test_a_picture_without_boxes_has_none():
    assert (targets_of(Boxes.of([]), POINTS)[:, 5] == NOTHING).all()
