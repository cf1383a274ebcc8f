"""JPEG 2000 files: boxes (.jp2) or the bare codestream (.j2k), ISO/IEC 15444-1, annexes A and I."""

import io
import struct

import numpy as np

from chestbench.imaging.formats import Header, UnreadableImage

BOXES, CODESTREAM = b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"
_END = b"\xff\xd9"


def is_jpeg2000(data: bytes) -> bool:
    """Tell by the first bytes whether this is a JPEG 2000 file."""
    return data.startswith((BOXES, CODESTREAM))


def read_jpeg2000_header(data: bytes) -> Header:
    """Read size, components and depth (the largest of the components) from the codestream.

    Raises:
        UnreadableImage: no codestream, or a header that says nonsense.
        struct.error: cut off.
    """
    start, _ = _codestream(data)
    right, bottom, left, top = struct.unpack_from(">IIII", data, start + 8)
    (channels,) = struct.unpack_from(">H", data, start + 40)
    if not 1 <= channels <= 4:
        raise UnreadableImage(f"{channels} channels: expected grey or colour, with or without alpha")
    depths = struct.unpack_from(">" + "Bxx" * channels, data, start + 42)
    if any(depth & 0x80 for depth in depths):
        raise UnreadableImage("signed values in the jpeg2000: expected values from 0 up")
    if right <= left or bottom <= top:
        raise UnreadableImage("damaged: the jpeg2000 header states no pixels")
    return Header("jpeg2000", right - left, bottom - top, channels, max(depth & 0x7F for depth in depths) + 1)


def check_jpeg2000(data: bytes) -> None:
    """Check that the codestream ends with its end marker, within its box.

    Raises:
        UnreadableImage: "truncated: ...".
    """
    start, end = _codestream(data)
    if end > len(data):
        raise UnreadableImage("truncated: a box of the jpeg2000 is longer than the file")
    if data.rfind(_END, start, end) < 0:
        raise UnreadableImage("truncated: no end marker in the jpeg2000")


def decode_jpeg2000(data: bytes) -> np.ndarray | None:
    """Decode what OpenCV does not (grey with alpha, mixed depths) with Pillow: as OpenCV gives it, None if neither can.

    Returns:
        uint8 or uint16, (H, W) or in the order blue, green, red and alpha (H, W, 3 or 4).
    """
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            pixels = np.asarray(image.convert("RGBA") if image.mode == "LA" else image)
    except Exception:  # Pillow raises nearly anything on damaged bytes
        return None
    if pixels.dtype not in (np.uint8, np.uint16):
        return None
    order = {3: [2, 1, 0], 4: [2, 1, 0, 3]}
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[:, :, order[pixels.shape[2]]])


def _codestream(data: bytes) -> tuple[int, int]:
    """Return where the first codestream begins and ends (by what its box states)."""
    if data.startswith(CODESTREAM):
        return 0, len(data)
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        inside = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, at + 8)
            inside = 16
        elif length == 0:
            length = len(data) - at
        if length < inside:
            raise UnreadableImage("damaged: a box of the jpeg2000 without a length")
        if kind == b"jp2c":
            if data[at + inside : at + inside + 4] != CODESTREAM:
                raise UnreadableImage("damaged: no codestream in the jpeg2000")
            return at + inside, at + length
        at += length
    raise UnreadableImage("truncated: no codestream in the jpeg2000")
