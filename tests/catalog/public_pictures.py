"""Little pictures that the rebuilt public sets are made of."""

import io
import zipfile

import cv2
import numpy as np
from PIL import Image

SIDE = 64


def view(seed: int, side: int = SIDE) -> np.ndarray:
    """Return a smooth picture, uint8 (side, side), that looks like no other seed's."""
    coarse = np.random.default_rng(seed).integers(20, 235, (9, 9), dtype=np.uint8)
    return cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)


def neighbour(seed: int, number: int, side: int = SIDE) -> np.ndarray:
    """Return the `number`-th of several pictures that look alike, as slices of one scan do: 0 is `view` itself."""
    noise = np.random.default_rng((seed, number)).normal(0, 2, (side, side))
    return np.clip(view(seed, side) * (1 - 0.02 * number) + noise * (number > 0), 0, 255).astype(np.uint8)


def mask(seed: int, side: int = SIDE) -> np.ndarray:
    """Return a mask of two lungs, 0 and 255, uint8 (side, side)."""
    drawn = np.zeros((side, side), np.uint8)
    for place in (0.3, 0.7):
        centre = (int(side * place), int(side * (0.45 + seed % 5 / 50)))
        cv2.ellipse(drawn, centre, (side // 8, side // 3), 0, 0, 360, 255, -1)
    return drawn


def png(pixels: np.ndarray) -> bytes:
    """Encode as PNG."""
    return cv2.imencode(".png", pixels)[1].tobytes()


def jpeg(pixels: np.ndarray) -> bytes:
    """Encode as JPEG."""
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()


def tiff(pixels: np.ndarray) -> bytes:
    """Encode as uncompressed TIFF of the array's own depth."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "TIFF")
    return stream.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    """Return a zip of the members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
    return stream.getvalue()


def table(header: str, *rows: str) -> bytes:
    """Return a CSV of lines as they are."""
    return "\n".join([header, *rows, ""]).encode()
