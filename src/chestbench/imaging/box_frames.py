"""From a place in the stored picture to its place in the array that networks see, and back.

A picture is turned upright (EXIF), shrunk where it is a large DICOM, cut to its region and put into a square. All but
the first are a shift and a scale of x and of y, so that a box stays a box.
"""

from dataclasses import astuple, dataclass

import numpy as np

from chestbench.imaging.boxes import Boxes
from chestbench.imaging.resize import place_in_square

# A box of which less is left, in pixels of either picture, is gone.
LEAST_SIDE = 1e-3


@dataclass(frozen=True)
class Frame:
    """Which part of a stored picture is seen, and where.

    Attributes:
        width, height: of the stored picture, upright, in pixels.
        left, top, right, bottom: the part of it that is seen, in its pixels.
        seen_left, seen_top, seen_right, seen_bottom: where that lies in the array, in pixels of the array.
    """

    width: float
    height: float
    left: float
    top: float
    right: float
    bottom: float
    seen_left: float
    seen_top: float
    seen_right: float
    seen_bottom: float

    @classmethod
    def of(
        cls,
        stored: tuple[int, int],
        kept: tuple[int, int],
        cut: tuple[int, int, int, int],
        size: int,
        fit: str,
    ) -> "Frame":
        """Return the frame of a picture.

        Args:
            stored: width and height of the stored picture, upright.
            kept: width and height of the picture in data/split, other than `stored` where a DICOM was shrunk.
            cut: left, top, width and height of its region, in pixels of `kept`.
            size: side of the array.
            fit: `pad` or `stretch`, as in `resize_grey`.

        Example:
            A picture twice as wide as high, of which all is seen, in a square of 64 pixels.

            >>> frame = Frame.of((200, 100), (200, 100), (0, 0, 200, 100), 64, "pad")
            >>> to_array(frame, np.array([[0.0, 0, 100, 100]])).tolist()
            [[0.0, 16.0, 32.0, 48.0]]
        """
        x, y = stored[0] / kept[0], stored[1] / kept[1]
        left, top, width, height = cut
        seen_left, seen_top, new_width, new_height = place_in_square(width, height, size, fit)
        part = left * x, top * y, (left + width) * x, (top + height) * y
        return cls(*stored, *part, seen_left, seen_top, seen_left + new_width, seen_top + new_height)

    @property
    def scale(self) -> np.ndarray:
        """Pixels of the array a pixel of the stored picture, of x, y, x, y: float64 (4,)."""
        x = (self.seen_right - self.seen_left) / (self.right - self.left)
        y = (self.seen_bottom - self.seen_top) / (self.bottom - self.top)
        return np.array([x, y, x, y])

    def as_row(self) -> list[float]:
        """Return the attributes in their order."""
        return list(astuple(self))


def to_array(frame: Frame, corners: np.ndarray) -> np.ndarray:
    """Return boxes of the stored picture as boxes of the array, float64 (n, 4), cut off where nothing more is seen.

    A box that is not seen at all has no area then (see `has_area`).

    Args:
        frame: of the picture.
        corners: (n, 4), x0, y0, x1, y1 in pixels of the stored picture, upright.
    """
    seen = np.array([frame.seen_left, frame.seen_top] * 2)
    placed = (np.asarray(corners, np.float64) - np.array([frame.left, frame.top] * 2)) * frame.scale + seen
    return _clipped(placed, (frame.seen_left, frame.seen_top, frame.seen_right, frame.seen_bottom))


def to_stored(frame: Frame, boxes: Boxes) -> Boxes:
    """Return boxes of the array as boxes of the stored picture, cut off at its edges; what lies in the black is gone.

    Args:
        frame: of the picture.
        boxes: in pixels of the array.
    """
    seen = np.array([frame.seen_left, frame.seen_top] * 2)
    placed = (boxes.corners - seen) / frame.scale + np.array([frame.left, frame.top] * 2)
    inside = _clipped(placed, (0.0, 0.0, frame.width, frame.height))
    return Boxes(inside, boxes.labels, boxes.scores).take(has_area(inside))


def has_area(corners: np.ndarray) -> np.ndarray:
    """Tell which boxes have an area, bool (n,)."""
    return ((corners[:, 2:] - corners[:, :2]) >= LEAST_SIDE).all(axis=1)


def _clipped(corners: np.ndarray, to: tuple[float, float, float, float]) -> np.ndarray:
    low, high = np.array(to[:2] * 2), np.array(to[2:] * 2)
    return np.minimum(np.maximum(corners, low), high)
