"""What a compressed DICOM frame says of itself, held against the header before any decoder sees it."""

import struct

from chestbench.imaging.complete import check_complete
from chestbench.imaging.formats import Header, UnreadableImage, jpeg_segments

JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")
JPEG_2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
RLE = "1.2.840.10008.1.2.5"
_FRAME_MARKERS = {  # the start-of-frame markers that each process may have
    JPEG_BASELINE: {0xC0},
    JPEG_EXTENDED: {0xC0, 0xC1},
    **{syntax: {0xC3} for syntax in JPEG_LOSSLESS},
    **{syntax: {0xF7} for syntax in JPEG_LS},
}


def stream_depth(frame: bytes, syntax: str, bits_allocated: int, header: Header) -> int:
    """Check kind, size, depth and end of a JPEG, JPEG-LS or JPEG 2000 frame; return its bits per value.

    So no decoder allocates for, or fills in, what is not there.

    Raises:
        UnreadableImage: truncated, or at odds with the header.
    """
    found = _jpeg_2000(frame) if syntax in JPEG_2000 else _jpeg(frame, syntax)
    if (found.width, found.height, found.channels) != (header.width, header.height, 1):
        raise UnreadableImage("damaged: the compressed frame is of another size than the header states")
    if not 2 <= found.bit_depth <= bits_allocated:
        raise UnreadableImage(f"damaged: the compressed frame is {found.bit_depth} bits deep")
    if syntax in JPEG_LS and found.bit_depth in (6, 7):
        raise UnreadableImage(f"JPEG-LS of {found.bit_depth} bits: gdcm decodes it wrongly; convert the file")
    return found.bit_depth


def _jpeg(frame: bytes, syntax: str) -> Header:
    if not frame.startswith(b"\xff\xd8"):
        raise UnreadableImage("damaged: the frame is no jpeg")
    try:
        for marker, at in jpeg_segments(frame):
            if marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)):
                depth, height, width, channels = struct.unpack_from(">BHHB", frame, at)
                break
        else:
            raise UnreadableImage("damaged: a jpeg without a frame header")
    except (struct.error, IndexError):
        raise UnreadableImage("truncated: the jpeg structure is cut off") from None
    if marker not in _FRAME_MARKERS[syntax]:
        raise UnreadableImage("damaged: the compressed frame is of another kind than the transfer syntax states")
    header = Header("jpeg", width, height, channels, depth)
    check_complete(frame, header)
    return header


def _jpeg_2000(frame: bytes) -> Header:
    at = frame.find(b"\xff\x4f\xff\x51")  # start of codestream and image size; behind boxes in a JP2 file
    if at < 0:
        raise UnreadableImage("damaged: the frame is no jpeg 2000 codestream")
    if frame.rfind(b"\xff\xd9") < 0 or len(frame) < at + 43:
        raise UnreadableImage("truncated: no end marker in the jpeg 2000 codestream")
    right, bottom, left, top = struct.unpack_from(">IIII", frame, at + 8)
    channels, depth = struct.unpack_from(">HB", frame, at + 40)
    return Header("jpeg2000", right - left, bottom - top, channels, (depth & 0x7F) + 1)
