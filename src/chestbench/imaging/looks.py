"""What tells pictures like those a network was trained on from others: how they are laid out, and their texture.

Both are taken of pictures as the networks see them (cut to the region, resized), so that a single picture later is
compared with what was measured of a whole set. `copy_codes` tells a copy of a picture from one of the same kind.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from chestbench.imaging.fingerprint import fingerprint, outlines
from chestbench.imaging.resize import resize_grey

LAYOUT_SIDE = 16
LAYOUT = LAYOUT_SIDE**2
TEXTURE = 25
_SIDE, _LEVELS, _STEPS = 128, 4, 16
_QUIET = 5.0  # grey levels added to the spread, so that the noise of an empty picture is not taken for its content


def layout_of(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return each picture at 16 x 16 without its brightness and contrast, (N, LAYOUT).

    Args:
        images: uint8 (N, H, W, 1).
    """
    small = np.array([resize_grey(image, LAYOUT_SIDE, "stretch").ravel() for image in images], np.float64)
    small = small.reshape(len(images), LAYOUT)
    return (small - small.mean(axis=1, keepdims=True)) / (small.std(axis=1, keepdims=True) + _QUIET)


def texture_of(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how much each picture changes at four scales, its grey levels, edges across and along, and symmetry.

    Args:
        images: uint8 (N, H, W, 1).

    Returns:
        (N, TEXTURE); shares, logarithms and correlations.
    """
    return np.array([_texture(image) for image in images], np.float64).reshape(len(images), TEXTURE)


def copy_codes(images: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return what is compared to find copies: the perceptual hash, and the signs of the outline's 256 values, (N, 5).

    No picture can be drawn from them again.

    Args:
        images: uint8 (N, H, W, 1).
    """
    codes = np.zeros((len(images), 5), np.uint64)
    if not len(images):
        return codes
    found = [fingerprint(image) for image in images]
    codes[:, 0] = [value for value, _ in found]
    signs = np.packbits(outlines(np.stack([copy for _, copy in found])) > 0, axis=1)
    codes[:, 1:] = np.ascontiguousarray(signs).view(">u8")
    return codes


def _texture(image: NDArray[np.uint8]) -> list[float]:
    side = min(_SIDE, max(image.shape[:2]))
    grey = resize_grey(image, side, "stretch")[:, :, 0]
    # Whole numbers: the same on every machine.
    shares = np.cumsum(np.bincount((grey >> 4).ravel(), minlength=_STEPS))[:-1] / grey.size
    level: NDArray[Any] = grey.astype(np.float32)
    found: list[float] = []
    across, along = (float(np.square(np.diff(level, axis=axis)).mean()) for axis in (1, 0))
    for _ in range(_LEVELS):
        detail = level - cv2.GaussianBlur(level, (0, 0), 1.5)
        found += [np.log(float(np.square(detail).mean()) + 1), np.log(float(np.abs(detail).mean()) + 0.1)]
        level = cv2.resize(
            level, (max(1, level.shape[1] // 2), max(1, level.shape[0] // 2)), interpolation=cv2.INTER_AREA
        )
    small = layout_of(image[np.newaxis]).reshape(LAYOUT_SIDE, LAYOUT_SIDE)
    return [*found, np.log(across + 1) - np.log(along + 1), float((small * small[:, ::-1]).mean()), *shares]
