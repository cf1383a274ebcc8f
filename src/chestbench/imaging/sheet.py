"""Rows of thumbnails with a caption each: the contact sheet and the preview."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from chestbench.core.files import atomic_file
from chestbench.imaging.resize import resize_grey
from chestbench.imaging.text import put_text, text_width

_GAP, _CAPTION, _TITLE = 4, 22, 30


def draw_sheet(
    rows: list[tuple[str, list[np.ndarray]]],
    title: str,
    tile: int = 96,
    columns: int = 8,
    heads: Sequence[str] = (),
) -> np.ndarray:
    """Draw captioned rows of pictures.

    Args:
        rows: (ASCII caption, pictures); each picture uint8 (H, W) or (H, W, 1). Pictures beyond `columns` are left out.
        title: ASCII line above all rows.
        tile: side of a thumbnail in pixels.
        columns: most pictures in a row.
        heads: ASCII words above the columns.

    Returns:
        uint8 (height, width), grey on black.
    """
    first = _TITLE + (_CAPTION if heads else 0)
    width = max(columns * (tile + _GAP) + _GAP, min(text_width(title, 12) + 2 * _GAP, 1600))
    sheet = np.zeros((first + len(rows) * (_CAPTION + tile + _GAP), width), np.uint8)
    put_text(sheet, title, _GAP, _TITLE - 10, height=12, width=width - 2 * _GAP)
    for column, head in enumerate(heads[:columns]):
        put_text(sheet, head, _GAP + column * (tile + _GAP), first - 8, height=9, value=200, width=tile)
    for number, (caption, pictures) in enumerate(rows):
        top = first + number * (_CAPTION + tile + _GAP)
        put_text(sheet, caption, _GAP, top + _CAPTION - 7, height=10, value=200, width=width - 2 * _GAP)
        for column, picture in enumerate(pictures[:columns]):
            left = _GAP + column * (tile + _GAP)
            sheet[top + _CAPTION : top + _CAPTION + tile, left : left + tile] = resize_grey(picture, tile, "pad")[
                :, :, 0
            ]
    return sheet


def draw_outline(picture: np.ndarray, mask: np.ndarray, tile: int) -> np.ndarray:
    """Draw the outline of a mask on a picture: a white line with a black one on either side, to be seen on any grey.

    Args:
        picture: uint8 (H, W) or (H, W, 1).
        mask: uint8 (H, W), 1 inside.
        tile: side of the result in pixels.

    Returns:
        uint8 (tile, tile, 1), the picture in the middle of black.
    """
    drawn = resize_grey(picture, tile, "pad")
    inside = (resize_grey(mask * np.uint8(255), tile, "pad")[:, :, 0] > 127).astype(np.uint8)
    outlines, _ = cv2.findContours(inside, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    for grey, thickness in ((0, 3), (255, 1)):
        cv2.drawContours(drawn, outlines, -1, grey, thickness)
    return drawn


def write_png(path: Path, image: np.ndarray) -> None:
    """Write a uint8 picture as PNG, atomically."""
    done, encoded = cv2.imencode(".png", image)
    if not done:
        raise ValueError(f"expected a uint8 picture, received {image.dtype} of shape {image.shape}")
    with atomic_file(path) as temporary:
        temporary.write_bytes(encoded.tobytes())
