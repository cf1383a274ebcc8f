"""DICOM data sets without a preamble: read where they are that, and nothing else taken for one."""

import numpy as np
import pytest

from chestbench.imaging.decode import decode_grey
from chestbench.imaging.dicom.bare import is_bare_dicom
from chestbench.imaging.formats import UnreadableImage
from chestbench.imaging.header import read_header, sniff_format
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import encode, picture

GREY = picture(7, 40, 50)


def bare(syntax: str, with_meta: bool = False, **elements) -> bytes:
    data = make_dicom(GREY, transfer_syntax=syntax, **elements)
    length = int.from_bytes(data[140:144], "little")
    return data[132:] if with_meta else data[144 + length :]


@pytest.mark.parametrize("syntax", ["implicit", "explicit"])
@pytest.mark.parametrize(
    "elements", [{}, {"SOPClassUID": None, "modality": "CR"}, {"ImageType": ["ORIGINAL", "PRIMARY"]}]
)
def test_a_data_set_alone_reads_as_its_file_does(syntax, elements):
    data = bare(syntax, **elements)
    assert sniff_format(data) == "dicom" and read_header(data).width == 50
    whole = decode_grey(make_dicom(GREY, **elements))
    found = decode_grey(data)
    assert np.array_equal(found.pixels, whole.pixels)
    assert found.dicom is not None and found.dicom.patient == whole.dicom.patient == "PAT-4711"


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "jpeg_lossless_sv1", "rle"])
def test_meta_information_without_the_preamble_is_enough(syntax):
    data = bare(syntax, with_meta=True)
    assert np.array_equal(decode_grey(data).pixels[:, :, 0], GREY)


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_a_cut_off_data_set_is_refused(cut):
    data = bare("implicit")
    with pytest.raises(UnreadableImage):
        decode_grey(data[: int(len(data) * cut)])


def posing() -> list[bytes]:
    generator = np.random.default_rng(3)
    text = b"\x08\x00" + b" the quick brown fox jumps over the lazy dog 1.2.840.10008.5 " * 40
    known = b"\x08\x00\x16\x00UI" + b"\xff\xff" + b"1.2.840.10008.5.1.4.1.1.7 " * 3
    backwards = (
        b"\x08\x00\x60\x00CS\x02\x00DX" + b"\x08\x00\x16\x00UI\x02\x001." + b"\x28\x00\x10\x00US\x02\x00\x01\x00"
    )
    random = [b"\x08\x00" + generator.bytes(400) for _ in range(300)]
    return [text, known, backwards, b"\x08\x00", b"\x08\x00" * 300, bytes(500), encode(GREY, "PNG"), *random]


def test_what_only_begins_like_one_is_no_dicom():
    assert not any(is_bare_dicom(data) for data in posing())
    with pytest.raises(UnreadableImage, match="not an image"):
        decode_grey(posing()[0])
