"""Small DICOM files that tests are made of: pydicom writes them, gdcm compresses them.

Every header holds invented names and dates.
"""

import io
import tempfile
import warnings
from pathlib import Path

import gdcm
import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    JPEG2000,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    DigitalXRayImageStorageForPresentation,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

PRIVATE = ("Doe^Jane", "PAT-4711", "19561224", "20200317", "ACC-0815", "St. Elsewhere", "Dr^House")
"""What no log, exception or repr may ever show; it is in the header of every file made here (the id: unless given)."""

LOSSLESS = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "big": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
    "jpeg_lossless": JPEGLossless,
    "jpeg_lossless_sv1": JPEGLosslessSV1,
    "jpeg_ls": JPEGLSLossless,
    "jpeg2000_lossless": JPEG2000Lossless,
    "rle": RLELossless,
}
LOSSY = {
    "jpeg_baseline": JPEGBaseline8Bit,
    "jpeg_extended": JPEGExtended12Bit,
    "jpeg_ls_near": JPEGLSNearLossless,
    "jpeg2000": JPEG2000,
}
SYNTAXES = LOSSLESS | LOSSY
_PLAIN = ("implicit", "explicit", "big", "deflated")


def make_dicom(
    pixels: np.ndarray | None,
    *,
    patient: str = "PAT-4711",
    study: str = "1.2.826.0.1.3680043.8.498.1",
    modality: str = "DX",
    body_part: str | None = "CHEST",
    photometric: str = "MONOCHROME2",
    window: tuple[float, float] | list[tuple[float, float]] | None = None,
    voi_function: str | None = None,
    voi_lut: tuple[list[int], int, int] | None = None,
    rescale: tuple[float, float] | None = None,
    bits_stored: int | None = None,
    transfer_syntax: str = "explicit",
    frames: int | None = None,
    spacing: tuple[float, float] | None = (0.2, 0.2),
    padding: int | tuple[int, int] | None = None,
    **elements,
) -> bytes:
    """Encode pixels as one DICOM file.

    Args:
        pixels: (H, W), or (H, W, 3) for a colour file, or (frames, H, W) with `frames`; uint8, int8, uint16 or int16.
            None leaves the pixel data out.
        patient, study: PatientID and StudyInstanceUID ("" leaves the element empty).
        modality, body_part: Modality and BodyPartExamined (None leaves it out).
        window: (centre, width), or several of them; voi_function: LINEAR, LINEAR_EXACT or SIGMOID.
        voi_lut: (entries, first mapped value, bits per entry) of a VOI LUT sequence.
        rescale: (slope, intercept).
        bits_stored: all bits of the dtype by default.
        transfer_syntax: a key of SYNTAXES; jpeg_baseline takes 8 bits only, jpeg_extended 12 at most.
        frames: NumberOfFrames.
        spacing: PixelSpacing in mm.
        padding: PixelPaddingValue, or (value, range limit).
        elements: any other element by its keyword, such as `Rows=0` or `ImageType=["DERIVED"]`; None removes it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # many tests need values against the rules
        stored = np.zeros((8, 8), np.uint8) if pixels is None else np.asarray(pixels)
        dataset = _header(stored, bits_stored or stored.dtype.itemsize * 8, photometric, frames)
        dataset.SOPClassUID = CTImageStorage if modality == "CT" else DigitalXRayImageStorageForPresentation
        dataset.PatientID, dataset.StudyInstanceUID, dataset.Modality = patient, study, modality
        if body_part is not None:
            dataset.BodyPartExamined = body_part
        if spacing is not None:
            dataset.PixelSpacing = list(spacing)
        if rescale is not None:
            dataset.RescaleSlope, dataset.RescaleIntercept = rescale
            dataset.RescaleType = "HU" if modality == "CT" else "US"
        if window is not None:
            windows = window if isinstance(window, list) else [window]
            dataset.WindowCenter, dataset.WindowWidth = [w[0] for w in windows], [w[1] for w in windows]
        if voi_function is not None:
            dataset.VOILUTFunction = voi_function
        if voi_lut is not None:
            dataset.VOILUTSequence = [_lut(*voi_lut)]
        if padding is not None:
            first, *limit = padding if isinstance(padding, tuple) else (padding,)
            vr = "SS" if stored.dtype.kind == "i" else "US"
            dataset.add_new("PixelPaddingValue", vr, first)
            if limit:
                dataset.add_new("PixelPaddingRangeLimit", vr, limit[0])
        if pixels is not None:
            dataset.PixelData = _bytes(stored, transfer_syntax)
            dataset["PixelData"].VR = "OB" if stored.dtype.itemsize == 1 else "OW"
        if pixels is not None and transfer_syntax not in _PLAIN:
            frame_data = _compressed(dataset, SYNTAXES[transfer_syntax])
            dataset.PixelData = encapsulate(frame_data)
            dataset["PixelData"].VR = "OB"
        for keyword, value in elements.items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)
        return _file(dataset, SYNTAXES[transfer_syntax])


def _header(stored: np.ndarray, bits: int, photometric: str, frames: int | None) -> Dataset:
    dataset = Dataset()
    dataset.SOPInstanceUID, dataset.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.3", "1.2.826.0.1.3680043.8.498.2"
    dataset.PatientName, dataset.PatientBirthDate, dataset.StudyDate = "Doe^Jane", "19561224", "20200317"
    dataset.AccessionNumber, dataset.InstitutionName = "ACC-0815", "St. Elsewhere"
    dataset.ReferringPhysicianName = "Dr^House"
    shape = stored.shape[1:] if frames else stored.shape
    dataset.Rows, dataset.Columns = shape[:2]
    dataset.SamplesPerPixel = shape[2] if len(shape) == 3 else 1
    dataset.PhotometricInterpretation = photometric
    if dataset.SamplesPerPixel > 1:
        dataset.PlanarConfiguration = 0
    if frames:
        dataset.NumberOfFrames = frames
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = stored.dtype.itemsize * 8, bits, bits - 1
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    return dataset


def _lut(entries: list[int], first: int, bits: int) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(entries) % 65536, first, bits])
    item.add_new("LUTData", "OW", np.asarray(entries, "<u2").tobytes())
    return item


def _bytes(stored: np.ndarray, transfer_syntax: str) -> bytes:
    data = stored.astype(stored.dtype.newbyteorder(">" if transfer_syntax == "big" else "<")).tobytes()
    return data + b"\0" * (len(data) % 2)


def _compressed(dataset: Dataset, syntax: str) -> list[bytes]:
    """Return the compressed frames, made by gdcm from the uncompressed data set."""
    codes = {
        RLELossless: gdcm.TransferSyntax.RLELossless,
        JPEGBaseline8Bit: gdcm.TransferSyntax.JPEGBaselineProcess1,
        JPEGExtended12Bit: gdcm.TransferSyntax.JPEGExtendedProcess2_4,
        JPEGLossless: gdcm.TransferSyntax.JPEGLosslessProcess14,
        JPEGLosslessSV1: gdcm.TransferSyntax.JPEGLosslessProcess14_1,
        JPEGLSLossless: gdcm.TransferSyntax.JPEGLSLossless,
        JPEGLSNearLossless: gdcm.TransferSyntax.JPEGLSNearLossless,
        JPEG2000Lossless: gdcm.TransferSyntax.JPEG2000Lossless,
        JPEG2000: gdcm.TransferSyntax.JPEG2000,
    }
    with tempfile.TemporaryDirectory() as folder:
        plain, packed = Path(folder, "plain.dcm"), Path(folder, "packed.dcm")
        plain.write_bytes(_file(dataset, ExplicitVRLittleEndian))
        reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
        reader.SetFileName(str(plain))
        if not reader.Read():
            raise ValueError("gdcm cannot read the uncompressed file")
        change.SetTransferSyntax(gdcm.TransferSyntax(codes[syntax]))
        change.SetInput(reader.GetImage())
        if not change.Change():
            raise ValueError(f"gdcm cannot write {syntax.name} from these pixels")
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        writer.SetFileName(str(packed))
        if not writer.Write():
            raise ValueError("gdcm cannot write the file")
        written = dcmread(packed)
        frames = int(dataset.get("NumberOfFrames", 1))
        return list(generate_frames(written.PixelData, number_of_frames=frames))


def _file(dataset: Dataset, syntax: str) -> bytes:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", DigitalXRayImageStorageForPresentation)
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta = meta
    stream = io.BytesIO()
    dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()
