"""One picture of each class, large enough to look at."""

import cv2
import numpy as np

from chestbench.catalog.spool import Spool, SpooledRow
from chestbench.catalog.tiles import Tiles
from chestbench.datasets.archive import Archive
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.frames import one_frame
from chestbench.imaging.grey import GreyScale

LONGEST_SIDE = 512


def pick_examples(
    archive: Archive, spool: Spool, tiles: Tiles, is_kept: np.ndarray, scale: GreyScale
) -> dict[int, np.ndarray]:
    """Read the first picture that the contact sheet shows of each class once more, now at a good size.

    Args:
        archive: holds the pictures.
        spool: the rows of the first pass, with the members' names.
        tiles: what the contact sheet shows of each class.
        is_kept: bool (N,), by row.
        scale: of the set.

    Returns:
        Class code -> uint8 (h, w), its longest side at most `LONGEST_SIDE`; classes of which `tiles` holds none are
        absent.
    """
    label_of = {row: label for label in range(len(tiles)) for row in tiles.rows(label, is_kept)[:1]}
    row_of = {label_of[place]: row for place, row in enumerate(spool.rows()) if place in label_of}
    return {label: _shrunk(_pixels(archive, row, scale)) for label, row in row_of.items()}


def _pixels(archive: Archive, row: SpooledRow, scale: GreyScale) -> np.ndarray:
    return decode_grey(one_frame(archive.read(row.member), row.frame, row.frames), scale).pixels[:, :, 0]


def _shrunk(pixels: np.ndarray) -> np.ndarray:
    scale = LONGEST_SIDE / max(pixels.shape)
    if scale >= 1:
        return pixels
    height, width = (max(1, round(side * scale)) for side in pixels.shape)
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
