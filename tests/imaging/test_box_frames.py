"""A box lies in the array where what it is around lies, and goes back to where it came from."""

import doctest

import cv2
import numpy as np
import pytest

from chestbench.imaging import box_frames
from chestbench.imaging.box_frames import Frame, has_area, to_array, to_stored
from chestbench.imaging.boxes import Boxes
from chestbench.imaging.resize import resize_grey

SIZE = 64


def test_the_example_holds() -> None:
    found = doctest.testmod(box_frames)
    assert found.attempted > 0 and found.failed == 0


def bright(picture: np.ndarray) -> list[float]:
    """Return the box around what is brighter than half, as corners."""
    x, y, width, height = cv2.boundingRect((picture.reshape(picture.shape[:2]) > 127).astype(np.uint8))
    return [x, y, x + width, y + height]


@pytest.mark.parametrize("fit", ["pad", "stretch"])
@pytest.mark.parametrize("shape", [(300, 200), (200, 300), (256, 256), (31, 57)])
@pytest.mark.parametrize("shrunk", [1.0, 0.5])
def test_a_bright_box_is_where_its_corners_say(fit: str, shape: tuple[int, int], shrunk: float) -> None:
    height, width = shape
    corners = [round(0.2 * width), round(0.3 * height), round(0.7 * width), round(0.8 * height)]
    picture = np.zeros(shape, np.uint8)
    picture[corners[1] : corners[3], corners[0] : corners[2]] = 255
    kept = cv2.resize(picture, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
    left, top = 3, 2
    region = np.ascontiguousarray(kept[top:, left:])
    frame = Frame.of(
        (width, height), kept.shape[::-1], (left, top, region.shape[1], region.shape[0]), SIZE, fit
    )  # fmt: skip
    (placed,) = to_array(frame, np.array([corners]))
    assert placed == pytest.approx(
        bright(resize_grey(region, SIZE, fit)), abs=1.01 if min(region.shape) > SIZE else 2.5
    )
    back = to_stored(frame, Boxes.of([placed], [0], [0.5]))
    assert back.corners[0] == pytest.approx(corners) and back.scores.tolist() == [0.5]


def test_what_is_not_seen_is_cut_off() -> None:
    frame = Frame.of((100, 100), (100, 100), (20, 0, 80, 100), SIZE, "pad")
    cut, gone = to_array(frame, np.array([[10, 0, 30, 50], [0, 0, 15, 15]], float))
    assert cut.tolist() == pytest.approx([6, 0, 12.375, 32]) and has_area(np.array([cut, gone])).tolist() == [
        True,
        False,
    ]


def test_boxes_in_the_black_are_no_boxes_of_the_picture() -> None:
    frame = Frame.of((200, 100), (200, 100), (0, 0, 200, 100), SIZE, "pad")
    found = Boxes.of([[0, 0, 10, 15], [0, 10, 64, 64]], [1, 2], [0.9, 0.8])
    (corners,), labels = to_stored(frame, found).corners, to_stored(frame, found).labels
    assert corners.tolist() == [0, 0, 200, 100] and labels.tolist() == [2]
