"""Bytes of an image file -> uint8 grey pixels; every other module sees only those."""

import os
from dataclasses import dataclass

import cv2
import numpy as np

from chestbench.core import budget
from chestbench.core.bounds import MOST_PIXELS, MOST_VALUE_BYTES
from chestbench.imaging.complete import check_complete
from chestbench.imaging.dicom.reading import DicomFacts, decode_dicom
from chestbench.imaging.formats import NOT_AN_IMAGE, Header, UnreadableImage
from chestbench.imaging.frames import count_frames, counted
from chestbench.imaging.grey import DEFAULT, GreyFacts, GreyScale
from chestbench.imaging.header import read_header, sniff_format
from chestbench.imaging.levels import to_grey
from chestbench.imaging.plain import read_plain

__all__ = ["NOT_AN_IMAGE", "Decoded", "UnreadableImage", "decode_grey", "prepare_opencv"]

MAX_PIXELS = MOST_PIXELS


@dataclass(frozen=True)
class Decoded:
    """A decoded image. `pixels` is uint8 (H, W, 1), 0 black to 255 white; the rest is as stored in the file.

    `width` and `height` are those of the file; an EXIF orientation can exchange them in `pixels`. `grey` is what the
    file says of its scale and `scale` in words how its values became grey ("8 bit", "13 of 16 bit"). `dicom` is None
    for every other format.
    """

    pixels: np.ndarray
    width: int
    height: int
    channels: int
    bit_depth: int
    format: str
    grey: GreyFacts
    scale: str
    dicom: DicomFacts | None = None


def prepare_opencv() -> None:
    """Keep OpenCV to one thread per call (our own threads are the parallelism) and from printing on damaged files."""
    cv2.setNumThreads(1)
    if "OPENCV_LOG_LEVEL" not in os.environ:
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def decode_grey(data: bytes, scale: GreyScale = DEFAULT) -> Decoded:
    """Decode PNG, JPEG, JPEG 2000, BMP, TIFF, WebP, GIF or DICOM of one picture to 8-bit grey.

    The format is told by content, never by a name. One picture stored as grey, RGB, RGBA or 16-bit gives the same
    pixels: equal channels keep their value; colour becomes luma (0.299 R + 0.587 G + 0.114 B); an alpha channel that is
    the same everywhere is ignored, any other puts the picture on black. Of more than 8 bits the top 8 are kept, which
    inverts both ways of widening 8 bits (v * 257 and v << 8). How deep 16-bit values without a declared depth are is
    for `scale` to say; without it, the least whole number of bits that holds the picture. What states that its lowest
    value is white (WhiteIsZero, MONOCHROME1) is inverted. Signed TIFF values are Hounsfield units where they hold air
    (-500 or less), or where `scale` says so. EXIF orientation is honoured in JPEG, where cameras write it, and
    Orientation in TIFF; gamma and colour profiles are ignored. DICOM is shown as a viewer shows it: see
    `dicom.decode_dicom`.

    Args:
        data: the file.
        scale: that of the data set; by default each picture is read by itself.

    Raises:
        UnreadableImage: not an image, several pages or frames (see frames.py), truncated, damaged, above 100 million
            pixels or 320 million bytes of values (judged before decoding), or of a kind that is not read, which the
            reason names; "dicom: ..." also for what is no chest X-ray or CT slice.

    Example:
        >>> _, png = cv2.imencode(".png", np.array([[0, 128, 65535]], np.uint16))
        >>> image = decode_grey(png.tobytes())
        >>> image.format, image.bit_depth, image.pixels.shape, image.pixels.ravel().tolist(), image.scale
        ('png', 16, (1, 3, 1), [0, 0, 255], '16 of 16 bit')
    """
    kind = sniff_format(data)
    if kind != "dicom" and (frames := count_frames(data)) > 1:
        raise UnreadableImage(f"{counted(data, frames)}: expected one picture a file")
    if kind == "dicom":
        image = decode_dicom(data, MAX_PIXELS, scale)
        return _decoded(image.pixels, image.header, image.grey, scale, image.facts)
    header = read_header(data)
    if header.width * header.height > MAX_PIXELS:
        size = f"{header.width} x {header.height}"
        raise UnreadableImage(f"too large: {size} pixels, at most {MAX_PIXELS // 1_000_000} million are decoded")
    value_bytes = header.width * header.height * max(header.channels, 1) * (2 if header.bit_depth > 8 else 1)
    if value_bytes > MOST_VALUE_BYTES:
        raise UnreadableImage(
            f"too large: {header.width} x {header.height} pixels of {value_bytes // (header.width * header.height)} "
            f"bytes, at most {MOST_VALUE_BYTES // 1_000_000} million bytes are decoded"
        )
    budget.for_picture(value_bytes)
    check_complete(data, header)
    stored = read_plain(data, header)
    pixels, facts = to_grey(stored, scale)
    return _decoded(pixels, header, facts, scale)


def _decoded(
    grey: np.ndarray, header: Header, facts: GreyFacts, scale: GreyScale, dicom: DicomFacts | None = None
) -> Decoded:
    size_and_mode = (header.width, header.height, header.channels, header.bit_depth, header.format)
    pixels = np.ascontiguousarray(grey)[:, :, np.newaxis]
    return Decoded(pixels, *size_and_mode, grey=facts, scale=scale.words(facts), dicom=dicom)
