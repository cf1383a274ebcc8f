"""Which images are kept, and why not: first what one image alone tells, then what all of them together do."""

import logging
from enum import IntEnum

import numpy as np

from chestbench.catalog.finding import Audit
from chestbench.catalog.kinds import ADVICE
from chestbench.catalog.layout import NO_CLASS
from chestbench.core.errors import ChestbenchError
from chestbench.imaging.frames import SEVERAL

logger = logging.getLogger(__name__)


class Verdict(IntEnum):
    """What becomes of an image; reasons of exclusion in the order in which they are reported."""

    KEPT = 0
    UNREADABLE = 1
    NOT_AN_IMAGE = 2
    TOO_SMALL = 3
    NO_CLASS = 4
    OUTSIDE = 5
    TWO_LABELS = 6
    DUPLICATE = 7
    UNUSABLE_DICOM = 8
    NO_LABEL = 9
    TWO_TABLE_LABELS = 10
    UNCLEAR_LABEL = 11
    NOT_CHOSEN = 12
    OVER_LIMIT = 13
    SEVERAL_PAGES = 14
    LFS_POINTER = 15
    ANNEX_POINTER = 16
    ZERO_BYTES = 17
    WEB_PAGE = 18
    VOLUME = 19
    ARRAY = 20
    DOCUMENT = 21
    INNER_ARCHIVE = 22
    VIDEO = 23
    UNREAD_FORMAT = 24


# The same in words, as the column `reason` begins.
KINDS = (
    "kept",
    "unreadable",
    "not an image",
    "too small",
    "no class folder",
    "outside the given split",
    "same picture under two labels",
    "exact duplicate",
    "unusable DICOM",
    "no label",
    "two labels for one picture",
    "no or several classes",
    "not in dataset.classes",
    "over dataset.limit_per_class",
    SEVERAL,
    *ADVICE,
)
NO_GROUP = -1
# What stays in memory of each image, beside its small copy.
NUMBERS = np.dtype(
    [
        ("image_id", "u8"),
        ("pixels", "V16"),
        ("phash", "u8"),
        ("label", "i4"),
        ("given", "i1"),
        ("verdict", "u1"),
        ("patient", "i4"),
        ("width", "i4"),
        ("height", "i4"),
        ("mode", "i4"),
        ("header", "u8"),  # code of the header's patient, 0 for none
        ("study", "u8"),  # code of the study, 0 for none
        ("unit", "i4"),  # number of the id in the label table, or -1
    ]
)


def judge_alone(found: Audit, label: int, given: int, is_split: bool, fault: str = "") -> tuple[Verdict, str]:
    """Judge what one image alone can tell: the verdict and the reason in words.

    Args:
        found: what the audit of the file gave.
        label: class code, or NO_CLASS.
        given: index into SPLITS, or -1.
        is_split: whether the archive's own split is honoured.
        fault: why the label table gives the image no class, beginning as KINDS does; "" for none.
    """
    if problem := found.problem or fault:
        return next(kind for kind in Verdict if problem.startswith(KINDS[kind])), problem
    if label == NO_CLASS:
        return Verdict.NO_CLASS, KINDS[Verdict.NO_CLASS]
    if is_split and given < 0:
        return Verdict.OUTSIDE, KINDS[Verdict.OUTSIDE]
    return Verdict.KEPT, ""


def judge_duplicates(numbers: np.ndarray) -> np.ndarray:
    """Set the verdicts of exact duplicates in `numbers` (NUMBERS, (N,)).

    Returns:
        int64 (N,): for each row the row it duplicates, itself when it does not.
    """
    first_of = np.arange(len(numbers))
    usable = np.flatnonzero(np.isin(numbers["verdict"], (Verdict.KEPT, Verdict.OUTSIDE)))
    if not len(usable):
        return first_of
    _, first, same = np.unique(numbers["pixels"][usable], return_index=True, return_inverse=True)
    same = same.ravel()
    labels = numbers["label"][usable]
    lowest, highest = np.full(len(first), np.iinfo(np.int32).max), np.full(len(first), -1)
    np.minimum.at(lowest, same, labels)
    np.maximum.at(highest, same, labels)
    two_labels = (lowest != highest)[same]
    numbers["verdict"][usable[two_labels]] = Verdict.TWO_LABELS
    candidates = usable[(numbers["verdict"][usable] == Verdict.KEPT)]
    if len(candidates):
        _, first, same = np.unique(numbers["pixels"][candidates], return_index=True, return_inverse=True)
        originals = candidates[first][same.ravel()]
        first_of[candidates] = originals
        numbers["verdict"][candidates[originals != candidates]] = Verdict.DUPLICATE
    return first_of


def check_classes(numbers: np.ndarray, classes: list[str], problems: list[str], others: str = "") -> None:
    """Refuse a data set of which nothing, or nothing of one class, can be used.

    Args:
        numbers: NUMBERS (N,), judged.
        classes: names by code.
        problems: "member (reason)" of what cannot be used, the first of each reason.
        others: files that are no pictures, in words.

    Raises:
        ChestbenchError: with the classes, and up to three of the problems of each reason.
    """
    kept = np.bincount(numbers["label"][numbers["verdict"] == Verdict.KEPT], minlength=len(classes))

    def why(which: np.ndarray) -> str:
        counts = np.bincount(numbers["verdict"][which], minlength=len(KINDS))
        return ", ".join(f"{count} {kind}" for kind, count in zip(KINDS, counts.tolist(), strict=True) if count)

    if not kept.any():
        found = np.bincount(numbers["label"][numbers["label"] >= 0], minlength=len(classes))
        named = ", ".join(f"{name!r} {count}" for name, count in zip(classes, found.tolist(), strict=True))
        reasons = "; ".join([why(np.ones(len(numbers), bool)), *_first_of_each(problems)])
        beside = f"; beside them {others}" if others else ""
        raise ChestbenchError(
            f"data set: expected usable images, received {len(numbers)} files of which none can be used (classes and "
            f"their files: {named}): {reasons}{beside}; check the archive, dataset.classes and dataset.exclude"
        )
    for code, (name, count) in enumerate(zip(classes, kept, strict=True)):
        if not count:
            mine = "; ".join(
                [why(numbers["label"] == code), *_first_of_each([text for text in problems if f"{name}/" in text])]
            )
            raise ChestbenchError(
                f"class {name!r}: expected usable images, received none that can be used: {mine}; "
                f"mend them, or leave the class out with dataset.classes or dataset.exclude"
            )


def _first_of_each(problems: list[str]) -> list[str]:
    """Return the first three problems of each reason, in the order of the reasons."""
    found: dict[str, list[str]] = {}
    for text in problems:
        reason = text.rpartition(" (")[2].removesuffix(")")
        found.setdefault(next((kind for kind in KINDS if reason.startswith(kind)), reason), []).append(text)
    order = {kind: place for place, kind in enumerate(KINDS)}
    return [text for kind in sorted(found, key=lambda kind: order.get(kind, len(order))) for text in found[kind][:3]]


def stable_numbers(cluster: np.ndarray, image_ids: np.ndarray) -> np.ndarray:
    """Number clusters by their smallest image id, so that file names and their order do not matter."""
    lowest = np.full(int(cluster.max()) + 1, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(lowest, cluster, image_ids)
    rank = np.empty(len(lowest), np.int64)
    rank[np.argsort(lowest, kind="stable")] = np.arange(len(lowest))
    return rank[cluster]
