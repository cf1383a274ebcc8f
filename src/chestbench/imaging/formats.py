"""What all formats share: a header's properties, what a damaged file raises, and how JPEG and TIFF are laid out."""

import struct
from dataclasses import dataclass

NOT_AN_IMAGE = "not an image"


class UnreadableImage(Exception):
    """One file is no image, or a damaged one; callers record it and go on.

    Attributes:
        reason: a few words without the file's name, such as "truncated: no end marker".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Header:
    """Properties of an image file as stored.

    Attributes:
        format: png, jpeg, jpeg2000, bmp, tiff, webp, gif or dicom.
        width, height: pixels as stored (EXIF orientation not applied).
        channels: 1 grey, 2 grey and alpha, 3 colour (palettes included), 4 colour and alpha.
        bit_depth: bits per channel (DICOM: BitsStored).
    """

    format: str
    width: int
    height: int
    channels: int
    bit_depth: int


def jpeg_segments(data: bytes) -> list[tuple[int, int]]:
    """Return (marker, offset of its content) of the segments up to the first start of scan (0xDA) inclusive."""
    found, at = [], 2
    while True:
        if data[at] != 0xFF:
            raise UnreadableImage("damaged: bytes between two jpeg segments")
        while data[at] == 0xFF:
            at += 1
        marker = data[at]
        at += 1
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            continue
        found.append((marker, at + 2))
        if marker in (0xDA, 0xD9):
            return found
        at += struct.unpack_from(">H", data, at)[0]


def tiff_tags(data: bytes) -> dict[int, list[int]]:
    """Return the integer tags of a TIFF's first page (classic or BigTIFF): tag number -> values."""
    order = "<" if data[:2] == b"II" else ">"
    return {
        tag: list(struct.unpack_from(f"{order}{number}{code}", data, place))
        for tag, code, number, place in tiff_entries(data)
    }


def tiff_entries(data: bytes) -> list[tuple[int, str, int, int]]:
    """Return (tag, struct code, number of values, offset of the first) of each integer tag of a TIFF's first page."""
    order = "<" if data[:2] == b"II" else ">"
    big = 43 in (data[2], data[3])
    entry_size, inline, word = (20, 8, "Q") if big else (12, 4, "I")
    (start,) = struct.unpack_from(order + word, data, 8 if big else 4)
    (count,) = struct.unpack_from(order + ("Q" if big else "H"), data, start)
    start += 8 if big else 2
    if count > 4096:
        raise UnreadableImage("damaged: a tiff directory of more than 4096 tags")
    entries = []
    for at in range(start, start + entry_size * count, entry_size):
        tag, kind, number = struct.unpack_from(order + "HH" + word, data, at)
        code = {1: "B", 3: "H", 4: "I", 16: "Q"}.get(kind)
        if code is None or number > len(data):
            continue
        place = at + entry_size - inline
        if struct.calcsize(code) * number > inline:
            (place,) = struct.unpack_from(order + word, data, place)
        entries.append((tag, code, number, place))
    return entries
