"""Bytes of an image file -> uint8 grey pixels; every other module sees only those."""

import os
from dataclasses import dataclass

import cv2
import numpy as np

from chestbench.imaging.complete import check_complete
from chestbench.imaging.dicom.reading import DicomFacts, decode_dicom
from chestbench.imaging.formats import NOT_AN_IMAGE, Header, UnreadableImage
from chestbench.imaging.frames import count_frames, counted
from chestbench.imaging.header import read_header, sniff_format
from chestbench.imaging.jpeg2000 import decode_jpeg2000

__all__ = ["NOT_AN_IMAGE", "Decoded", "UnreadableImage", "decode_grey", "prepare_opencv"]

MAX_PIXELS = 100_000_000


@dataclass(frozen=True)
class Decoded:
    """A decoded image. `pixels` is uint8 (H, W, 1), 0 black to 255 white; the rest is as stored in the file.

    `width` and `height` are those of the file; an EXIF orientation can exchange them in `pixels`. `dicom` is None for
    every other format.
    """

    pixels: np.ndarray
    width: int
    height: int
    channels: int
    bit_depth: int
    format: str
    dicom: DicomFacts | None = None


def prepare_opencv() -> None:
    """Keep OpenCV to one thread per call (our own threads are the parallelism) and from printing on damaged files."""
    cv2.setNumThreads(1)
    if "OPENCV_LOG_LEVEL" not in os.environ:
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def decode_grey(data: bytes) -> Decoded:
    """Decode PNG, JPEG, JPEG 2000, BMP, TIFF, WebP, GIF or DICOM of one picture to 8-bit grey.

    The format is told by content, never by a name. One picture stored as grey, RGB, RGBA or 16-bit gives the same
    pixels: equal channels keep their value; colour becomes luma (0.299 R + 0.587 G + 0.114 B); an alpha channel that is
    the same everywhere is ignored, any other puts the picture on black. 16-bit values keep their high byte, which
    inverts both ways of widening 8 bits (v * 257 and v << 8); where no value of the picture exceeds 12 (or 8) bits, as
    medical exporters store them, the top 8 of those 12 (or 8) are kept. EXIF orientation is honoured in JPEG, where
    cameras write it, and ignored elsewhere. DICOM is shown as a viewer shows it: see `dicom.decode_dicom`.

    Raises:
        UnreadableImage: not an image, several pages or frames (see frames.py), truncated, damaged, above 100 million
            pixels (judged before decoding), or pixels other than 8- or 16-bit unsigned integers; "dicom: ..." also for
            what is no chest X-ray or CT slice.

    Example:
        >>> _, png = cv2.imencode(".png", np.array([[0, 128, 65535]], np.uint16))
        >>> image = decode_grey(png.tobytes())
        >>> image.format, image.bit_depth, image.pixels.shape, image.pixels.ravel().tolist()
        ('png', 16, (1, 3, 1), [0, 0, 255])
    """
    kind = sniff_format(data)
    if kind != "dicom" and (frames := count_frames(data)) > 1:
        raise UnreadableImage(f"{counted(data, frames)}: expected one picture a file")
    if kind == "dicom":
        image = decode_dicom(data, MAX_PIXELS)
        header = image.header
        size_and_mode = (header.width, header.height, header.channels, header.bit_depth, header.format)
        return Decoded(image.pixels[:, :, np.newaxis], *size_and_mode, dicom=image.facts)
    header = read_header(data)
    if header.width * header.height > MAX_PIXELS:
        size = f"{header.width} x {header.height}"
        raise UnreadableImage(f"too large: {size} pixels, at most {MAX_PIXELS // 1_000_000} million are decoded")
    check_complete(data, header)
    # JPEG's own luma plane is exact and costs half of a colour decode; the others are decoded as stored, because of
    # alpha and 16 bits.
    flag = cv2.IMREAD_GRAYSCALE if header.format == "jpeg" else cv2.IMREAD_UNCHANGED
    try:
        stored = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    except cv2.error as error:
        raise UnreadableImage(f"damaged: {header.format} data that cannot be decoded ({error.err})") from None
    if stored is None and header.format == "jpeg2000":
        stored = decode_jpeg2000(data)
    if stored is None or stored.size == 0:
        raise UnreadableImage(f"damaged: {header.format} data that cannot be decoded")
    return _decoded(stored, header)


def _decoded(stored: np.ndarray, header: Header) -> Decoded:
    if stored.dtype not in (np.uint8, np.uint16):
        raise UnreadableImage(f"pixels of type {stored.dtype}: expected unsigned integers of 8 or 16 bits")
    grey = np.ascontiguousarray(_to_grey(stored))
    return Decoded(
        grey[:, :, np.newaxis], header.width, header.height, header.channels, header.bit_depth, header.format
    )


def _to_grey(stored: np.ndarray) -> np.ndarray:
    """Turn what OpenCV decoded (grey, BGR or BGRA; uint8 or uint16) into uint8 (H, W)."""
    if stored.ndim == 3 and stored.shape[2] == 4:
        stored = _without_alpha(stored)
    if stored.dtype == np.uint16:
        stored = _top_8_bits(stored)
    if stored.ndim == 2 or stored.shape[2] == 1:
        return stored.reshape(stored.shape[:2])
    if stored.shape[2] == 3:
        return cv2.cvtColor(stored, cv2.COLOR_BGR2GRAY)
    raise UnreadableImage(f"{stored.shape[2]} channels: expected grey or colour, with or without alpha")


def _without_alpha(stored: np.ndarray) -> np.ndarray:
    alpha = cv2.extractChannel(stored, 3)
    lowest, highest, _, _ = cv2.minMaxLoc(alpha)
    colour = cv2.cvtColor(stored, cv2.COLOR_BGRA2BGR)
    if lowest == highest:
        return colour
    full = np.iinfo(stored.dtype).max
    weighted = colour.astype(np.uint64) * alpha[:, :, np.newaxis]
    return ((weighted + full // 2) // full).astype(stored.dtype)


def _top_8_bits(stored: np.ndarray) -> np.ndarray:
    highest = int(stored.max())
    used = 8 if highest < 1 << 8 else 12 if highest < 1 << 12 else 16
    return (stored >> (used - 8)).astype(np.uint8)
