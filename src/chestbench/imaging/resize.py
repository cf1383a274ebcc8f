"""Every picture to the same square."""

import cv2
import numpy as np


def resize_grey(pixels: np.ndarray, size: int, fit: str) -> np.ndarray:
    """Resize a grey picture to a square.

    Args:
        pixels: uint8 (H, W) or (H, W, 1).
        size: side of the result in pixels.
        fit: `pad` keeps the aspect ratio, the picture in the middle of black; `stretch` fills the square.

    Returns:
        uint8 (size, size, 1). Shrinking averages areas (no aliasing), enlarging interpolates linearly (no ringing).

    Raises:
        ValueError: an unknown fit, for a picture that is no square.

    Example:
        >>> wide = np.full((2, 4), 200, np.uint8)
        >>> resize_grey(wide, 4, "pad")[:, :, 0].tolist()
        [[0, 0, 0, 0], [200, 200, 200, 200], [200, 200, 200, 200], [0, 0, 0, 0]]
        >>> resize_grey(wide, 2, "stretch")[:, :, 0].tolist()
        [[200, 200], [200, 200]]
    """
    height, width = pixels.shape[0], pixels.shape[1]
    picture = pixels.reshape(height, width)
    left, top, new_width, new_height = place_in_square(width, height, size, fit)
    if (new_width, new_height) == (size, size):
        return _scaled(picture, size, size)[:, :, np.newaxis]
    square = np.zeros((size, size, 1), np.uint8)
    square[top : top + new_height, left : left + new_width, 0] = _scaled(picture, new_width, new_height)
    return square


def place_in_square(width: int, height: int, size: int, fit: str) -> tuple[int, int, int, int]:
    """Return where a picture of so many pixels lies in the square of `resize_grey`: left, top, width, height.

    Raises:
        ValueError: an unknown fit, for a picture that is no square.
    """
    if fit == "stretch" or height == width:
        return 0, 0, size, size
    if fit != "pad":
        raise ValueError(f"expected fit pad or stretch, received {fit!r}")
    longest = max(height, width)
    new_width, new_height = max(1, round(width * size / longest)), max(1, round(height * size / longest))
    return (size - new_width) // 2, (size - new_height) // 2, new_width, new_height


def _scaled(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    if picture.shape == (height, width):
        return picture
    shrinks = width * height < picture.size
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
