"""The one frame of a DICOM file as stored values: uncompressed, JPEG family, JPEG 2000 or RLE."""

from typing import TYPE_CHECKING

import numpy as np

from chestbench.imaging.dicom.stream import (
    JPEG_2000,
    JPEG_BASELINE,
    JPEG_EXTENDED,
    JPEG_LOSSLESS,
    JPEG_LS,
    RLE,
    check_run_lengths,
    stream_depth,
)
from chestbench.imaging.formats import Header, UnreadableImage

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset
    from pydicom.uid import UID

_BY_GDCM = (JPEG_EXTENDED, *JPEG_LOSSLESS, *JPEG_LS)
_BY_PILLOW = (JPEG_BASELINE, *JPEG_2000)
# Uncompressed (implicit, explicit, deflated, big-endian) or run-length encoded: all of BitsAllocated is stored.
_NATIVE = ("1.2.840.10008.1.2", *(f"1.2.840.10008.1.2.{end}" for end in ("1", "1.99", "2")), RLE)
_HIGH_THROUGHPUT = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (201, 202, 203))


def stored_pixels(dataset: "FileDataset", header: Header) -> np.ndarray:
    """Decode the frame, in the byte order of this machine.

    Returns:
        (H, W), uint8, int8, uint16 or int16, before any rescaling.

    Raises:
        UnreadableImage: no decoder (the package to add is named), truncated, or another size than the header states.
        Exception: whatever pydicom and the codecs raise on damaged data.
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    bits, lowest = dataset.BitsStored, lowest_bit(dataset) if syntax in _NATIVE else 0
    if lowest:
        dataset.BitsStored = dataset.BitsAllocated  # or pydicom would take the bits above for garbage
    if syntax in _BY_GDCM:
        from pydicom.encaps import get_frame

        pixels = _by_gdcm(get_frame(dataset.PixelData, 0, number_of_frames=1), syntax, dataset, header)
    else:
        pixels = _by_pydicom(syntax, dataset, header)
    if pixels.shape != (header.height, header.width):
        raise UnreadableImage("damaged: the pixel data are of another size than the header states")
    pixels = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("="))
    if syntax not in _NATIVE and lowest_bit(dataset):
        raise UnreadableImage(_unclear(dataset))  # a compressed stream has no such bits
    if lowest:
        dataset.BitsStored = bits
        codes = pixels.view(f"u{pixels.dtype.itemsize}") >> lowest
        pixels = _signed(codes & ((1 << int(bits)) - 1), dataset)
    return pixels


def lowest_bit(dataset: "FileDataset") -> int:
    """Return which bit of a stored value is its lowest one: 0, or more where HighBit is above BitsStored - 1.

    Raises:
        UnreadableImage: HighBit leaves no room for the value.
    """
    bits, high = int(dataset.BitsStored), dataset.get("HighBit")
    if not isinstance(high, int) or high == bits - 1:
        return 0
    if not bits - 1 < high < int(dataset.BitsAllocated):
        raise UnreadableImage(_unclear(dataset))
    return int(high) - bits + 1


def _unclear(dataset: "FileDataset") -> str:
    numbers = f"HighBit {int(dataset.HighBit)} with BitsStored {int(dataset.BitsStored)}"
    return f"{numbers} of {int(dataset.BitsAllocated)}: which bits are the value is unclear; convert the file"


def _by_pydicom(syntax: "UID", dataset: "FileDataset", header: Header) -> np.ndarray:
    """Decode uncompressed and RLE with pydicom, baseline JPEG and JPEG 2000 through it with Pillow.

    Pillow works outside the interpreter lock and notices cut-off data, of which gdcm does neither.
    """
    from pydicom.encaps import get_frame
    from pydicom.pixels import get_decoder

    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        decoder = None
    plugin = "pillow" if syntax in _BY_PILLOW else ""
    if decoder is None or not decoder.is_available or (plugin and plugin not in decoder.available_plugins):
        raise UnreadableImage(_advice(syntax))
    if syntax == RLE:
        check_run_lengths(get_frame(dataset.PixelData, 0, number_of_frames=1), header.width * header.height)
    if plugin:
        stream_depth(get_frame(dataset.PixelData, 0, number_of_frames=1), syntax, dataset.BitsAllocated, header)
    if not syntax.is_encapsulated:
        expected = header.width * header.height * dataset.BitsAllocated // 8
        if len(dataset.PixelData) < expected:
            raise UnreadableImage(f"truncated: {len(dataset.PixelData)} of {expected} bytes of pixel data")
    if not dataset.PhotometricInterpretation.startswith("MONOCHROME"):
        dataset.PhotometricInterpretation = "MONOCHROME2"  # one component labelled RGB or YBR is the grey one
    return decoder.as_array(dataset, index=0, raw=True, decoding_plugin=plugin)[0]


def _by_gdcm(frame: bytes, syntax: "UID", dataset: "FileDataset", header: Header) -> np.ndarray:
    """Decode lossless and extended JPEG and JPEG-LS with gdcm itself.

    Not through pydicom 3.0, which refuses 12-bit extended JPEG and hands gdcm what the header states: where header and
    stream contradict each other, gdcm ends the process. Here it is told what the stream says of itself, after checks.
    """
    try:
        import gdcm
    except ImportError:
        raise UnreadableImage(_advice(syntax)) from None
    for switch_off in (gdcm.Trace.DebugOff, gdcm.Trace.WarningOff, gdcm.Trace.ErrorOff):
        switch_off()  # what gdcm has to say goes to the process's stderr
    depth = stream_depth(frame, syntax, dataset.BitsAllocated, header)
    fragment, fragments = gdcm.Fragment(), gdcm.SequenceOfFragments.New()
    fragment.SetByteStringValue(frame)
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((header.width, header.height, 1))
    image.SetDataElement(element)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(gdcm.PhotometricInterpretation.MONOCHROME2))
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(str(syntax))))
    image.SetPixelFormat(gdcm.PixelFormat(1, 8 if depth <= 8 else 16, depth, depth - 1, 0))
    # gdcm's binding gives bytes as a str.
    values = np.frombuffer(image.GetBuffer().encode("utf-8", "surrogateescape"), "u1" if depth <= 8 else "<u2")
    if values.size != header.width * header.height:
        raise UnreadableImage("damaged: the compressed frame does not decode to the size the header states")
    return _signed(values, dataset).reshape(header.height, header.width)


def _signed(codes: np.ndarray, dataset: "FileDataset") -> np.ndarray:
    """Read the lowest BitsStored bits as two's complement where the header says that values are signed."""
    if dataset.get("PixelRepresentation") != 1:
        return codes
    shift = max(0, 8 * codes.dtype.itemsize - int(dataset.BitsStored))
    return (codes << shift).view(f"i{codes.dtype.itemsize}") >> shift


def _advice(syntax: "UID") -> str:
    """Return the reason for a transfer syntax without decoder. A private one is not quoted."""
    name = "of an unknown kind" if syntax.is_private or syntax.name == syntax else syntax.name
    advice = (
        "no Python package that pydicom can use decodes it: convert the file, for example with dcmdjpeg or gdcmconv"
    )
    if syntax in _HIGH_THROUGHPUT:
        advice = "add the packages pylibjpeg and pylibjpeg-openjpeg"
    elif syntax in _BY_GDCM:
        advice = "add the package python-gdcm"
    elif syntax in _BY_PILLOW:
        advice = "add the package pillow"
    return f"transfer syntax {name}: {advice}"
