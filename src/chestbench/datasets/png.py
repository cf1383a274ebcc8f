"""A PNG writer whose bytes are the same on every machine.

Pictures are stored in deflate blocks of type 0 (no compression), because the compressed bytes of zlib differ between
versions and between its replacements (zlib-ng, Chromium's); only its checksums, which cannot differ, are used.
"""

import struct
import zlib
from typing import Literal

import numpy as np

Mode = Literal["grey", "rgb", "rgba", "grey16", "colour"]
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPE = {"grey": 0, "rgb": 2, "rgba": 6, "grey16": 0, "colour": 2}
_BLOCK_BYTES = 65535  # the longest stored block that deflate knows


def encode_png(pixels: np.ndarray, mode: Mode = "grey", text: dict[str, str] | None = None) -> bytes:
    """Return a PNG file that shows `pixels`: a grey picture in one of four pixel formats, or a colour picture.

    All four of a grey picture decode to the same one: `rgb` and `rgba` repeat the grey value (alpha is opaque), and
    `grey16` multiplies it by 257, which maps 0..255 onto 0..65535 so that the upper byte is the grey value again.

    Args:
        pixels: uint8 (H, W), of `colour` (H, W, 3) in the order red, green, blue; at least one pixel.
        mode: the pixel format of the file.
        text: tEXt chunks, keyword to value, both Latin-1.

    Source: PNG specification, third edition (W3C 2025), sections 5, 10 and 11; RFC 1951, section 3.2.4.
    """
    channels = (3,) if mode == "colour" else ()
    if pixels.dtype != np.uint8 or pixels.ndim < 2 or pixels.shape[2:] != channels or pixels.size == 0:
        raise ValueError(
            f"expected uint8 pixels of shape {('H', 'W', *channels)}, received {pixels.dtype} of shape {pixels.shape}"
        )
    height, width = pixels.shape[:2]
    if mode == "colour":
        samples = pixels
    elif mode == "grey":
        samples = pixels[:, :, None]
    elif mode == "grey16":
        samples = np.stack([pixels, pixels], axis=2)  # big-endian: value * 257 has the value in both bytes
    else:
        opaque = np.full_like(pixels, 255)
        samples = np.stack([pixels, pixels, pixels, opaque][: 3 if mode == "rgb" else 4], axis=2)
    rows = np.zeros((height, 1 + samples.shape[1] * samples.shape[2]), np.uint8)  # first byte: filter type 0, none
    rows[:, 1:] = samples.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 16 if mode == "grey16" else 8, _COLOUR_TYPE[mode], 0, 0, 0)
    chunks = [_chunk(b"IHDR", header)]
    for keyword, value in (text or {}).items():
        chunks.append(_chunk(b"tEXt", keyword.encode("latin-1") + b"\0" + value.encode("latin-1")))
    chunks += [_chunk(b"IDAT", _store(rows.tobytes())), _chunk(b"IEND", b"")]
    return _SIGNATURE + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _store(data: bytes) -> bytes:
    """Wrap `data` as a zlib stream of stored blocks."""
    parts = [b"\x78\x01"]
    for start in range(0, len(data), _BLOCK_BYTES):
        block = data[start : start + _BLOCK_BYTES]
        last = start + _BLOCK_BYTES >= len(data)
        parts += [struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF), block]
    parts.append(struct.pack(">I", zlib.adler32(data)))
    return b"".join(parts)
