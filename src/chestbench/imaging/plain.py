"""Stored values of an image file other than DICOM, and what the file says of them."""

import io
import struct
from dataclasses import dataclass

import cv2
import numpy as np

from chestbench.core.bounds import MOST_PIXELS, MOST_SCANS
from chestbench.imaging.formats import Header, UnreadableImage, jpeg_segments
from chestbench.imaging.grey import STORED_BITS, Kind
from chestbench.imaging.jpeg2000 import decode_jpeg2000
from chestbench.imaging.tiff import Tiff, inspect_tiff

_WIDENED = ("png", "bmp", "gif", "webp")  # OpenCV gives fewer than 8 bits of these as 8
_PROGRESSIVE, _START_OF_SCAN = 0xC2, b"\xff\xda"
_READ_BY_JPEG = (0xC0, 0xC1, 0xC2)  # baseline, extended and progressive, all by Huffman codes


@dataclass(frozen=True)
class Stored:
    """What a file holds.

    Attributes:
        values: (H, W), (H, W, 3) BGR or (H, W, 4) BGRA; uint8, uint16, or signed: int16, float32, float64.
        kind: what it says of its scale; HOUNSFIELD for signed values, which are still to be judged.
        declared: bits that it declares, or its stored ones.
        is_inverted: whether the lowest value is white.
        statistic: MaxSampleValue of a TIFF is no depth.
    """

    values: np.ndarray
    kind: Kind
    declared: int
    is_inverted: bool = False
    statistic: bool = False


def read_plain(data: bytes, header: Header) -> Stored:
    """Decode a file whose header was read and that is whole.

    Raises:
        UnreadableImage: damaged, or of a kind that is not read, which the reason names.
    """
    if header.format == "tiff":
        return _read_tiff(data)
    if header.format == "jpeg":
        _check_jpeg(data, header)
        # JPEG's own luma plane is exact and costs half of a colour decode; the others are decoded as stored, because
        # of alpha and 16 bits.
        return Stored(_by_opencv(data, "jpeg", cv2.IMREAD_GRAYSCALE), Kind.PLAIN, 8)
    if header.format == "bmp" and struct.unpack_from("<H", data, 28)[0] == 16 and data[14] != 12:
        # OpenCV widens the 5 or 6 bits of a colour to 248 or 252 at most.
        return Stored(_by_pillow(data, "bmp"), Kind.PLAIN, 8)
    values = _by_opencv(data, header.format)
    if values.dtype != np.uint16:
        if header.bit_depth < 8 and header.format not in _WIDENED:
            top = (1 << header.bit_depth) - 1
            values = (np.minimum(values, top).astype(np.uint16) * 255 // top).astype(np.uint8)
        return Stored(values, Kind.PLAIN, header.bit_depth)
    if header.format == "png":
        significant = _significant_bits(data)
        kind = Kind.SIGNIFICANT if 8 <= significant < STORED_BITS else Kind.UNDECLARED
        return Stored(values, Kind.DECLARED if significant == STORED_BITS else kind, significant or STORED_BITS)
    # JPEG 2000. Writers that hold a picture in 16 bits state 16, whatever it uses; a smaller depth is meant.
    return Stored(values, Kind.DECLARED if header.bit_depth < STORED_BITS else Kind.UNDECLARED, header.bit_depth)


def _read_tiff(data: bytes) -> Stored:
    tiff = inspect_tiff(data)
    if tiff.by_pillow:
        return Stored(_by_pillow(tiff.data, "tiff"), Kind.PLAIN, tiff.bits, tiff.is_inverted)
    values = _by_opencv(tiff.data, f"tiff (compression {tiff.compression})" if tiff.compression else "tiff")
    if tiff.is_signed:
        return Stored(values, Kind.HOUNSFIELD, tiff.bits)
    if tiff.bits <= 8:
        return Stored(values, Kind.PLAIN, tiff.bits, tiff.is_inverted)
    if tiff.bits < STORED_BITS:
        # OpenCV puts 10, 12 and 14 bits into the high ones of 16.
        return Stored(values >> (STORED_BITS - tiff.bits), Kind.DECLARED, tiff.bits, tiff.is_inverted)
    return _stored_16(values, tiff)


def _stored_16(values: np.ndarray, tiff: Tiff) -> Stored:
    """A 16-bit TIFF: MaxSampleValue is a depth where it is 2**n - 1, and else the picture's highest value."""
    largest = tiff.max_sample
    depth = largest.bit_length()
    if largest and (largest & (largest + 1) or depth < 8):
        return Stored(values, Kind.UNDECLARED, STORED_BITS, tiff.is_inverted, statistic=True)
    kind = Kind.MAX_SAMPLE if largest else Kind.UNDECLARED
    return Stored(values, kind, depth if largest else STORED_BITS, tiff.is_inverted)


def _check_jpeg(data: bytes, header: Header) -> None:
    if header.bit_depth != 8:
        raise UnreadableImage(f"a jpeg of {header.bit_depth} bits a value: expected 8; convert it to PNG or TIFF")
    marker = next(
        marker for marker, _ in jpeg_segments(data) if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)
    )
    if marker not in _READ_BY_JPEG:
        kind = "lossless" if marker in (0xC3, 0xC7, 0xCB, 0xCF) else "arithmetic-coded or hierarchical"
        raise UnreadableImage(f"a {kind} jpeg: expected a baseline or progressive one; convert it")
    if marker == _PROGRESSIVE and (scans := data.count(_START_OF_SCAN)) > MOST_SCANS:
        pixels = header.width * header.height
        if scans * pixels > MOST_SCANS * MOST_PIXELS // 4:
            raise UnreadableImage(f"a progressive jpeg of {scans:,} scans: expected {MOST_SCANS} at most; convert it")


def _by_opencv(data: bytes, kind: str, flag: int = cv2.IMREAD_UNCHANGED) -> np.ndarray:
    try:
        stored = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    except cv2.error as error:
        raise UnreadableImage(f"damaged: {kind} data that cannot be decoded ({error.err})") from None
    if stored is None and kind == "jpeg2000":
        stored = decode_jpeg2000(data)
    if stored is None or stored.size == 0:
        raise UnreadableImage(f"damaged: {kind} data that cannot be decoded")
    return stored


def _by_pillow(data: bytes, kind: str) -> np.ndarray:
    """Decode to grey or BGR, uint8."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.mode in ("1", "L"):
                return np.asarray(image.convert("L"))
            return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])
    except Exception as error:
        # Pillow raises nearly anything on damaged bytes.
        raise UnreadableImage(f"damaged: {kind} data that cannot be decoded ({type(error).__name__})") from None


def _significant_bits(data: bytes) -> int:
    """Return what the chunk sBIT of a PNG says of its deepest colour channel, 0 where there is none."""
    at, colour = 8, data[25]
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"sBIT":
            channels = {0: 1, 2: 3, 3: 3, 4: 1, 6: 3}[colour]
            return max(data[at + 8 : at + 8 + min(length, channels)], default=0)
        if kind in (b"IDAT", b"IEND"):
            return 0
        at += 12 + length
    return 0
