"""The frames of a DICOM file, each as a file of one frame."""

import io
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from chestbench.imaging.formats import UnreadableImage

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_NUMBER_OF_FRAMES = (b"\x28\x00\x08\x00", b"\x00\x28\x00\x08")
_GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
# What enhanced objects say per frame, or for all of them, and plain ones in the data set itself (PS3.3, C.7.6.16).
_MACROS = ("PixelValueTransformationSequence", "FrameVOILUTSequence", "FrameAnatomySequence")
_DEFLATED = b"1.2.840.10008.1.2.1.99"


def count_dicom(data: bytes) -> int:
    """Return NumberOfFrames, 1 where there is none or it cannot be read."""
    if not any(tag in data for tag in _NUMBER_OF_FRAMES) and _DEFLATED not in data[:1024]:
        return 1
    from chestbench.imaging.dicom.reading import read_elements

    try:
        return max(1, int(read_elements(data, ("NumberOfFrames",), stop_before_pixels=True).get("NumberOfFrames") or 1))
    except Exception:  # whatever pydicom raises: reading the picture will say what is wrong
        return 1


def dicom_frames(data: bytes, first_only: bool) -> Iterator[bytes]:
    """Yield each frame (or the first) as a DICOM file of its own, without the elements that are not needed.

    Raises:
        UnreadableImage: "dicom: ...": damaged or truncated. It holds no text of the header.
    """
    try:
        yield from islice(_frames(data), 1 if first_only else None)
    except UnreadableImage as error:
        raise UnreadableImage(f"dicom: {error.reason}") from None
    except Exception as error:  # pydicom raises nearly anything on damaged bytes, and its words may quote the header
        raise UnreadableImage(f"dicom: damaged: its frames cannot be told apart ({type(error).__name__})") from None


def _frames(data: bytes) -> Iterator[bytes]:
    from pydicom.dataset import Dataset
    from pydicom.encaps import encapsulate
    from pydicom.filewriter import dcmwrite

    from chestbench.imaging.dicom.reading import NEEDED, read_elements

    whole = read_elements(data, (*NEEDED, *_GROUPS, "SOPClassUID", "SOPInstanceUID"))
    count = int(whole.NumberOfFrames)
    is_encapsulated = whole.file_meta.TransferSyntaxUID.is_encapsulated
    for number, pixels in enumerate(_pixels(whole, count, is_encapsulated)):
        frame = Dataset()
        frame.update({tag: element for tag, element in whole.items() if tag != 0x7FE00010})
        for keyword in _GROUPS:
            if keyword in frame:
                delattr(frame, keyword)
        for group in _groups_of(whole, number):
            _flatten(group, frame)
        frame.NumberOfFrames = 1
        frame.PixelData = encapsulate([pixels]) if is_encapsulated else pixels + b"\0" * (len(pixels) % 2)
        frame["PixelData"].VR = "OB" if is_encapsulated or frame.BitsAllocated <= 8 else "OW"
        frame.file_meta = whole.file_meta
        stream = io.BytesIO()
        dcmwrite(stream, frame, enforce_file_format=False)
        yield stream.getvalue()


def _pixels(whole: "Dataset", count: int, is_encapsulated: bool) -> Iterator[bytes]:
    if is_encapsulated:
        from pydicom.encaps import generate_frames

        yield from generate_frames(whole.PixelData, number_of_frames=count)
        return
    size = whole.Rows * whole.Columns * int(whole.get("SamplesPerPixel") or 1) * whole.BitsAllocated // 8
    if size * count > len(whole.PixelData) or not size:
        raise UnreadableImage(f"truncated: {len(whole.PixelData)} of {size * count} bytes of pixel data")
    for number in range(count):
        yield bytes(whole.PixelData[number * size : (number + 1) * size])


def _groups_of(whole: "Dataset", number: int) -> "list[Dataset]":
    """Return what all frames share, then what this one has of its own."""
    shared, own = (whole.get(keyword) or [] for keyword in _GROUPS)
    return [*shared[:1], *own[number : number + 1]]


def _flatten(group: "Dataset", frame: "Dataset") -> None:
    for keyword in _MACROS:
        for item in (group.get(keyword) or [])[:1]:
            frame.update(dict(item.items()))
