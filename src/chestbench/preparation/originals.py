"""What goes to data/split of each file of the archive: its bytes, or the picture alone as 8-bit grey PNG."""

from collections.abc import Iterable, Iterator
from itertools import groupby

import cv2

from chestbench.catalog.records import CatalogRow
from chestbench.imaging.frames import split_frames
from chestbench.imaging.grey import GreyScale
from chestbench.imaging.kept import decode_kept

# Of formats whose bytes may stay: everybody's decoder gives the same picture.
EXTENSIONS = {"png": "png", "jpeg": "jpg", "bmp": "bmp", "tiff": "tif", "webp": "webp", "gif": "gif"}


def by_file(rows: Iterable[CatalogRow]) -> Iterator[tuple[int, list[CatalogRow]]]:
    """Yield the rows of each file together, with the place of the first: pages of one file follow each other."""
    place = 0
    for _, same in groupby(rows, key=lambda row: row.member):
        file = list(same)
        yield place, file
        place += len(file)


def is_rewritten(row: CatalogRow) -> bool:
    """Tell whether a picture is written as 8-bit grey PNG: its pixels depend on scale, polarity or page."""
    return row.format not in EXTENSIONS or row.bit_depth > 8 or bool(row.inverted) or row.frames > 1


def extension_of(row: CatalogRow) -> str:
    """Return the ending of a picture as it is written."""
    return "png" if is_rewritten(row) else EXTENSIONS[row.format]


def pictures_of(data: bytes, rows: list[CatalogRow], scale: GreyScale) -> Iterator[tuple[int, bytes]]:
    """Yield (number of the row, what goes to data/split) for the rows of one file."""
    number_of = {row.frame: number for number, row in enumerate(rows)}
    last = max(number_of)
    for frame, picture in enumerate(split_frames(data, rows[0].frames, first_only=last == 1), 1):
        if frame in number_of:
            yield number_of[frame], _content(picture, rows[number_of[frame]], scale)
        if frame == last:
            return


def _content(data: bytes, row: CatalogRow, scale: GreyScale) -> bytes:
    """Return what goes to data/split of a picture: the file's bytes, or its pixels as PNG."""
    if not is_rewritten(row):
        return data
    _, pixels = decode_kept(data, scale)
    return bytes(cv2.imencode(".png", pixels)[1])
