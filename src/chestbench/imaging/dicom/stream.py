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

_SMALL_RUNS = 4_000_000  # bytes that can stand for no more than 256 million


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


def check_run_lengths(frame: bytes, pixels: int) -> None:
    """Check that no segment of a large run-length encoded frame unpacks to more than its byte of every pixel.

    A decoder believes what the runs say: two bytes can stand for 128.

    Args:
        frame: its header of 16 numbers, and the segments (PS3.5, annex G).
        pixels: of the picture; a segment may have one byte more, to be even.

    Raises:
        UnreadableImage: more, or a segment outside the frame.
    """
    if len(frame) < _SMALL_RUNS:
        return
    count, *offsets = struct.unpack_from("<16I", frame)
    if not 1 <= count <= 15 or any(offset > len(frame) for offset in offsets[:count]):
        raise UnreadableImage("damaged: the segments of the run-length encoding lie outside the frame")
    for start, end in zip(offsets[:count], [*offsets[1:count], len(frame)], strict=True):
        at, unpacked = start, 0
        while at < end and unpacked <= pixels + 128:
            length = frame[at]
            if length < 128:  # so many bytes and one follow as they are
                unpacked, at = unpacked + length + 1, at + length + 2
            elif length > 128:  # one that stands for several
                unpacked, at = unpacked + 257 - length, at + 2
            else:
                at += 1
        if unpacked > pixels + 128:
            raise UnreadableImage("damaged: the run-length encoding unpacks to more than the header states")


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
