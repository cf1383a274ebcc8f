import csv
import io
import logging
import os
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.encaps import get_frame

from chestbench.imaging.decode import UnreadableImage, decode_grey
from chestbench.imaging.dicom.reading import DicomFacts
from chestbench.imaging.header import read_header, sniff_format
from tests.imaging.dicoms import LOSSLESS, LOSSY, PRIVATE, SYNTAXES, make_dicom
from tests.imaging.pictures import picture, png

GREY = picture(3)
GREY_12 = (GREY.astype(np.uint16) << 4) | 9
FULL_12_BITS = (2048, 4096)


def shown(data: bytes) -> np.ndarray:
    return decode_grey(data).pixels[:, :, 0]


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("signed", [False, True], ids=["unsigned", "signed"])
def test_every_lossless_codec_gives_the_stored_values(syntax: str, bits: int, signed: bool) -> None:
    dtype = f"{'i' if signed else 'u'}{1 if bits == 8 else 2}"
    values = (GREY.astype(np.int64) << (bits - 8)) - (1 << (bits - 1) if signed else 0)
    window = (0 if signed else 1 << (bits - 1), 1 << bits)
    data = make_dicom(values.astype(dtype), bits_stored=bits, transfer_syntax=syntax, window=window)
    top = (1 << bits) - 1
    expected = np.rint((GREY.astype(np.int64) << (bits - 8)) / top * 255)
    np.testing.assert_array_equal(shown(data), expected)


@pytest.mark.parametrize(
    ("syntax", "bits"),
    [(syntax, bits) for syntax in LOSSY for bits in (8, 12) if (syntax, bits) != ("jpeg_baseline", 12)],
)
def test_every_lossy_codec_comes_close(syntax: str, bits: int) -> None:
    values, window = (GREY, (128, 256)) if bits == 8 else (GREY_12, FULL_12_BITS)
    pixels = shown(make_dicom(values, bits_stored=bits, transfer_syntax=syntax, window=window))
    np.testing.assert_allclose(pixels.astype(int), GREY, atol=2)


@pytest.mark.parametrize(
    "patient", ["ANONYMOUS", "anon", "Unknown", "0", "000000", "<none>", "N/A", "De-Identified", "No ID", "--", " "]
)
def test_an_id_that_everybody_has_is_none(patient: str) -> None:
    assert decode_grey(make_dicom(GREY, patient=patient, study="1.2.3")).dicom == DicomFacts("", "1.2.3")


@pytest.mark.parametrize("patient", ["anon-7", "Unknown 12", "007", "0a", "patient-0", "김"])
def test_an_id_of_one_patient_stays(patient: str) -> None:
    found = decode_grey(make_dicom(GREY, patient=patient, study="1.2.3", SpecificCharacterSet="ISO_IR 192"))
    assert found.dicom == DicomFacts(patient, "1.2.3")


def test_what_is_told_of_a_file() -> None:
    decoded = decode_grey(make_dicom(GREY_12, bits_stored=12, patient="anon-7", study="1.2.3"))
    assert (decoded.width, decoded.height, decoded.channels, decoded.bit_depth) == (80, 60, 1, 12)
    assert decoded.format == "dicom" and decoded.pixels.shape == (60, 80, 1) and decoded.pixels.dtype == np.uint8
    assert decoded.dicom == DicomFacts("anon-7", "1.2.3")
    assert decode_grey(png(GREY)).dicom is None


def test_ids_that_are_absent_or_empty_are_empty() -> None:
    assert decode_grey(make_dicom(GREY, patient="", study="", PatientID=None)).dicom == DicomFacts("", "")


def test_the_header_is_read_without_pixels() -> None:
    data = make_dicom(GREY_12, bits_stored=12, transfer_syntax="jpeg2000")
    assert sniff_format(data) == "dicom"
    header = read_header(data[: data.index(b"\xe0\x7f\x10\x00")])
    assert (header.format, header.width, header.height, header.channels, header.bit_depth) == ("dicom", 80, 60, 1, 12)


def test_a_preamble_that_poses_as_tiff_and_a_png_with_a_dicom_name() -> None:
    data = make_dicom(GREY)
    np.testing.assert_array_equal(shown(b"II*\0" + data[4:]), GREY)
    assert decode_grey(png(GREY)).format == "png"  # told by content: the name never gets here


def test_pydicom_is_imported_only_for_dicom() -> None:
    code = (
        "import sys; from chestbench.imaging.decode import decode_grey;"
        "from chestbench.imaging.header import read_header;"
        "data = sys.stdin.buffer.read(); decode_grey(data); read_header(data);"
        "print([name for name in ('pydicom', 'gdcm', 'PIL') if name in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run(
        [sys.executable, "-c", code], input=png(GREY), capture_output=True, check=True, env=environment
    )
    assert answer.stdout.strip() == b"[]"


@pytest.mark.parametrize("name", ["YBR_FULL", "YBR_FULL_422", "RGB"])
def test_one_component_with_a_colour_label_is_grey(name: str) -> None:
    np.testing.assert_array_equal(shown(make_dicom(GREY, photometric=name)), GREY)
    lossy = make_dicom(GREY, photometric="MONOCHROME2", transfer_syntax="jpeg_baseline")
    relabelled = make_dicom(GREY, transfer_syntax="jpeg_baseline", PhotometricInterpretation=name)
    np.testing.assert_array_equal(shown(relabelled), shown(lossy))


REFUSED = {
    "no pixel data": make_dicom(None),
    "floating-point pixel data only": make_dicom(None, FloatPixelData=bytes(256)),
    r"multi-frame \(3 frames\)": make_dicom(np.stack([GREY] * 3), frames=3),
    r"colour \(3 samples a pixel\)": make_dicom(np.dstack([GREY] * 3), photometric="RGB"),
    r"colour \(palette\)": make_dicom(GREY, photometric="PALETTE COLOR"),
    "no PhotometricInterpretation": make_dicom(GREY, PhotometricInterpretation=None),
    "header states 80 x 0 pixels": make_dicom(GREY, Rows=0),
    "header states no Columns": make_dicom(GREY, Columns=None),
    "32 bits a pixel": make_dicom(GREY, BitsAllocated=32, BitsStored=32),
    "1 bits a pixel": make_dicom(GREY, BitsAllocated=1, BitsStored=1),
    "12 bits a pixel": make_dicom(GREY, BitsStored=12),
    "truncated: 4800 of 9600 bytes": make_dicom(GREY, BitsAllocated=16),
    "another size than the header": make_dicom(GREY, transfer_syntax="jpeg_baseline", Rows=61),
    "of another size": make_dicom(GREY, transfer_syntax="jpeg2000", Columns=79),
    "compressed frame is 16 bits deep": make_dicom(
        GREY_12, bits_stored=12, transfer_syntax="jpeg_ls", BitsAllocated=8, BitsStored=8
    ),
    "too large: 65000 x 60000 pixels, at most 100 million": make_dicom(GREY, Columns=65000, Rows=60000),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_used_says_why(reason: str) -> None:
    with pytest.raises(UnreadableImage, match=rf"^dicom: .*({reason})"):
        decode_grey(REFUSED[reason])


def retagged(data: bytes, syntax: str) -> bytes:
    """Put another transfer syntax UID into the meta information."""
    dataset = dcmread(io.BytesIO(data))
    dataset.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=False, little_endian=True, implicit_vr=False)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("syntax", "reason"),
    [
        ("1.2.840.10008.1.2.4.201", "High-Throughput.*add the packages pylibjpeg and pylibjpeg-openjpeg"),
        ("1.2.840.10008.1.2.4.102", "MPEG-4.*no Python package.*convert the file"),
        ("1.2.3.4711.5", "of an unknown kind"),
    ],
)
def test_a_codec_that_is_missing_is_named_with_what_to_do(syntax: str, reason: str) -> None:
    data = retagged(make_dicom(GREY, transfer_syntax="jpeg2000"), syntax)
    with pytest.raises(UnreadableImage, match=f"^dicom: transfer syntax .*{reason}") as caught:
        decode_grey(data)
    assert "4711" not in caught.value.reason


def test_without_gdcm_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_dicom(GREY, transfer_syntax="jpeg_lossless_sv1")
    monkeypatch.setitem(sys.modules, "gdcm", None)  # what Python does where a package is not installed
    with pytest.raises(UnreadableImage, match=r"JPEG Lossless.*add the package python-gdcm"):
        decode_grey(data)


def test_a_deflated_file_that_unpacks_to_too_much_is_refused() -> None:
    data = make_dicom(GREY, transfer_syntax="deflated", EncapsulatedDocument=bytes(270 << 20))
    assert len(data) < 1 << 20
    with pytest.raises(UnreadableImage, match="dicom: too large: unpacks to more than 256 MiB"):
        decode_grey(data)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.97])
def test_a_cut_off_file_is_no_image(syntax: str, share: float) -> None:
    data = make_dicom(GREY, transfer_syntax=syntax)
    with pytest.raises(UnreadableImage, match=r"^dicom: "):
        decode_grey(data[: int(len(data) * share)])


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_nothing_personal_reaches_repr_logs_exceptions_or_streams(
    syntax: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    whole = make_dicom(GREY, transfer_syntax=syntax, rescale=(1, -1024))
    # Values that break the rules of their type are what pydicom warns about and quotes.
    odd = {
        "PatientName": "Doe^Jane" * 20,
        "StudyDate": "19561224x",
        "StudyInstanceUID": "PAT-4711",
        "PatientID": "PAT-4711\\Doe^Jane",
        "AccessionNumber": "ACC-0815" * 9,
        "BodyPartExamined": "Doe^Jane",
        "PhotometricInterpretation": "Doe^Jane",
        "Modality": "Doe^Jane",
        "VOILUTFunction": "Doe^Jane",
    }
    bent = [
        *(make_dicom(GREY, transfer_syntax=syntax, **{keyword: value}) for keyword, value in odd.items()),
        whole.replace(b"-1024 ", b"Doe^Ja").replace(b"-1024.0 ", b"Doe^Jane"),
        whole.replace(b"CHEST ", b"SKULL "),
        *(whole[:end] for end in range(140, len(whole), 97)),
    ]
    caplog.set_level(logging.DEBUG)
    caplog.clear(), capfd.readouterr(), recwarn.clear()
    told = [repr(decode_grey(whole)), repr(read_header(whole))]
    for data in bent:
        try:
            told.append(repr(decode_grey(data)))
        except UnreadableImage as error:
            told += [str(error), repr(error), "".join(traceback.format_exception(error))]
    out, err = capfd.readouterr()
    everything = "\n".join([*told, out, err, caplog.text, *(str(warning.message) for warning in recwarn)])
    assert len(told) > 40
    assert [word for word in (*PRIVATE, "Doe^J", "1.2.826.0.1.3680043") if word in everything] == []


def test_threads_decode_different_codecs_at_once() -> None:
    pictures = [picture(seed, 200, 300) for seed in range(4)]
    files = [(make_dicom(p, transfer_syntax=syntax), p) for p in pictures for syntax in LOSSLESS] * 6
    with ThreadPoolExecutor(8) as pool:
        for pixels, (_, expected) in zip(pool.map(lambda file: shown(file[0]), files), files, strict=True):
            np.testing.assert_array_equal(pixels, expected)


# Real X-rays


def test_both_photometric_interpretations_of_one_picture_agree(real_data: Path) -> None:
    first, second = (decode_grey((real_data / "dicom" / f"monochrome{n}.dcm").read_bytes()) for n in (1, 2))
    np.testing.assert_array_equal(first.pixels, second.pixels)
    # The two hold the same bytes of pixels, so that one of the labels is wrong: see imaging/dicom/polarity.py.
    assert (first.dicom.polarity_corrected, second.dicom.polarity_corrected) == (True, False)


def test_the_five_x_rays_look_as_in_a_viewer(real_data: Path) -> None:
    files = sorted((real_data / "dicom").glob("*-*.dcm"))
    assert len(files) == 5
    for path in files:
        decoded = decode_grey(path.read_bytes())
        with Image.open(io.BytesIO(get_frame(dcmread(path).PixelData, 0, number_of_frames=1))) as independent:
            np.testing.assert_array_equal(decoded.pixels[:, :, 0], np.asarray(independent))
        assert (decoded.width, decoded.height, decoded.bit_depth) == (1024, 1024, 8)
        assert decoded.dicom.patient == path.stem


def test_the_boxes_lie_on_opacities(real_data: Path) -> None:
    with open(real_data / "dicom" / "boxes.csv", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["Target"] == "1"]
    assert len(rows) == 5
    for row in rows:
        pixels = shown((real_data / "dicom" / f"{row['patientId']}.dcm").read_bytes())
        x, y, width, height = (round(float(row[key])) for key in ("x", "y", "width", "height"))
        assert min(x, y) >= 0 and x + width <= pixels.shape[1] and y + height <= pixels.shape[0]
        # Where one lung only has an opacity, it is brighter than the other lung at the same place.
        if sum(other["patientId"] == row["patientId"] for other in rows) == 1:
            box = np.s_[y : y + height, x : x + width]
            assert pixels[box].mean() > pixels[:, ::-1][box].mean() + 10
