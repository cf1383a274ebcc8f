"""TIFF files before they are decoded: which kinds are read, and tags rewritten so that every decoder sees them alike.

OpenCV 4.14 inverts WhiteIsZero (tag 262) at up to 8 bits and not above, reads 16-bit planes as if they were pixels, and
gives up on values of 2 and 4 bits and on a SampleFormat that says "undefined". So the tags are looked at here,
WhiteIsZero is handed over as BlackIsZero and inverted afterwards, and what would come out wrong is refused by name.
"""

import struct
from dataclasses import dataclass

from chestbench.core.bounds import MOST_VALUE_BYTES
from chestbench.imaging.formats import UnreadableImage, tiff_entries, tiff_tags

_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _PALETTE, _CMYK, _YCBCR = 0, 1, 2, 3, 5, 6
_OTHERS = {
    4: "a transparency mask",
    8: "CIELab",
    9: "ICCLab",
    10: "ITULab",
    32803: "raw camera data",
    34892: "raw data",
}
_DEPTHS = {
    _WHITE_IS_ZERO: (1, 2, 4, 8, 10, 12, 14, 16),
    _BLACK_IS_ZERO: (1, 2, 4, 8, 10, 12, 14, 16),
    _RGB: (8, 16),
    _PALETTE: (1, 2, 4, 8),
    _CMYK: (8,),
    _YCBCR: (8,),
}
_UNSIGNED, _SIGNED, _FLOAT, _UNDEFINED = 1, 2, 3, 4
_COMPRESSIONS = {
    34712: "JPEG 2000",
    50000: "Zstandard",
    34925: "LZMA",
    34887: "LERC",
    50001: "WebP",
    6: "old-style JPEG",
}


@dataclass(frozen=True)
class Tiff:
    """How the first page of a TIFF is to be decoded.

    Attributes:
        data: the file, with tags rewritten where decoders differ about them.
        is_inverted: whether the lowest value is white.
        is_signed: whether values are signed whole numbers of 16 bits, or floating-point ones of 32 or 64.
        by_pillow: whether Pillow reads it, else OpenCV.
        bits: of a sample.
        max_sample: MaxSampleValue, 0 where it is not stated.
        compression: its name where it is one that seldom can be read, else "".
    """

    data: bytes
    is_inverted: bool
    is_signed: bool
    by_pillow: bool
    bits: int
    max_sample: int
    compression: str


def inspect_tiff(data: bytes) -> Tiff:
    """Read the tags of a TIFF's first page.

    Raises:
        UnreadableImage: a kind of TIFF that is not read; the reason names it.
    """
    tags = tiff_tags(data)
    bits_of, samples = tags.get(258, [1]), tags.get(277, [1])[0]
    bits, sample_format = bits_of[0], tags.get(339, [_UNSIGNED])[0]
    if 262 not in tags:
        raise UnreadableImage("a tiff that does not state what is white (no PhotometricInterpretation)")
    photometric = tags[262][0]
    if len(set(bits_of)) > 1:
        raise UnreadableImage("a tiff whose channels are of different depths")
    is_signed = sample_format in (_SIGNED, _FLOAT)
    _check_kind(photometric, bits, samples, sample_format)
    if bits > 8 and samples > 1 and tags.get(284, [1])[0] == 2:
        raise UnreadableImage(
            f"a tiff of {bits} bits in separate planes: expected the channels of a pixel side by side"
        )
    tile = tags.get(322, [1])[0] * tags.get(323, [1])[0]
    if tile * max(samples, 1) * (bits + 7) // 8 > MOST_VALUE_BYTES:
        raise UnreadableImage(f"damaged: a tiff in tiles of {tile:,} pixels")
    inverted = photometric == _WHITE_IS_ZERO
    changes = {262: _BLACK_IS_ZERO} if inverted else {}
    if sample_format == _UNDEFINED:
        changes[339] = _UNSIGNED
    return Tiff(
        _rewritten(data, changes) if changes else data,
        inverted,
        is_signed,
        bits == 2 or (bits == 4 and photometric != _PALETTE),
        bits,
        tags.get(281, [0])[0],
        _COMPRESSIONS.get(tags.get(259, [1])[0], ""),
    )


def _check_kind(photometric: int, bits: int, samples: int, sample_format: int) -> None:
    if photometric not in _DEPTHS:
        name = _OTHERS.get(photometric, f"PhotometricInterpretation {photometric}")
        raise UnreadableImage(f"a tiff of {name}: expected grey, RGB, palette, CMYK or YCbCr")
    if sample_format in (_SIGNED, _FLOAT):
        expected, name = ((16,), "int") if sample_format == _SIGNED else ((32, 64), "float")
        if bits not in expected or samples != 1 or photometric != _BLACK_IS_ZERO:
            raise UnreadableImage(
                f"pixels of type {name}{bits}: expected unsigned integers of up to 16 bits, Hounsfield units as int16 "
                "or float32, or values from 0 to 1 as float32, one value a pixel"
            )
        return
    if sample_format not in (_UNSIGNED, _UNDEFINED):
        raise UnreadableImage("a tiff of complex numbers: expected unsigned integers of up to 16 bits")
    if bits not in _DEPTHS[photometric]:
        raise UnreadableImage(f"a tiff of {bits} bits a value: expected {', '.join(map(str, _DEPTHS[photometric]))}")
    allowed = {_RGB: (3, 4), _YCBCR: (3,), _CMYK: (4,), _PALETTE: (1,)}.get(photometric, (1, 2) if bits == 8 else (1,))
    if samples not in allowed:
        raise UnreadableImage(
            f"a tiff of {samples} values a pixel, {bits} bits each: expected {' or '.join(map(str, allowed))}"
        )


def _rewritten(data: bytes, changes: dict[int, int]) -> bytes:
    """Return a TIFF with other values in tags of its first page."""
    order, changed = "<" if data[:2] == b"II" else ">", bytearray(data)
    for tag, code, number, place in tiff_entries(data):
        if tag in changes:
            struct.pack_into(f"{order}{number}{code}", changed, place, *[changes[tag]] * number)
    return bytes(changed)
