"""How a file says that its picture is to be turned (EXIF in JPEG, the tag Orientation in TIFF)."""

import struct

from chestbench.imaging.formats import UnreadableImage, jpeg_segments, tiff_tags

UPRIGHT = 1
_ORIENTATION = 274
_APP1, _EXIF = 0xE1, b"Exif\0\0"


def orientation_of(data: bytes, kind: str) -> int:
    """Return the orientation of EXIF 2.3, 1 (upright, or nothing said) to 8; from 5 on the sides are exchanged.

    Args:
        data: the file.
        kind: its format, as `sniff_format` names it; only jpeg and tiff have an orientation that is honoured.
    """
    if kind not in ("jpeg", "tiff"):
        return UPRIGHT
    try:
        tags = tiff_tags(data) if kind == "tiff" else _exif(data)
    except (struct.error, IndexError, UnreadableImage):
        return UPRIGHT
    value = tags.get(_ORIENTATION, [UPRIGHT])
    return value[0] if len(value) == 1 and UPRIGHT <= value[0] <= 8 else UPRIGHT


def _exif(data: bytes) -> dict[int, list[int]]:
    for marker, at in jpeg_segments(data):
        if marker == _APP1 and data[at : at + len(_EXIF)] == _EXIF:
            return tiff_tags(data[at + len(_EXIF) :])
    return {}
