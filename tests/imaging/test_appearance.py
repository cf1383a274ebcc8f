import cv2
import numpy as np
import pytest

from chestbench.imaging.appearance import measure_appearance
from tests.imaging.pictures import picture


def _look(pixels: np.ndarray):
    return measure_appearance(pixels[:, :, np.newaxis], np.bincount(pixels.ravel(), minlength=256).astype(np.uint32))


def test_mean_and_frame_are_those_of_the_pixels() -> None:
    pixels = picture(3, 100, 140)
    look = _look(pixels)
    frame = np.ones(pixels.shape, bool)
    frame[5:-5, 5:-5] = False
    assert look.mean_grey == pytest.approx(pixels.mean(), abs=1e-3)
    assert look.border_grey == pytest.approx(pixels[frame].mean(), abs=1e-3)
    assert look.border_spread == pytest.approx(pixels[frame].std(), abs=1e-3)


def test_letters_in_a_corner_are_marks_and_letters_in_the_middle_are_not() -> None:
    plain = cv2.GaussianBlur(picture(4, 200, 200), (0, 0), 3)
    cornered, middle = plain.copy(), plain.copy()
    cv2.putText(cornered, "L", (8, 26), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    cv2.putText(middle, "L", (90, 110), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    assert _look(plain).corner_marks == _look(middle).corner_marks == 0
    assert _look(cornered).corner_marks > 0.002


@pytest.mark.parametrize("shape", [(16, 16), (16, 300), (300, 17)])
def test_small_and_narrow_pictures_have_a_look_too(shape: tuple[int, int]) -> None:
    look = _look(np.full(shape, 7, np.uint8))
    assert (look.mean_grey, look.border_grey, look.border_spread, look.corner_marks) == (7, 7, 0, 0)
