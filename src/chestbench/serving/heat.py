"""A heat map beside its picture, as PNG: where the network looked, no evidence that anything is there."""

import cv2
import numpy as np
from numpy.typing import NDArray

LEAST_SIDE = 256


def heat_png(image: NDArray[np.uint8], heat: NDArray[np.float32]) -> bytes:
    """Return a PNG of the picture as the network saw it, and of the same with its heat in red beside it.

    Args:
        image: uint8 (size, size, 1).
        heat: (size, size), 0 to 1.
    """
    side = max(LEAST_SIDE, image.shape[0])
    grey = cv2.resize(image[..., 0], (side, side), interpolation=cv2.INTER_NEAREST)
    strength = cv2.resize(heat, (side, side), interpolation=cv2.INTER_LINEAR)[..., np.newaxis] * 0.7
    plain = np.repeat(grey[..., np.newaxis], 3, axis=2).astype(np.float32)
    drawn = plain * (1 - strength) + np.array([20, 40, 255], np.float32) * strength
    both = np.concatenate([plain, np.full((side, 4, 3), 255, np.float32), drawn], axis=1)
    return bytes(cv2.imencode(".png", np.clip(np.rint(both), 0, 255).astype(np.uint8))[1])
