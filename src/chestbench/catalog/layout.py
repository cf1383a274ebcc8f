"""Class and given split of each member, from the folders it lies in (for classes from a table see labels.py)."""

import fnmatch
import logging
import re
from collections import Counter
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np

from chestbench.catalog.records import SPLITS
from chestbench.core.errors import ChestbenchError

logger = logging.getLogger(__name__)

# Files that come along with pictures. Anything else is taken for a picture until its content says otherwise.
_TEXTS = {"txt", "md", "rst", "rtf", "pdf", "doc", "docx", "html", "htm", "bib", "license", "readme", "lst"}
_TABLES_AND_SETTINGS = {
    *("csv", "tsv", "tab", "list", "xls", "xlsx", "ods", "db", "sqlite", "xml", "json", "yaml", "yml", "ini", "cfg")
}
_CODE_AND_LOGS = {"py", "ipynb", "r", "m", "sh", "log"}
_ARCHIVES = {"zip", "gz", "tar", "7z", "rar"}
_ARRAYS_AND_NETWORKS = {"npy", "npz", "mat", "h5", "hdf5", "pkl", "pt", "pth", "keras"}
_DOCUMENTS = _TEXTS | _TABLES_AND_SETTINGS | _CODE_AND_LOGS | _ARCHIVES | _ARRAYS_AND_NETWORKS
NO_CLASS = -1
_SPLIT_FOLDERS = {"train": 0, "training": 0, "val": 1, "valid": 1, "validation": 1, "test": 2, "testing": 2}
# Folders that sort files by kind, not pictures by class.
_STRUCTURAL = {
    "images",
    "image",
    "imgs",
    "img",
    "png",
    "pngs",
    "jpg",
    "jpeg",
    "jpgs",
    "tif",
    "tiff",
    "bmp",
    "dicom",
    "dcm",
    "masks",
    "mask",
}
_EXPECTED = (
    "expected a folder per class (CLASS/picture.png), at any depth, train/val/test folders above or below it or not"
)


@dataclass(frozen=True)
class Layout:
    """Where the members of an archive belong.

    Attributes:
        classes: class names, in the order of the codes.
        label: int32 (N,), a class code per member, or NO_CLASS.
        given: int8 (N,), 0 train, 1 val, 2 test, or -1 for members without (or with an unusable) given split.
        is_split: whether the archive's own split is usable and honoured.
        fault: uint8 (N,), index into `faults`: why the label table gives the member no class; 0 for none.
        faults: reasons of exclusion, "" first.
        unit: int32 (N,), members under one id of the label table share a number; -1 without a table.
        patient, study: what folders or a table say of each member, N texts or none at all; "" where they say nothing.
        source: the folders above the class that are no part of a split, likewise.
        strata: sex, age and view, likewise.
        said: what was inferred, in words and counts, for the log and metrics/catalog.json["layout"].
    """

    classes: list[str]
    label: np.ndarray
    given: np.ndarray
    is_split: bool
    fault: np.ndarray
    faults: list[str]
    unit: np.ndarray
    patient: list[str] = field(default_factory=list)
    study: list[str] = field(default_factory=list)
    source: list[str] = field(default_factory=list)
    strata: dict[str, list[str]] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)


def may_be_picture(member: str) -> bool:
    """Tell by a file's name whether it poses as a picture: everything but documents, tables, code and archives does."""
    name = member.rpartition("/")[2].lower()
    return name.rpartition(".")[2] not in _DOCUMENTS


def drop_excluded(members: list[str], patterns: list[str]) -> list[str]:
    """Return the members that match none of the glob patterns (`*` matches slashes as well; case matters)."""
    if not patterns:
        return members
    matcher = re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns))
    return [member for member in members if not matcher.match(member)]


def read_layout(members: list[str], classes: list[str] | None, honour_split: bool) -> Layout:
    """Find class and given split of each member.

    With `classes`, a member's class is the folder nearest to it that has one of these names. Without, folders that all
    pictures share, folders of a split and folders named after file types (`images`) are set aside, and the first of
    what remains is the class; patient folders below it do not matter.

    Args:
        members: names with forward slashes. Names of documents (README.md) have no say in what the classes are.
        classes: names from the parameters, or None.
        honour_split: use the train, val and test folders of the archive.

    Raises:
        ChestbenchError: a class without members, a single class, no class folders, or val and test without train.

    Example:
        >>> members = ["ct/train/covid/p1/1.png", "ct/train/normal/2.png", "ct/test/covid/3.png", "README.md"]
        >>> layout = read_layout(members, None, honour_split=True)
        >>> layout.classes, layout.label.tolist(), layout.given.tolist(), layout.is_split
        (['covid', 'normal'], [0, 1, 0, -1], [0, 0, 2, -1], True)
    """
    pictures = [member for member in members if may_be_picture(member)] or members
    names, label = _match(members, pictures, classes) if classes else _infer(members, pictures)
    given, is_split = given_splits(members, pictures, names, honour_split)
    count = len(members)
    return Layout(names, label, given, is_split, np.zeros(count, np.uint8), [""], np.full(count, -1, np.int32))


def given_splits(
    members: list[str], pictures: list[str], classes: list[str], honour_split: bool
) -> tuple[np.ndarray, bool]:
    """Find the given split of each member.

    Args:
        members: N names with forward slashes.
        pictures: the members that decide whether there is a usable split.
        classes: names that are no split's.
        honour_split: use the train, val and test folders of the archive.

    Returns:
        int8 (N,), 0 train, 1 val, 2 test, -1 for none; and whether the archive's split is usable and honoured.

    Raises:
        ChestbenchError: val and test without train.
    """
    if not honour_split or not _is_usable({_split_of(member, classes) for member in pictures} - {-1}):
        return np.full(len(members), -1, np.int8), False
    return np.array([_split_of(member, classes) for member in members], np.int8), True


def _match(members: list[str], pictures: list[str], classes: list[str]) -> tuple[list[str], np.ndarray]:
    code = {name: place for place, name in enumerate(classes)}

    def label_of(member: str) -> int:
        return next((code[folder] for folder in reversed(member.split("/")[:-1]) if folder in code), NO_CLASS)

    found = {label_of(member) for member in pictures}
    missing = [name for place, name in enumerate(classes) if place not in found]
    if missing:
        folders = sorted({folder for member in pictures for folder in member.split("/")[:-1]})
        hints = [f"did you mean {near[0]!r}?" for name in missing if (near := get_close_matches(name, folders, n=1))]
        raise ChestbenchError(
            f"dataset.classes: expected a folder for each class, found none for {listed(missing)}; "
            f"the archive's folders are {listed(folders)}; "
            + (" ".join(hints) or "correct dataset.classes, or set it to null")
        )
    return list(classes), np.array([label_of(member) for member in members], np.int32)


def _infer(members: list[str], pictures: list[str]) -> tuple[list[str], np.ndarray]:
    shared = _shared_prefix([_class_folders(member) for member in pictures])

    def name_of(member: str) -> str | None:
        folders = _class_folders(member)
        return folders[len(shared)] if len(folders) > len(shared) and folders[: len(shared)] == shared else None

    names = sorted({name for member in pictures if (name := name_of(member)) is not None})
    if len(names) < 2:
        if names or shared:
            raise ChestbenchError(
                f"data set: {_EXPECTED}, two classes or more; received the single class {(names or shared)[-1]!r}"
            )
        raise ChestbenchError(
            f"data set: {_EXPECTED}; received {len(members)} file(s) without folders, such as {members[0]!r}"
        )
    code = {name: place for place, name in enumerate(names)}
    return names, np.array([code.get(name_of(member) or "", NO_CLASS) for member in members], np.int32)


def _class_folders(member: str) -> list[str]:
    return [
        part
        for part in member.split("/")[:-1]
        if part.lower() not in _SPLIT_FOLDERS and part.lower() not in _STRUCTURAL
    ]


def _shared_prefix(paths: list[list[str]]) -> list[str]:
    """Return the folders that every path with folders starts with."""
    paths = [path for path in paths if path]
    if not paths:
        return []
    first, last = min(paths), max(paths)
    length = next(
        (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    return first[:length]


def _split_of(member: str, classes: list[str]) -> int:
    folders = [folder for folder in member.split("/")[:-1] if folder not in classes]
    return next((_SPLIT_FOLDERS[folder.lower()] for folder in folders if folder.lower() in _SPLIT_FOLDERS), -1)


def _is_usable(found: set[int]) -> bool:
    """Judge a given split: train with val or test (or both) is one; a single folder is not."""
    if 0 not in found and len(found) == 2:
        raise ChestbenchError(
            "data set: expected a train folder beside the given val and test folders, found none; "
            "add it, or set dataset.given_split=ignore to split anew"
        )
    if len(found) == 1:
        logger.warning(
            "only one of the folders train, val and test was found: that is no split, so all images are split anew"
        )
    return len(found) >= 2


def listed(names: list[str], limit: int = 20) -> str:
    """Return names for a message: quoted, at most `limit` of them."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return (", ".join(repr(name) for name in names[:limit]) or "none") + more


def count_given(given: np.ndarray) -> dict[str, int]:
    """Return how many images each given split holds, for the splits that hold any."""
    counts = Counter(given[given >= 0].tolist())
    return {name: counts[place] for place, name in enumerate(SPLITS) if counts[place]}
