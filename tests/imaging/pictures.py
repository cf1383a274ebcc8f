"""Small pictures and zips that the tests of the data stages are made of."""

import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
from PIL import Image


def picture(seed: int, height: int = 60, width: int = 80) -> np.ndarray:
    """A smooth random picture, uint8 (height, width); different seeds look nothing alike."""
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 256, (6, 6)).astype(np.float32)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth + generator.normal(0, 3, smooth.shape), 0, 255).astype(np.uint8)


def png(pixels: np.ndarray) -> bytes:
    """Encode with OpenCV (BGR or BGRA for colour)."""
    return cv2.imencode(".png", pixels)[1].tobytes()


def encode(pixels: np.ndarray, kind: str, mode: str | None = None, **options) -> bytes:
    """Encode with Pillow, optionally converted to a Pillow mode first."""
    image = Image.fromarray(pixels)
    stream = io.BytesIO()
    (image.convert(mode) if mode else image).save(stream, kind, **options)
    return stream.getvalue()


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    """Write a zip in the order of `members`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
    return path
