"""What goes to data/split of each file of the archive: its bytes, or of a DICOM or a page the picture alone."""

from collections.abc import Iterable, Iterator
from itertools import groupby

import cv2

from chestbench.catalog.records import CatalogRow
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.frames import split_frames

EXTENSIONS = {
    **{"png": "png", "jpeg": "jpg", "jpeg2000": "jp2", "bmp": "bmp", "tiff": "tif", "webp": "webp", "gif": "gif"},
    "dicom": "png",
}
# Longest side of a DICOM picture as it is written, in pixels: four times what networks read.
DICOM_SIDE = 2048


def by_file(rows: Iterable[CatalogRow]) -> Iterator[tuple[int, list[CatalogRow]]]:
    """Yield the rows of each file together, with the place of the first: pages of one file follow each other."""
    place = 0
    for _, same in groupby(rows, key=lambda row: row.member):
        file = list(same)
        yield place, file
        place += len(file)


def extension_of(row: CatalogRow) -> str:
    """Return the ending of a picture as it is written."""
    # Frames of an animation are written as PNG; a TIFF page is a TIFF of its own.
    return EXTENSIONS[row.format] if row.frames == 1 or row.format == "tiff" else "png"


def pictures_of(data: bytes, rows: list[CatalogRow]) -> Iterator[tuple[int, bytes]]:
    """Yield (number of the row, what goes to data/split) for the rows of one file."""
    number_of = {row.frame: number for number, row in enumerate(rows)}
    last = max(number_of)
    for frame, picture in enumerate(split_frames(data, rows[0].frames, first_only=last == 1), 1):
        if frame in number_of:
            yield number_of[frame], _content(picture, rows[number_of[frame]])
        if frame == last:
            return


def _content(data: bytes, row: CatalogRow) -> bytes:
    """Return what goes to data/split of a picture: the file's bytes, or of a DICOM its pixels as PNG."""
    if row.format != "dicom":
        return data
    pixels = decode_grey(data).pixels
    scale = DICOM_SIDE / max(pixels.shape[:2])
    if scale < 1:
        height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".png", pixels)[1])
