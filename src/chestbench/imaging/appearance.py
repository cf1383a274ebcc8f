"""What of a picture has nothing to do with the lungs: how bright it is, its border, and marks in its corners."""

from dataclasses import dataclass

import cv2
import numpy as np

BORDER = 0.05  # of the shorter side
CORNER = (0.15, 0.25)  # of height and width: where letters and dates are burnt in
STEP = 64  # grey levels between two neighbours in a row: the edge of a letter, seldom of anatomy


@dataclass(frozen=True, slots=True)
class Appearance:
    """Rounded to three digits after the point, shares to five.

    Attributes:
        mean_grey: 0 to 255.
        border_grey: mean of the frame, 0 to 255.
        border_spread: standard deviation of the frame, in grey levels.
        corner_marks: share, 0 to 1, of the neighbours in the four corners that differ by STEP or more.
    """

    mean_grey: float
    border_grey: float
    border_spread: float
    corner_marks: float


def measure_appearance(pixels: np.ndarray, histogram: np.ndarray) -> Appearance:
    """Measure a picture in some tens of microseconds.

    Args:
        pixels: uint8 (H, W, 1), each side 2 or more.
        histogram: (256,), pixels of each grey level.
    """
    picture = pixels[:, :, 0]
    height, width = picture.shape
    frame = max(1, round(BORDER * min(height, width)))
    middle = picture[frame : height - frame]
    strips = [picture[:frame], picture[height - frame :], middle[:, :frame], middle[:, width - frame :]]
    count = total = squares = 0.0
    for strip in strips:
        if strip.size:
            mean, spread = (value[0, 0] for value in cv2.meanStdDev(strip))
            count += strip.size
            total += strip.size * mean
            squares += strip.size * (spread**2 + mean**2)
    border = total / count
    down, across = max(1, round(CORNER[0] * height)), max(2, round(CORNER[1] * width))
    marks = pairs = 0
    for rows in (picture[:down], picture[height - down :]):
        for corner in (rows[:, :across], rows[:, width - across :]):
            steps = cv2.absdiff(corner[:, 1:], corner[:, :-1])
            marks += cv2.countNonZero(cv2.threshold(steps, STEP - 1, 255, cv2.THRESH_BINARY)[1])
            pairs += steps.size
    return Appearance(
        round(float(histogram @ np.arange(256)) / picture.size, 3),
        round(float(border), 3),
        round(float(np.sqrt(max(squares / count - border**2, 0.0))), 3),
        round(marks / pairs, 5) if pairs else 0.0,
    )
