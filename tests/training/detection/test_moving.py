"""Boxes move with the picture: known marks are found again where their boxes say, within a pixel."""

import numpy as np
import pytest

from chestbench.imaging.boxes import Boxes
from chestbench.training.augment import AUGMENTATIONS, Augmentation, augment, augment_and_tell
from chestbench.training.detection.moving import moved
from chestbench.training.strong import StrongAugmentation

SIDE = 160
STILL = {"rotation": 0.0, "shift": 0.0, "zoom": 0.0, "brightness": 0.0, "contrast": 0.0}
NOTHING = dict.fromkeys(("brightness", "contrast", "gamma", "blur", "noise", "cut_out"), 0.0)
MOVES = {
    "rotation": Augmentation(**{**STILL, "rotation": 90.0}),
    "shift": Augmentation(**{**STILL, "shift": 0.2}),
    "zoom": Augmentation(**{**STILL, "zoom": 0.4}),
    "flip": Augmentation(**{**STILL, "flip": 1.0}),
    "all": Augmentation(rotation=45.0, shift=0.15, zoom=0.3, brightness=0.0, contrast=0.0, flip=0.5),
    "shear": StrongAugmentation(changes=10, **NOTHING),
}


def disc(x: float, y: float, width: float, height: float) -> np.ndarray:
    """Return a black picture with a white ellipse that fills a box."""
    at = np.arange(SIDE) + 0.5
    away = ((at[None] - x - width / 2) / (width / 2)) ** 2 + ((at[:, None] - y - height / 2) / (height / 2)) ** 2
    return np.where(away <= 1, 255, 0).astype(np.uint8)[..., None]


def extent(image: np.ndarray) -> list[int]:
    rows, columns = np.nonzero(image[..., 0] > 127)
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


@pytest.mark.parametrize("case", MOVES)
@pytest.mark.parametrize("draw", range(6))
def test_a_mark_is_where_its_box_says(case, draw):
    x, y, width, height = 50, 60, 44, 28
    image, boxes = disc(x, y, width, height), Boxes.of([[x, y, x + width, y + height]])
    changed, matrix = augment_and_tell(image, MOVES[case], 1, 0, draw)
    (found,) = moved(boxes, matrix, SIDE, SIDE).corners
    assert not np.array_equal(changed, image)
    np.testing.assert_allclose(found, extent(changed), atol=1.0)


def test_a_rectangle_that_is_not_turned_is_itself():
    image = np.zeros((SIDE, SIDE, 1), np.uint8)
    image[60:100, 40:70] = 255
    for case in ("shift", "zoom", "flip"):
        changed, matrix = augment_and_tell(image, MOVES[case], 5, 0, 0)
        (found,) = moved(Boxes.of([[40, 60, 70, 100]]), matrix, SIDE, SIDE).corners
        np.testing.assert_allclose(found, extent(changed), atol=1.0)


def test_boxes_that_leave_are_cut_and_small_rests_dropped():
    to_the_left = np.array([[1.0, 0, -60], [0, 1, 0]])
    boxes = Boxes.of([[50, 0, 90, 40], [30, 0, 65, 40], [0, 0, 40, 40], [100, 5, 110, 25]], [0, 1, 2, 3])
    found = moved(boxes, to_the_left, SIDE, SIDE)
    assert found.labels.tolist() == [0, 3]
    assert found.corners.tolist() == [[0, 0, 30, 40], [40, 5, 50, 25]]


def test_none_stay_none():
    assert len(moved(Boxes.of([]), np.eye(2, 3), SIDE, SIDE)) == 0


@pytest.mark.parametrize("name", ["light", "reference", "strong"])
def test_pictures_change_as_those_of_classifiers_do(name):
    image = disc(30, 40, 50, 60)
    for draw in range(5):
        told, _ = augment_and_tell(image, AUGMENTATIONS[name], 3, 1, draw)
        assert np.array_equal(told, augment(image, AUGMENTATIONS[name], 3, 1, draw))
