"""What the catalog learns from one file: read once, decoded once, in a worker thread."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np

from chestbench.catalog.finding import Audit, id_of
from chestbench.catalog.identity import pseudonym
from chestbench.catalog.kinds import ADVICE, ANNEX, DICOM_DIRECTORY, LFS, header_of, kind_of_content, kind_of_name
from chestbench.datasets.archive import Archive, UnreadableMember
from chestbench.imaging.appearance import measure_appearance
from chestbench.imaging.decode import NOT_AN_IMAGE, UnreadableImage, decode_grey
from chestbench.imaging.fingerprint import fingerprint
from chestbench.imaging.frames import count_frames, refusal, split_frames
from chestbench.imaging.grey import DEFAULT, GreyFacts, GreyScale, Kind
from chestbench.imaging.header import sniff_format
from chestbench.imaging.resize import resize_grey

SMALLEST_SIDE = 16
TILE = 96


def has_control_character(name: str) -> bool:
    """Tell whether a name holds a newline, a tab or the like, which tables and terminals cannot show."""
    return any(unicodedata.category(letter) == "Cc" for letter in name)


def audit_member(
    archive: Archive,
    member: str,
    wants_tile: Callable[[str], bool],
    salt: str = "",
    frames: str = "refuse",
    scale: GreyScale = DEFAULT,
) -> list[Audit]:
    """Read and decode one member; damaged or odd ones come back with a `problem`, never as an exception.

    Args:
        archive: holds the member.
        member: its name in the archive.
        wants_tile: told the image id, decides whether the picture is needed for the contact sheet.
        salt: dataset.salt, for the codes of patient and study; the ids themselves do not leave this function.
        frames: dataset.frames; "each" gives a finding per page or frame, all else one.
        scale: how stored values become grey.
    """
    if has_control_character(member):
        return [Audit("", 0, problem="unreadable: a control character in its name")]
    by_name = kind_of_name(member)
    try:
        # Volumes and arrays can be large: where even the name says that it is no picture, its start is enough to agree.
        if by_name and sniff_format(start := archive.start(member)) is None:
            return [Audit("", archive.size_of(member), other=_more_exactly(by_name, start))]
        data = archive.read(member)
    except UnreadableMember as error:
        return [Audit("", 0, problem=f"unreadable: {error.reason}")]
    digest = hashlib.sha256(data).hexdigest()
    if not by_name and any(header in archive for header in header_of(member)):
        by_name = "volume"
    pages = _audit_pages(data, digest, wants_tile, salt, frames, scale)
    return [page if isinstance(page, Audit) else _judged(data, *page, by_name) for page in pages]


def _audit_pages(
    data: bytes, digest: str, wants_tile: Callable[[str], bool], salt: str, frames: str, scale: GreyScale
) -> Iterator[Audit | tuple[Audit, str]]:
    """Yield what is found on each page that dataset.frames asks for, or (what is known, why it cannot be decoded)."""
    count = number = 0
    try:
        count = count_frames(data)
        if count > 1 and frames == "refuse":
            yield Audit(digest, len(data), problem=refusal(data, count), frames=count)
            return
        kind = sniff_format(data) if count > 1 else None
        for number, picture in enumerate(split_frames(data, count, first_only=frames == "first"), 1):
            is_wanted = wants_tile(id_of(digest, number, count))
            try:
                one = _audit_picture(picture, digest, len(data), number, count, is_wanted, salt, scale)
            except UnreadableImage as error:
                yield Audit(digest, len(data), frame=number, frames=count if count > 1 else 0), error.reason
                continue
            # A frame of an animation comes as a PNG, which the file is not.
            yield replace(one, format=kind) if kind else one
    except UnreadableImage as error:  # the pages behind this one cannot be had
        behind = f" (and {count - number - 1} pages or frames behind it)" if count > number + 1 and number else ""
        yield Audit(digest, len(data), frame=number + 1, frames=count if count > 1 else 0), error.reason + behind


def _more_exactly(by_name: str, start: bytes) -> str:
    """Return the kind of a file that is no picture by its name: a pointer in its place is worth more than the name."""
    by_content = kind_of_content(start)
    return by_content if by_content in (LFS, ANNEX) else by_name


def _judged(data: bytes, known: Audit, reason: str, by_name: str) -> Audit:
    """Say why a file, or a page of it, is not used."""
    kind = kind_of_content(data) if reason == NOT_AN_IMAGE or reason.startswith("dicom: ") else ""
    if DICOM_DIRECTORY in (kind, by_name):
        return replace(known, other=DICOM_DIRECTORY)
    if reason == NOT_AN_IMAGE and by_name:
        return replace(known, other=by_name)
    if reason == NOT_AN_IMAGE:
        return replace(known, problem=f"{kind}: {ADVICE[kind]}" if kind in ADVICE else NOT_AN_IMAGE)
    prefix, colon, rest = reason.partition("dicom: ")
    return replace(known, problem=f"unusable DICOM: {rest}" if colon and not prefix else f"unreadable: {reason}")


def _audit_picture(
    data: bytes, sha256: str, size: int, frame: int, frames: int, wants_tile: bool, salt: str, scale: GreyScale
) -> Audit:
    """Decode the bytes of one picture and measure it; `sha256` and `size` are of the file that it is of.

    Raises:
        UnreadableImage: they are none.
    """
    decoded = decode_grey(data, scale)
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
        sha256,
        size,
        problem=problem if short < SMALLEST_SIDE else "",
        width=decoded.width,
        height=decoded.height,
        channels=decoded.channels,
        bit_depth=decoded.bit_depth,
        format=decoded.format,
        pixel_sha256=pixel_digest.hexdigest(),
        phash=phash,
        copy=copy,
        tile=resize_grey(pixels, TILE, "pad") if wants_tile else None,
        histogram=histogram,
        appearance=measure_appearance(pixels, histogram) if short >= SMALLEST_SIDE else None,
        patient=pseudonym(salt, "patient", facts.patient) if facts else "",
        study=pseudonym(salt, "study", facts.study) if facts else "",
        polarity_corrected=facts is not None and facts.polarity_corrected,
        grey=_with_levels(decoded.grey, histogram),
        scale=decoded.scale,
        frame=frame,
        frames=frames,
    )


def _with_levels(facts: GreyFacts, histogram: np.ndarray) -> GreyFacts:
    """Say how many grey levels a window or a range left of a picture; for others their values tell."""
    if facts.kind not in (Kind.HOUNSFIELD, Kind.RADIOGRAPH):
        return facts
    return replace(facts, levels=int(np.count_nonzero(histogram)))
