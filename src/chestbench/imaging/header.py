"""What an image file says of itself: format by content, never by its name, and size before decoding."""

import struct

from chestbench.imaging.dicom.bare import is_bare_dicom
from chestbench.imaging.formats import NOT_AN_IMAGE, Header, UnreadableImage, jpeg_segments, tiff_tags
from chestbench.imaging.jpeg2000 import is_jpeg2000, read_jpeg2000_header


def sniff_format(data: bytes) -> str | None:
    """Return the image format that the first bytes announce, or None."""
    # First, because the 128 bytes before it are free: some files pose as a TIFF there.
    if data[128:132] == b"DICM":
        return "dicom"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if (
        data.startswith(b"BM")
        and len(data) >= 26
        and struct.unpack_from("<I", data, 14)[0] in (12, 40, 52, 56, 64, 108, 124)
    ):
        return "bmp"
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "tiff"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if is_jpeg2000(data):
        return "jpeg2000"
    return "dicom" if is_bare_dicom(data) else None


def read_header(data: bytes) -> Header:
    """Read format, size and mode from the bytes of an image file without decoding it.

    Raises:
        UnreadableImage: no known format ("not an image"), or the header is cut off or says nonsense.
    """
    kind = sniff_format(data)
    if kind is None:
        raise UnreadableImage(NOT_AN_IMAGE)
    if kind == "dicom":
        from chestbench.imaging.dicom.reading import read_dicom_header

        return read_dicom_header(data)
    try:
        header = _READERS[kind](data)
    except (struct.error, IndexError, KeyError):
        raise UnreadableImage(f"truncated: the {kind} header is cut off") from None
    if header.width < 1 or header.height < 1:
        raise UnreadableImage(f"damaged: the {kind} header states {header.width} x {header.height} pixels")
    return header


def _png(data: bytes) -> Header:
    width, height, depth, colour = struct.unpack_from(">IIBB", data, 16)
    channels = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}[colour]
    return Header("png", width, height, channels, 8 if colour == 3 else depth)


def _jpeg(data: bytes) -> Header:
    for marker, at in jpeg_segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            depth, height, width, channels = struct.unpack_from(">BHHB", data, at)
            return Header("jpeg", width, height, channels, depth)
    raise UnreadableImage("damaged: a jpeg without a frame header")


def _bmp(data: bytes) -> Header:
    if struct.unpack_from("<I", data, 14)[0] == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
    else:
        width, height, _, bits = struct.unpack_from("<iiHH", data, 18)
    return Header("bmp", width, abs(height), 4 if bits == 32 else 3, 8)


def _tiff(data: bytes) -> Header:
    tags = tiff_tags(data)
    return Header(
        "tiff", tags[256][0], tags[257][0], 3 if tags.get(262) == [3] else tags.get(277, [1])[0], tags.get(258, [1])[0]
    )


def _webp(data: bytes) -> Header:
    kind = data[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
        return Header("webp", width, height, 4 if data[20] & 0x10 else 3, 8)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Header("webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), 4 if bits >> 28 & 1 else 3, 8)
    width, height = struct.unpack_from("<HH", data, 26)
    return Header("webp", width & 0x3FFF, height & 0x3FFF, 3, 8)


def _gif(data: bytes) -> Header:
    width, height = struct.unpack_from("<HH", data, 6)
    return Header("gif", width, height, 3, 8)


_READERS = {"png": _png, "jpeg": _jpeg, "bmp": _bmp, "tiff": _tiff, "webp": _webp, "gif": _gif}
_READERS["jpeg2000"] = read_jpeg2000_header
