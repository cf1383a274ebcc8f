"""What the catalog learns from one file: read once, decoded once, in a worker thread."""

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from chestbench.catalog.identity import pseudonym
from chestbench.catalog.layout import may_be_picture
from chestbench.datasets.archive import Archive, UnreadableMember
from chestbench.imaging.appearance import Appearance, measure_appearance
from chestbench.imaging.decode import NOT_AN_IMAGE, UnreadableImage, decode_grey
from chestbench.imaging.fingerprint import fingerprint
from chestbench.imaging.grey import DEFAULT, GreyFacts, GreyScale
from chestbench.imaging.resize import resize_grey

SMALLEST_SIDE = 16
TILE = 96


@dataclass(frozen=True, slots=True)
class Audit:
    """Findings on one file.

    Attributes:
        sha256: of the bytes, 64 hex digits; "" when the archive could not give them.
        size: number of bytes.
        problem: why it cannot be used, else "".
        is_other: whether it is no picture and does not pose as one.
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
    """

    sha256: str
    size: int
    problem: str = ""
    is_other: bool = False
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


def has_control_character(name: str) -> bool:
    """Tell whether a name holds a newline, a tab or the like, which tables and terminals cannot show."""
    return any(unicodedata.category(letter) == "Cc" for letter in name)


def audit_member(
    archive: Archive, member: str, wants_tile: Callable[[str], bool], salt: str = "", scale: GreyScale = DEFAULT
) -> Audit:
    """Read and decode one member; damaged or odd ones come back with a `problem`, never as an exception.

    Args:
        archive: holds the member.
        member: its name in the archive.
        wants_tile: told the image id, decides whether the picture is needed for the contact sheet.
        salt: dataset.salt, for the codes of patient and study; the ids themselves do not leave this function.
        scale: how stored values become grey.
    """
    if has_control_character(member):
        return Audit("", 0, problem="unreadable: a control character in its name")
    try:
        data = archive.read(member)
    except UnreadableMember as error:
        return Audit("", 0, problem=f"unreadable: {error.reason}")
    digest = hashlib.sha256(data).hexdigest()
    try:
        decoded = decode_grey(data, scale)
    except UnreadableImage as error:
        if error.reason == NOT_AN_IMAGE:
            return Audit(digest, len(data), NOT_AN_IMAGE, is_other=not may_be_picture(member))
        kind, colon, reason = error.reason.partition("dicom: ")
        problem = f"unusable DICOM: {reason}" if colon and not kind else f"unreadable: {error.reason}"
        return Audit(digest, len(data), problem)
    pixels = decoded.pixels
    pixel_digest = hashlib.sha256(np.array(pixels.shape[:2], "<u4").tobytes())
    pixel_digest.update(pixels.data)
    phash, copy = fingerprint(pixels)
    histogram = cv2.calcHist([pixels], [0], None, [256], [0, 256]).ravel().astype(np.uint32)
    facts = decoded.dicom
    short = min(decoded.width, decoded.height)
    problem = (
        f"too small: {decoded.width} x {decoded.height} pixels, at least {SMALLEST_SIDE} x {SMALLEST_SIDE} are used"
    )
    return Audit(
        sha256=digest,
        size=len(data),
        problem=problem if short < SMALLEST_SIDE else "",
        width=decoded.width,
        height=decoded.height,
        channels=decoded.channels,
        bit_depth=decoded.bit_depth,
        format=decoded.format,
        pixel_sha256=pixel_digest.hexdigest(),
        phash=phash,
        copy=copy,
        tile=resize_grey(pixels, TILE, "pad") if wants_tile(digest[:16]) else None,
        histogram=histogram,
        appearance=measure_appearance(pixels, histogram) if short >= SMALLEST_SIDE else None,
        patient=pseudonym(salt, "patient", facts.patient) if facts else "",
        study=pseudonym(salt, "study", facts.study) if facts else "",
        polarity_corrected=facts is not None and facts.polarity_corrected,
        grey=decoded.grey,
        scale=decoded.scale,
    )
