"""A file's picture as the pipeline keeps it: grey by the scale of the set, a DICOM at the size that data/split has."""

import cv2
import numpy as np

from chestbench.imaging.decode import Decoded, decode_grey
from chestbench.imaging.grey import GreyScale

# Longest side of a DICOM picture as it is written, in pixels: four times what networks read.
DICOM_SIDE = 2048


def decode_kept(data: bytes, scale: GreyScale) -> tuple[Decoded, np.ndarray]:
    """Decode a picture, and return with it the pixels that networks are trained on before region and resize.

    Args:
        data: a file of one picture.
        scale: of the data set.

    Returns:
        What was decoded, and uint8 (H, W, 1): its pixels, but for a large DICOM picture, which is shrunk.

    Raises:
        UnreadableImage: see `decode_grey`.
    """
    decoded = decode_grey(data, scale)
    pixels = decoded.pixels
    shrink = DICOM_SIDE / max(pixels.shape[:2]) if decoded.format == "dicom" else 1
    if shrink >= 1:
        return decoded, pixels
    height, width = (max(1, round(side * shrink)) for side in pixels.shape[:2])
    return decoded, cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)[:, :, np.newaxis]
