"""One file -> what the network takes of it, by the very steps of training, and what of the file speaks against that."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from chestbench.imaging.decode import NOT_AN_IMAGE, UnreadableImage
from chestbench.imaging.frames import count_frames, split_frames
from chestbench.imaging.grey import Kind
from chestbench.imaging.header import sniff_format
from chestbench.imaging.kept import decode_kept
from chestbench.imaging.regions.find import find_region
from chestbench.imaging.resize import resize_grey
from chestbench.serving.description import Description

SMALLEST_SIDE = 16  # as the audit of a data set has it
COLOURED = (32, 0.05)  # a pixel is coloured where its channels differ by so much, a picture where so many pixels are
# What a DICOM file says it is, by how its values became grey.
MODALITIES = {Kind.HOUNSFIELD: "CT", Kind.RADIOGRAPH: "X-ray"}
# See `Prepared.place`.
Place = tuple[tuple[int, int], tuple[int, int], tuple[int, int, int, int]]


@dataclass(frozen=True)
class Prepared:
    """A picture as the network sees it.

    Attributes:
        pixels: uint8 (size, size, 1); None where there is no picture to be had.
        negative: the same of the picture turned over (255 - grey).
        marks: {kind: sentence}, what in the file speaks against an answer.
        problem: why there is no picture, a phrase without text of the file's header; "" where there is one.
        frame, frames: which page or frame of the file, and how many it has.
        patient: what the DICOM header calls the patient, never to be shown; "".
        place: width and height of the stored picture, those of the picture that its region is cut from (a large DICOM
            is shrunk), and left, top, width and height of that region; None where that is not known.
    """

    pixels: NDArray[np.uint8] | None
    negative: NDArray[np.uint8] | None = None
    marks: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    frame: int = 1
    frames: int = 1
    patient: str = field(default="", repr=False)
    place: "Place | None" = None


def prepare_file(data: bytes, described: Description) -> Iterator[Prepared]:
    """Yield each picture of a file: one, or its pages or frames.

    Args:
        data: the file, of any format that training reads.
        described: how the network's own pictures were read.
    """
    number, count = 0, 1
    try:
        count = count_frames(data)
        for number, one in enumerate(split_frames(data, count), 1):
            try:
                yield _prepared(one, described, number, count)
            except UnreadableImage as error:
                yield Prepared(None, problem=_reason(error), frame=number, frames=count)
    except UnreadableImage as error:
        yield Prepared(None, problem=_reason(error), frame=number + 1, frames=count)


def prepare_grey(image: NDArray[np.uint8], described: Description) -> Prepared:
    """Return a grey picture, uint8 (H, W, 1), as the network sees it: no file, so nothing is known of its scale."""
    height, width = image.shape[:2]
    seen, kept, cut = _seen(image, described)
    marks = _size_marks(width, height, described) | _region_marks(kept, described)
    place = (width, height), (width, height), cut
    return Prepared(seen, _seen(255 - image, described)[0], marks, place=place)


def _reason(error: UnreadableImage) -> str:
    if error.reason == NOT_AN_IMAGE:
        return "no picture of a kind that is read (PNG, JPEG, DICOM, TIFF, BMP, WebP, GIF, JPEG 2000)"
    prefix, colon, rest = error.reason.partition("dicom: ")
    return f"unusable DICOM: {rest}" if colon and not prefix else f"unreadable: {error.reason}"


def _prepared(data: bytes, described: Description, number: int, count: int) -> Prepared:
    decoded, pixels = decode_kept(data, described.scale)
    if min(decoded.width, decoded.height) < SMALLEST_SIDE:
        size = f"{decoded.width} x {decoded.height}"
        problem = f"too small: {size} pixels, at least {SMALLEST_SIDE} x {SMALLEST_SIDE} are used"
        return Prepared(None, problem=problem, frame=number, frames=count)
    marks = _size_marks(decoded.width, decoded.height, described)
    if decoded.channels >= 3 and is_coloured(data):
        marks["colour"] = "a colour picture: the network learnt from grey ones"
    shows = MODALITIES.get(decoded.grey.kind)
    if shows and described.modality in MODALITIES.values() and shows != described.modality:
        marks["modality"] = f"the file holds {_article(shows)}, the network learnt from {described.modality}"
    elif described.scales and scale_kind(decoded.scale) not in {scale_kind(words) for words in described.scales}:
        learnt = " and ".join(sorted({scale_kind(words) for words in described.scales}))
        marks["scale"] = f"its grey is read from {scale_kind(decoded.scale)}, the network learnt from {learnt}"
    elif decoded.grey.kind == Kind.UNDECLARED and described.scale.bits is None:
        marks["scale"] = f"{decoded.scale}, told by this picture alone: the network learnt from no 16-bit files"
    if decoded.grey.inverted == "mislabelled":
        marks["polarity"] = "its header calls it a negative, which it is not; it is read as stored"
    elif decoded.grey.looks_negative:
        marks["polarity"] = "read as its label WhiteIsZero says, it looks like a negative"
    seen, kept, cut = _seen(pixels, described)
    marks |= _region_marks(kept, described)
    patient = decoded.dicom.patient if decoded.dicom else ""
    stored = decoded.pixels.shape[1], decoded.pixels.shape[0]
    place = stored, (pixels.shape[1], pixels.shape[0]), cut
    return Prepared(seen, _seen(255 - pixels, described)[0], marks, "", number, count, patient, place)


def _seen(
    pixels: NDArray[np.uint8], described: Description
) -> tuple[NDArray[np.uint8], str, tuple[int, int, int, int]]:
    """Return a picture (H, W, 1) as the preprocess stage makes it, which region was kept of it, and where that lies.

    Masks belong to a data set: a network that learnt from what masks cut out (`mask`) gets the whole picture here.
    """
    roi = "none" if described.roi == "mask" else described.roi
    region = find_region(pixels, roi, modality=described.modality)
    cut = *region.corner, region.pixels.shape[1], region.pixels.shape[0]
    return resize_grey(region.pixels, described.image_size, described.fit), region.kept, cut


def _region_marks(kept: str, described: Description) -> dict[str, str]:
    if described.roi == "mask":
        return {"region": "the network learnt from pictures cut by masks, this one is not cut"}
    if kept != described.roi:
        found = "the whole picture" if kept == "none" else "the body"
        return {"region": f"{described.roi} was not found in it: the network is shown {found}"}
    return {}


def _size_marks(width: int, height: int, described: Description) -> dict[str, str]:
    smallest = max(described.smallest, default=described.image_size)
    least = min(described.image_size, smallest) // 2
    if max(width, height) >= least:
        return {}
    return {"small": f"{width} x {height} pixels, enlarged to {described.image_size}: too little to see"}


def is_coloured(data: bytes) -> bool:
    """Tell whether more than a twentieth of a picture's pixels is coloured; at a quarter of its size, to be quick."""
    if sniff_format(data) == "dicom":
        return False
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_COLOR_4)
    if picture is None:
        return False
    spread = picture.max(axis=2).astype(np.int16) - picture.min(axis=2)
    return float((spread > COLOURED[0]).mean()) > COLOURED[1]


def scale_kind(words: str) -> str:
    """Return what a scale, as the catalog words it, is read from.

    >>> [scale_kind(words) for words in ("8 bit", "13 of 16 bit", "HU -600/1500", "window")]
    ['8 bits or fewer', 'more than 8 bits', 'Hounsfield units', 'DICOM by window']
    """
    if words.startswith("HU"):
        return "Hounsfield units"
    if words in ("window", "range", "percentiles"):
        return f"DICOM by {words}"
    return (
        "more than 8 bits"
        if not words.endswith(" bit") or int(words.split()[0]) > 8 or "of" in words
        else ("8 bits or fewer")
    )


def _article(modality: str) -> str:
    return "a CT slice" if modality == "CT" else "an X-ray"
