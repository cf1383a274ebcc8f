"""Is an image file whole? Decoders fill what a cut-off file lacks with grey or garbage and say nothing."""

import struct
import zlib

from chestbench.imaging.formats import Header, UnreadableImage, jpeg_segments, tiff_tags
from chestbench.imaging.jpeg2000 import check_jpeg2000


def check_complete(data: bytes, header: Header) -> None:
    """Check that the file ends where its own structure says it ends; PNG chunks of pixels are checked against their
    CRC as well.

    Bytes after the end are accepted. What this cannot see: a flipped bit inside JPEG, GIF or WebP picture data.

    Raises:
        UnreadableImage: "truncated: ..." or "damaged: ...".
    """
    try:
        _CHECKS[header.format](data)
    except (struct.error, IndexError, KeyError):
        raise UnreadableImage(f"truncated: the {header.format} structure is cut off") from None


def _png(data: bytes) -> None:
    at, kind, view = 8, b"", memoryview(data)
    while kind != b"IEND":
        if at + 12 > len(data):
            raise UnreadableImage("truncated: no IEND at the end of the png")
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            raise UnreadableImage("truncated: a png chunk is longer than the file")
        # A small first letter marks a chunk without which the picture is whole (text, time, resolution); decoders pass
        # over a damaged one. Transparency is no such thing.
        carries_pixels = not kind[0] & 0x20 or kind == b"tRNS"
        if carries_pixels and zlib.crc32(view[at + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise UnreadableImage(f"damaged: the checksum of a png chunk ({kind.decode('latin-1')}) does not match")
        at = end + 4


def _jpeg(data: bytes) -> None:
    marker, scan = jpeg_segments(data)[-1]
    # Inside picture data 0xFF is followed by 0x00, so that an end marker behind the first scan is a real one;
    # searching from the scan skips the end marker of a thumbnail in the EXIF block.
    if marker != 0xDA or data.rfind(b"\xff\xd9") < scan:
        raise UnreadableImage("truncated: no end marker in the jpeg")


def _bmp(data: bytes) -> None:
    (pixels_at,) = struct.unpack_from("<I", data, 10)
    (dib,) = struct.unpack_from("<I", data, 14)
    if dib == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        packed = False
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
        packed = compression in (1, 2)  # run-length encoded: the size is not a function of the dimensions
    rows = (abs(width) * bits + 31) // 32 * 4 * abs(height)
    if pixels_at >= len(data) or (not packed and pixels_at + rows > len(data)):
        raise UnreadableImage("truncated: the bmp holds fewer pixels than it states")


def _tiff(data: bytes) -> None:
    tags = tiff_tags(data)
    offsets, counts = (tags[324], tags[325]) if 324 in tags else (tags[273], tags[279])
    if len(offsets) != len(counts) or any(
        offset + count > len(data) for offset, count in zip(offsets, counts, strict=True)
    ):
        raise UnreadableImage("truncated: a strip of the tiff lies behind the end of the file")


def _webp(data: bytes) -> None:
    if struct.unpack_from("<I", data, 4)[0] + 8 > len(data):
        raise UnreadableImage("truncated: the webp is shorter than it states")


def _gif(data: bytes) -> None:
    if not data.rstrip(b"\0").endswith(b";"):
        raise UnreadableImage("truncated: no trailer at the end of the gif")


_CHECKS = {"png": _png, "jpeg": _jpeg, "bmp": _bmp, "tiff": _tiff, "webp": _webp, "gif": _gif}
_CHECKS["jpeg2000"] = check_jpeg2000
