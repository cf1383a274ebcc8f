"""Rows of thumbnails with a caption each: the contact sheet and the preview."""

from pathlib import Path

import cv2
import numpy as np

from chestbench.files import atomic_file
from chestbench.imaging.resize import resize_grey
from chestbench.imaging.text import put_text, text_width

_GAP, _CAPTION, _TITLE = 4, 22, 30


def draw_sheet(rows: list[tuple[str, list[np.ndarray]]], title: str, tile: int = 96, columns: int = 8) -> np.ndarray:
    """Draw captioned rows of pictures.

    Args:
        rows: (ASCII caption, pictures); each picture uint8 (H, W) or (H, W, 1). Pictures beyond `columns` are left out.
        title: ASCII line above all rows.
        tile: side of a thumbnail in pixels.

    Returns:
        uint8 (height, width), grey on black.
    """
    width = max(columns * (tile + _GAP) + _GAP, min(text_width(title, 12) + 2 * _GAP, 1600))
    sheet = np.zeros((_TITLE + len(rows) * (_CAPTION + tile + _GAP), width), np.uint8)
    put_text(sheet, title, _GAP, _TITLE - 10, height=12, width=width - 2 * _GAP)
    for number, (caption, pictures) in enumerate(rows):
        top = _TITLE + number * (_CAPTION + tile + _GAP)
        put_text(sheet, caption, _GAP, top + _CAPTION - 7, height=10, value=200, width=width - 2 * _GAP)
        for column, picture in enumerate(pictures[:columns]):
            left = _GAP + column * (tile + _GAP)
            sheet[top + _CAPTION : top + _CAPTION + tile, left : left + tile] = resize_grey(picture, tile, "pad")[
                :, :, 0
            ]
    return sheet


def write_png(path: Path, image: np.ndarray) -> None:
    """Write a uint8 picture as PNG, atomically."""
    done, encoded = cv2.imencode(".png", image)
    if not done:
        raise ValueError(f"expected a uint8 picture, received {image.dtype} of shape {image.shape}")
    with atomic_file(path) as temporary:
        temporary.write_bytes(encoded.tobytes())
