"""Which DICOM files are chest X-rays or CT slices that this project can use, judged by the header alone."""

import re
import unicodedata
from typing import TYPE_CHECKING

from chestbench.imaging.formats import Header, UnreadableImage

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

# Computed, digital and plain radiography, CT, and what says nothing: "OT" (other) and an empty element.
_MODALITIES = {"CR", "DX", "DR", "RG", "XR", "CT", "OT", ""}
_OTHER_MODALITIES = {
    **{
        "US": "ultrasound",
        "IVUS": "ultrasound",
        "MR": "magnetic resonance",
        "MG": "mammography",
        "NM": "nuclear medicine",
    },
    **{"PT": "positron emission", "XA": "angiography", "RF": "fluoroscopy", "IO": "dental X-ray", "PX": "dental X-ray"},
    **{"SR": "a structured report", "PR": "a presentation state", "SEG": "a segmentation", "DOC": "a document"},
    **{
        "ES": "endoscopy",
        "SM": "microscopy",
        "ECG": "a waveform",
        "RTSTRUCT": "radiotherapy",
        "RTDOSE": "radiotherapy",
    },
}
# A chest word wins over any other ("CHEST/ABDOMEN" is used). "T?RAX" is how SIIM-FISABIO writes an accented letter.
_CHEST = re.compile(r"CHEST|TH?.?RAX|PECHO|LUNG|PULM|CXR")
# Words that name another part of the body: in English, as DICOM lists them (PS3.16, annex L), and in Spanish, as
# SIIM-FISABIO has them. Matched at the start of a word; those in _WHOLE_WORDS only as a whole one.
_HEAD = ("SKULL", "HEAD", "BRAIN", "CRANE", "CRANI", "CABEZA")
_FACE = ("SINUS", "FACE", "FACIAL", "ORBIT", "MANDIB", "MAXILL", "TEETH")
_SPINE = ("NECK", "CUELLO", "CERVIC", "SPINE", "CSPINE", "TSPINE", "LSPINE", "SSPINE", "COLUMNA", "LUMB")
_PELVIS = ("SACR", "COCCYX", "ABDO", "PELVI", "CADERA")
_LEG = ("FEMUR", "KNEE", "RODILLA", "PIERNA", "ANKLE", "TOBILLO", "FOOT", "FEET", "CALCAN", "TIBIA", "FIBULA")
_ARM = ("BRAZO", "HUMER", "ELBOW", "CODO", "FOREARM", "WRIST", "MUNECA", "HAND", "FINGER")
_SHOULDER = ("SHOULDER", "HOMBRO", "SCAPUL", "CLAVIC")
_OTHER = ("BREAST", "EXTREMIT", "LIVER", "KIDNEY", "BLADDER", "PROSTATE", "UTERUS")
_OTHER_STEMS = _HEAD + _FACE + _SPINE + _PELVIS + _LEG + _ARM + _SHOULDER + _OTHER
_WHOLE_WORDS = {
    "ABD",
    "HIP",
    "LEG",
    "ARM",
    "TOE",
    "JAW",
    "KUB",
    "EYE",
    "EAR",
    "PIE",
    "MANO",
    "DEDO",
    "MAMA",
    "THUMB",
    "HEEL",
}
_MAX_BITS = 16


def check_content(dataset: "FileDataset") -> None:
    """Refuse what is no chest X-ray or CT slice.

    The rule is one of exclusion, because real files name the chest in many ways and often not at all: an empty or
    unknown BodyPartExamined is accepted, one that names another part and not the chest is not.

    Raises:
        UnreadableImage: another modality, another part of the body, or a CT localizer.
    """
    modality = _words(dataset.get("Modality"))
    if modality not in _MODALITIES:
        name = _OTHER_MODALITIES.get(modality, "of another modality")
        raise UnreadableImage(f"not a chest X-ray or CT slice: Modality says {name}")
    part = other_part(_words(dataset.get("BodyPartExamined")))
    if part:
        raise UnreadableImage(f"not a chest X-ray or CT slice: BodyPartExamined says {part}")
    if modality == "CT" and "LOCALIZER" in _words(dataset.get("ImageType")):
        raise UnreadableImage("not a CT slice: ImageType says localizer")


def is_ct(dataset: "FileDataset") -> bool:
    """Tell whether Modality says CT, in whatever case it is written."""
    return _words(dataset.get("Modality")) == "CT"


def other_part(text: str) -> str:
    """Return the word of this module's list that names a part of the body other than the chest, "" if there is none."""
    if _CHEST.search(text):
        return ""
    for word in re.findall(r"[A-Z]+", text):
        if word in _WHOLE_WORDS:
            return word
        for stem in _OTHER_STEMS:
            if word.startswith(stem):
                return stem
    return ""


def check_layout(dataset: "FileDataset", header: Header, max_pixels: int) -> None:
    """Refuse pixels that are not one grey frame of 2 to 16 bits, before anything is decoded.

    Raises:
        UnreadableImage: no pixel data, several frames, colour, another bit depth, or more than `max_pixels` pixels.
    """
    if not dataset.get("PixelData"):
        kind = "floating-point pixel data only" if _has_floats(dataset) else "no pixel data"
        raise UnreadableImage(kind)
    frames = dataset.get("NumberOfFrames") or 1
    if frames != 1:
        raise UnreadableImage(f"multi-frame ({int(frames)} frames): expected one picture a file")
    photometric = _words(dataset.get("PhotometricInterpretation"))
    if header.channels != 1 or photometric.startswith("PALETTE"):
        kind = f"{header.channels} samples a pixel" if header.channels != 1 else "palette"
        raise UnreadableImage(f"colour ({kind}): expected a grey picture")
    if not photometric:
        raise UnreadableImage("damaged: the header states no PhotometricInterpretation")
    if dataset.get("BitsAllocated") not in (8, 16) or not 2 <= header.bit_depth <= dataset.BitsAllocated:
        raise UnreadableImage(f"{header.bit_depth} bits a pixel: expected 2 to {_MAX_BITS}, in 8 or 16")
    if header.width * header.height > max_pixels:
        size = f"{header.width} x {header.height}"
        raise UnreadableImage(f"too large: {size} pixels, at most {max_pixels // 1_000_000} million are decoded")


def _has_floats(dataset: "FileDataset") -> bool:
    return "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset


def _words(value: object) -> str:
    """Return an element's text in capitals without accents; the values of a list with spaces between."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else " ".join(map(str, value)) if hasattr(value, "__iter__") else str(value)
    plain = unicodedata.normalize("NFKD", text.upper())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip(" \0")
