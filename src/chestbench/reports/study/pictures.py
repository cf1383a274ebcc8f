"""Pictures as data URIs of bounded size, so that a report with any number of networks can be mailed."""

import base64
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

# Tried one after another until a picture fits: first less quality, then fewer pixels.
QUALITIES = (85, 75, 62)
SMALLER = 0.8
NARROWEST = 48
# A page below 8 MB: pictures as base64 take a third more, and charts and tables need the rest.
BYTES_OF_PICTURES = 4_200_000
BYTES_OF_DATA = 900_000
HEAT_SHARE = 0.75
MOST_HEAT, MOST_MISTAKE = 240_000, 12_000


class Picture(NamedTuple):
    """A picture in a page: its data URI, what is said of it where it cannot be seen, its size in pixels."""

    uri: str
    about: str
    width: int
    height: int


class Budget(NamedTuple):
    """How many bytes a picture may have: one of the data, one sheet of heat maps, one mistake."""

    data: int
    heat: int
    mistake: int


def budget(networks: int, data_pictures: int, mistakes: int, share: float = 1.0) -> Budget:
    """Return the bytes for each picture.

    Args:
        networks: how many have a sheet of heat maps and mistakes.
        data_pictures: how many show the data.
        mistakes: of each network.
        share: of all bytes, below 1 where a page came out too large.
    """
    left = (BYTES_OF_PICTURES - BYTES_OF_DATA) * share / max(networks, 1)
    return Budget(
        int(BYTES_OF_DATA * share / max(data_pictures, 1)),
        min(int(left * HEAT_SHARE), MOST_HEAT),
        min(int(left * (1 - HEAT_SHARE) / max(mistakes, 1)), MOST_MISTAKE),
    )


def from_file(path: Path, about: str, most: int, widest: int = 1400) -> Picture | None:
    """Return a picture file as JPEG of at most `most` bytes; None where it is not there or cannot be read."""
    if not path.is_file():
        return None
    pixels = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    return None if pixels is None else _fitting(pixels, about, most, widest)


def from_array(grey: NDArray[np.uint8], about: str, most: int, widest: int = 160) -> Picture:
    """Return a grey image, uint8 (H, W), as JPEG of at most `most` bytes where that can be."""
    return _fitting(np.ascontiguousarray(grey), about, most, widest)


def _fitting(pixels: NDArray[Any], about: str, most: int, widest: int) -> Picture:
    width = min(pixels.shape[1], widest)
    while True:
        height = max(1, round(pixels.shape[0] * width / pixels.shape[1]))
        resized = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
        for quality in QUALITIES:
            coded = cv2.imencode(".jpg", resized, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
            if len(coded) <= most:
                break
        if len(coded) <= most or width <= NARROWEST:
            uri = f"data:image/jpeg;base64,{base64.b64encode(coded).decode('ascii')}"
            return Picture(uri, about, width, height)
        width = max(NARROWEST, int(width * SMALLER))
