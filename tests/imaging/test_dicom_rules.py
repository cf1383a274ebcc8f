import numpy as np
import pytest

from chestbench.imaging.decode import UnreadableImage, decode_grey
from chestbench.imaging.dicom.rules import other_part
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import picture

GREY = picture(3)

CHESTS = [
    None,
    "",
    "CHEST",
    "THORAX",
    "TORAX",
    "T?RAX",
    "2- TORAX",
    "Torax",
    "PECHO",
    "Pecho",
    "PORT CHEST",
    "LUNG",
    "LUNGS",
]
CHESTS += [
    "CHEST_ABDOMEN",
    "CHESTABDPELVIS",
    "NECKCHEST",
    "RIB",
    "WHOLEBODY",
    "UNKNOWN",
    "1",
    "CHEST PA",
    "CHARM",
    "CHIPS",
]
OTHERS = [
    "SKULL",
    "ABDOMEN",
    "Abdomen",
    "HEAD",
    "ABD",
    "PELVIS",
    "LSPINE",
    "TSPINE",
    "THORACIC SPINE",
    "KNEE",
    "HAND",
    "ARM",
]
OTHERS += [
    "SHOULDER",
    "HOMBRO",
    "CABEZA",
    "MUÑECA",
    "EXTREMITY",
    "LOW_EXTREMITY",
    "LEG",
    "CRANEO",
    "BREAST",
    "2- ABDOMEN",
]


@pytest.mark.parametrize("part", CHESTS)
def test_chests_in_any_spelling_and_unknown_parts_are_taken(part: str | None) -> None:
    np.testing.assert_array_equal(decode_grey(make_dicom(GREY, body_part=part)).pixels[:, :, 0], GREY)


@pytest.mark.parametrize("part", OTHERS)
def test_other_parts_are_left_out(part: str) -> None:
    data = make_dicom(GREY, body_part=part, SpecificCharacterSet="ISO_IR 100")
    with pytest.raises(UnreadableImage, match=r"^dicom: not a chest X-ray or CT slice: BodyPartExamined says [A-Z]+$"):
        decode_grey(data)


def test_a_letter_with_an_accent_is_a_letter() -> None:
    data = make_dicom(GREY, body_part="TÓRAX Y CRÁNEO", SpecificCharacterSet="ISO_IR 100")
    assert decode_grey(data).format == "dicom"


def test_the_reason_is_a_word_of_the_list_never_of_the_header() -> None:
    assert other_part("SKULLDOEJANE") == "SKULL"
    with pytest.raises(UnreadableImage) as caught:
        decode_grey(make_dicom(GREY, modality="DOEJANE"))
    assert caught.value.reason.endswith("Modality says of another modality")


@pytest.mark.parametrize("modality", ["CR", "DX", "DR", "RG", "XR", "OT", "", "cr"])
def test_x_rays_are_taken(modality: str) -> None:
    assert decode_grey(make_dicom(GREY, modality=modality)).format == "dicom"


@pytest.mark.parametrize(
    ("modality", "name"), [("US", "ultrasound"), ("MG", "mammography"), ("MR", "magnetic"), ("XA", "angio")]
)
def test_other_modalities_are_left_out(modality: str, name: str) -> None:
    with pytest.raises(UnreadableImage, match=f"^dicom: not a chest X-ray or CT slice: Modality says {name}"):
        decode_grey(make_dicom(GREY, modality=modality))


def test_a_ct_localizer_is_no_slice() -> None:
    options = dict(modality="CT", rescale=(1, -1024))
    values = GREY.astype(np.int16) * 8
    assert decode_grey(make_dicom(values, ImageType=["ORIGINAL", "PRIMARY", "AXIAL"], **options)).format == "dicom"
    with pytest.raises(UnreadableImage, match="ImageType says localizer"):
        decode_grey(make_dicom(values, ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"], **options))
