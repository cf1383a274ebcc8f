"""DICOM bytes -> uint8 grey pixels, without letting anything personal out of the header.

pydicom is imported when the first DICOM file is met, not before. Only the elements named in `NEEDED` are read; names,
dates and addresses are skipped unparsed, so that no message and no `repr` can hold them.
"""

import io
import logging
import re
import struct
import warnings
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from chestbench.core import budget
from chestbench.imaging.dicom.bare import with_preamble
from chestbench.imaging.formats import Header, UnreadableImage
from chestbench.imaging.grey import DEFAULT, GreyFacts, GreyScale

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

_GEOMETRY = ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "BitsStored", "NumberOfFrames")
_SUBJECT = ("PatientID", "StudyInstanceUID", "Modality", "BodyPartExamined", "ImageType")
_ENCODING = ("HighBit", "PixelRepresentation", "PlanarConfiguration", "PhotometricInterpretation")
_PADDING = ("PixelPaddingValue", "PixelPaddingRangeLimit")
_RESCALING = ("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence")
_WINDOW = ("WindowCenter", "WindowWidth", "VOILUTFunction", "VOILUTSequence", "PresentationLUTShape")
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
NEEDED = _GEOMETRY + _SUBJECT + _ENCODING + _PADDING + _RESCALING + _WINDOW + _PIXELS
# What anonymisers write instead of a patient's id (letters and digits of it): many people share it, so it is none.
_REMOVED = {"anon", "anonymous", "anonymized", "anonymised", "deidentified", "removed", "redacted", "hidden"}
_UNKNOWN = {"unknown", "none", "null", "nil", "na", "noid", "notavailable", "undefined", "default"}
_PLACEHOLDERS = _REMOVED | _UNKNOWN | {"patient", "patientid"}
# The element (0002,0010) Transfer Syntax UID with the value Deflated Explicit VR Little Endian.
_DEFLATED = re.compile(rb"\x02\x00\x10\x00UI..1\.2\.840\.10008\.1\.2\.1\.99", re.DOTALL)


@dataclass(frozen=True)
class DicomFacts:
    """What only the audit may know of a picture.

    Attributes:
        patient, study: PatientID and StudyInstanceUID as stored, "" when absent. Never shown: `repr` leaves them out.
            A PatientID that anonymisers write for everybody ("ANONYMOUS", "unknown", "0") counts as absent.
        polarity_corrected: the file is shown the other way round than its header says, because that would give a
            negative.
    """

    patient: str = field(repr=False)
    study: str = field(repr=False)
    polarity_corrected: bool = False


@dataclass(frozen=True)
class DicomImage:
    """A decoded DICOM file: `pixels` is uint8 (H, W), 0 black to 255 white; `grey` what it says of its scale."""

    pixels: np.ndarray
    header: Header
    facts: DicomFacts
    grey: GreyFacts


def decode_dicom(data: bytes, max_pixels: int, scale: GreyScale = DEFAULT) -> DicomImage:
    """Decode a single-frame grey chest X-ray or CT slice as a viewer shows it.

    What is taken is in rules.py, the codecs are in frame.py, the way from stored values to grey is in grey.py, by what
    `scale` says of the whole set. What is stored with white as its lowest value (MONOCHROME1, or PresentationLUTShape
    INVERSE) is inverted, unless an X-ray would certainly become a negative by that (polarity.py).

    Raises:
        UnreadableImage: "dicom: ...": not a chest picture, not grey, several frames, no or too many pixels (judged
            before decoding), truncated, damaged, or a codec that is not installed (the reason names the package).
            Reasons hold numbers, and words of this program's own, never text of the header.
    """
    try:
        return _decode(data, max_pixels, scale)
    except UnreadableImage as error:
        raise UnreadableImage(f"dicom: {error.reason}") from None
    except Exception as error:
        # pydicom and the codecs raise nearly anything on damaged bytes, and their words may quote the header.
        raise UnreadableImage(f"dicom: {_damage(error)}") from None


def read_dicom_header(data: bytes) -> Header:
    """Read format, size and mode without touching the pixels.

    Raises:
        UnreadableImage: "dicom: ...": damaged, or the header states no size.
    """
    try:
        return _header(read_elements(data, _GEOMETRY, stop_before_pixels=True))
    except UnreadableImage as error:
        raise UnreadableImage(f"dicom: {error.reason}") from None
    except Exception as error:
        raise UnreadableImage(f"dicom: {_damage(error)}") from None


def _decode(data: bytes, max_pixels: int, scale: GreyScale) -> DicomImage:
    dataset = read_elements(data, NEEDED)
    from chestbench.imaging.dicom.frame import stored_pixels
    from chestbench.imaging.dicom.grey import to_grey
    from chestbench.imaging.dicom.polarity import choose_polarity
    from chestbench.imaging.dicom.rules import check_content, check_layout

    check_content(dataset)
    header = _header(dataset)
    check_layout(dataset, header, max_pixels)
    budget.for_picture(header.width * header.height * dataset.BitsAllocated // 8)
    stored = stored_pixels(dataset, header)
    pixels, facts = choose_polarity(dataset, scale, lambda inverted: to_grey(stored, dataset, inverted, scale))
    corrected = facts.inverted == "mislabelled"
    return DicomImage(
        pixels, header, DicomFacts(_patient(dataset), _text(dataset, "StudyInstanceUID"), corrected), facts
    )


def read_elements(data: bytes, keywords: tuple[str, ...], stop_before_pixels: bool = False) -> "FileDataset":
    """Parse the named elements only; a data set without the preamble of a file gets one."""
    import pydicom

    _silence()
    if data[128:132] != b"DICM":
        data = with_preamble(data)
    if _DEFLATED.search(data, 132, 1 << 16):
        _check_deflated(data)
    return pydicom.dcmread(io.BytesIO(data), specific_tags=_tags(keywords), stop_before_pixels=stop_before_pixels)


@cache
def _tags(keywords: tuple[str, ...]) -> list:
    from pydicom.tag import Tag

    return [Tag(keyword) for keyword in keywords]


def _silence() -> None:
    """Keep pydicom's warnings, which quote values of the header, from logs and from stderr.

    The filter is looked for at each call because whoever restores `warnings.filters` (tests do) takes it away.
    """
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)
    if not any(
        entry[0] == "ignore" and entry[3] is not None and entry[3].pattern == "pydicom" for entry in warnings.filters
    ):
        warnings.filterwarnings("ignore", module="pydicom")


def _check_deflated(data: bytes, limit: int = 1 << 28) -> None:
    """Refuse a deflated data set that would unpack to more than 256 MiB, or that ends early."""
    # (0002,0000), always the first element, states how many bytes of file meta information follow it.
    (length,) = struct.unpack_from("<I", data, 140)
    inflater, size, waiting = zlib.decompressobj(-zlib.MAX_WBITS), 0, data[144 + length :]
    while waiting and not inflater.eof:
        size += len(inflater.decompress(waiting, 1 << 20))
        if size > limit:
            raise UnreadableImage(f"too large: unpacks to more than {limit >> 20} MiB")
        waiting = inflater.unconsumed_tail
    if not inflater.eof:
        raise UnreadableImage("truncated: the deflated data end early")


def _header(dataset: "FileDataset") -> Header:
    def number(keyword: str, default: int | None = None) -> int:
        value = dataset.get(keyword)
        if value is None and default is not None:
            return default
        if not isinstance(value, int):
            raise UnreadableImage(f"damaged: the header states no {keyword}")
        return int(value)

    header = Header("dicom", number("Columns"), number("Rows"), number("SamplesPerPixel", 1), number("BitsStored", 8))
    if header.width < 1 or header.height < 1:
        raise UnreadableImage(f"damaged: the header states {header.width} x {header.height} pixels")
    return header


def _text(dataset: "FileDataset", keyword: str) -> str:
    value = dataset.get(keyword)
    return "" if value is None else str(value).strip(" \0")


def _patient(dataset: "FileDataset") -> str:
    text = _text(dataset, "PatientID")
    plain = "".join(letter for letter in text.casefold() if letter.isalnum())
    return "" if not plain.strip("0") or plain in _PLACEHOLDERS else text


def _damage(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "truncated: the file ends early"
    return f"damaged: it cannot be decoded ({type(error).__name__})"
