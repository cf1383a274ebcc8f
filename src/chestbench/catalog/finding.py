"""What is found in one file, or on one page of it."""

import hashlib
from dataclasses import dataclass

import numpy as np

from chestbench.imaging.appearance import Appearance
from chestbench.imaging.grey import GreyFacts


@dataclass(frozen=True, slots=True)
class Audit:
    """Findings on one file, or on one page of it.

    Attributes:
        sha256: of the bytes, 64 hex digits; "" when the archive could not give them.
        size: number of bytes.
        problem: why it cannot be used, else "".
        other: what it is, such as "array", where it is no picture and does not pose as one, else "".
        width, height: pixels, as stored; 0 when unreadable.
        channels: as stored; 0 when unreadable.
        bit_depth: bits of a channel, as stored; 0 when unreadable.
        format: such as png; "" when unreadable.
        pixel_sha256: of the grey pixels, see `fingerprint`; "" when unreadable.
        phash: 64 bits, of the grey pixels; 0 when unreadable.
        copy: uint8 (1024,), small copy of the grey pixels; None when unreadable.
        tile: uint8 (TILE, TILE, 1), for the contact sheet; None: not wanted, or unreadable.
        histogram: uint32 (256,), pixels of each grey level; None when unreadable.
        appearance: brightness, border and corners; None when unreadable or too small.
        patient, study: codes of those that a DICOM header names, 16 hex digits or "".
        polarity_corrected: whether a DICOM header called the picture a negative that it is not.
        grey: what the file says of its grey scale; None when unreadable.
        scale: how its values became grey, in words; "" when unreadable.
        frame: which page or frame, from 1.
        frames: pages or frames of the file; 0 when unreadable.
    """

    sha256: str
    size: int
    problem: str = ""
    other: str = ""
    width: int = 0
    height: int = 0
    channels: int = 0
    bit_depth: int = 0
    format: str = ""
    pixel_sha256: str = ""
    phash: int = 0
    copy: np.ndarray | None = None
    tile: np.ndarray | None = None
    histogram: np.ndarray | None = None
    appearance: Appearance | None = None
    patient: str = ""
    study: str = ""
    polarity_corrected: bool = False
    grey: GreyFacts | None = None
    scale: str = ""
    frame: int = 1
    frames: int = 0

    @property
    def image_id(self) -> str:
        """16 hex digits: of the file, or of the page where there are several; "" where the bytes are not known."""
        return id_of(self.sha256, self.frame, self.frames)


def id_of(sha256: str, frame: int, frames: int) -> str:
    """Return the id of a picture: the first 16 hex digits of its file's SHA-256, or of that and the page's number."""
    if frames <= 1 or not sha256:
        return sha256[:16]
    return hashlib.sha256(f"{sha256} page {frame}".encode()).hexdigest()[:16]
