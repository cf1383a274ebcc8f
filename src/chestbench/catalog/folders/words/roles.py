"""What people mean by the names of folders: a finding, a patient, a kind of files, a place, a mask.

A folder's name is cut into words, and `role_of` says what it most likely is, by the lists beside this file. They hold
what public chest sets and people's own folders use, in several languages; a name that none of them knows is UNKNOWN,
and the reader decides by its place among the others.
"""

import re
from enum import Enum
from functools import lru_cache

from chestbench.catalog.folders.words.aside_words import OLD_WORDS, is_aside_word
from chestbench.catalog.folders.words.finding_words import DEGREES, ORDINALS, is_finding_word
from chestbench.catalog.folders.words.kind_words import FILLERS, IMAGE_WORDS, ORGANS, TABLE_WORDS, is_mask_name
from chestbench.catalog.folders.words.place_words import (
    CONTEXT_WORDS,
    COUNTED_SETS,
    ID_WORDS,
    ORIGINS,
    PATIENT_WORDS,
    PLACES,
    SCAN_WORDS,
)
from chestbench.catalog.folders.words.unnamed import is_unnamed
from chestbench.catalog.folders.words.words import words_of


class Role(Enum):
    """What a folder's name says that the folder is."""

    SPLIT = "part of a split"
    MASK = "masks or annotations"
    KIND = "kind of file"
    FINDING = "finding"
    ID = "patient, study or number"
    CONTEXT = "place, device, view or sex"
    ASIDE = "put aside"
    UNKNOWN = "unknown"


_HEX = re.compile(r"[0-9a-f]{8,}", re.IGNORECASE)
_DATE = re.compile(r"(199\d|20[0-3]\d)((0[1-9]|1[0-2])([0-2]\d|3[01])?)?")
# Folders and files of a disc, as DICOM's media profiles name them: patient, study, series, image.
_ON_DISC = re.compile(r"(PA|ST|SE|IM)\d{5,8}")
_UID = re.compile(r"\d+(\.\d+){3,}")


def is_date(name: str) -> bool:
    """Tell "2020", "2020-03" and "20200301", of years from 1990 to 2039, from other numbers."""
    words = words_of(name)
    return all(word.isdigit() for word in words) and bool(_DATE.fullmatch("".join(words)))


def has_patient_word(name: str) -> bool:
    """Tell whether a name is a patient's or subject's number: "patient_12", "137covid_patient1"."""
    words = words_of(name)
    return any(word in PATIENT_WORDS for word in words) and any(word.isdigit() for word in words)


def is_surely_id(name: str) -> bool:
    """Tell a patient's number, a UID or a hash from any other number."""
    return bool(
        has_patient_word(name)
        or _ON_DISC.fullmatch(name)
        or _UID.fullmatch(name)
        or (_HEX.fullmatch(name) and any(map(str.isdigit, name)))
    )


@lru_cache(maxsize=200_000)
def role_of(name: str) -> Role:
    """Return what a folder's name says that it is, but for words of a split (see split_words.py)."""
    words = words_of(name)
    letters = [word for word in words if not word.isdigit()]
    if is_mask_name(name):
        return Role.MASK
    if is_unnamed(name):
        return Role.KIND
    if is_surely_id(name):
        return Role.ID
    if any(is_finding_word(word) for word in letters) or any(word in DEGREES for word in letters):
        return Role.FINDING
    telling = [word for word in letters if word not in FILLERS]
    if _is_class_code(words):
        return Role.UNKNOWN
    if is_scan_number(words):
        return Role.ID
    if _is_origin(words):
        return Role.CONTEXT
    if letters and all(word in OLD_WORDS for word in letters):
        return Role.ASIDE
    if letters and all(word in IMAGE_WORDS or word in TABLE_WORDS for word in telling):
        return Role.KIND
    if any(map(is_aside_word, telling)):
        return Role.ASIDE
    if len(letters) < len(words) and all(word in ID_WORDS for word in telling):
        return Role.ID
    if any(word in PLACES for word in telling):
        return Role.CONTEXT
    if any(word in CONTEXT_WORDS for word in telling) and all(
        word in CONTEXT_WORDS or word in IMAGE_WORDS or word in ORGANS for word in telling
    ):
        return Role.CONTEXT
    return Role.UNKNOWN


def _is_origin(words: tuple[str, ...]) -> bool:
    """Tell "Kaggle", "private data" and "dataset 2" from "archive (2)" and "data"."""
    letters = [word for word in words if not word.isdigit() and word not in ("v", "version")]
    if any(word in ORIGINS for word in letters):
        return all(word in ORIGINS or word in FILLERS for word in letters)
    is_numbered = len(words) == 2 and (words[1].isdigit() or len(words[1]) == 1)
    return is_numbered and words[0] in COUNTED_SETS


def _is_class_code(words: tuple[str, ...]) -> bool:
    """Tell "class_0", "Type B" and "A", which may be anything, from "part 2": what counts classes."""
    is_letter = len(words) == 1 and len(words[0]) == 1 and not words[0].isdigit()
    return is_letter or (any(len(w) == 1 or w.isdigit() for w in words) and any(word in ORDINALS for word in words))


def is_scan_number(words: tuple[str, ...]) -> bool:
    """Tell "ct_scan_12" and "CT-3", one person's scan, from "images_001", a part of a set."""
    letters = [word for word in words if not word.isdigit()]
    return len(letters) < len(words) and bool(letters) and all(word in SCAN_WORDS for word in letters)
