"""A class that the train part of a given split lacks: refused with the lines that may be meant."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

import numpy as np

from chestbench.catalog.folders.splits.split_words import PARTS
from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.folders.words.words import is_denial_of, words_of
from chestbench.catalog.override import value_line
from chestbench.core.errors import ChestbenchError


class ClassOutsideTrainError(ChestbenchError):
    """A class that the train part of the given split lacks."""


def refuse_class_outside_train(
    names: Sequence[str], label: np.ndarray, given: np.ndarray, class_names: Mapping[str, str] | None = None
) -> None:
    """Refuse a given split in whose train part a class is missing.

    Args:
        names: of the classes, by code.
        label: int32 (N,), class code or -1.
        given: int8 (N,), part or -1.
        class_names: dataset.class_names, to stay in the line.

    Raises:
        ClassOutsideTrainError: names the classes with their counts by part, and the lines that may be meant.
    """
    table = np.zeros((len(names), len(PARTS)), np.int64)
    placed = (label >= 0) & (given >= 0)
    np.add.at(table, (label[placed], given[placed]), 1)
    lacking = [name for code, name in enumerate(names) if not table[code, 0] and (label == code).any()]
    if not lacking:
        return
    rows = "; ".join(
        f"{name}: " + ", ".join(f"{part} {count}" for part, count in zip(PARTS, row, strict=True))
        for name, row in zip(names, table.tolist(), strict=True)
    )
    others = [name for code, name in enumerate(names) if table[code, 0]]
    joined = {
        name: near[0]
        for name in lacking
        if (near := get_close_matches(name, [other for other in others if not _deny(name, other)], n=1))
    }
    mends = []
    if joined:
        shown = " and ".join(f"{name!r} is {near!r}" for name, near in joined.items())
        # What was called so by the mapping gets its new name by it.
        kept = {found: joined.get(wanted, wanted) for found, wanted in (class_names or {}).items()}
        new = {name: near for name, near in joined.items() if name not in (class_names or {}).values()}
        mends.append(f"if {shown} in another spelling: {value_line('dataset.class_names', {**kept, **new})}")
    if len(others) > 1:
        what = "this class" if len(lacking) == 1 else "these classes"
        mends.append(f"to leave {what} out: {value_line('dataset.classes', others)}")
    mends.append("to use the classes of all parts, and split anew: dataset.given_split=ignore")
    raise ClassOutsideTrainError(
        f"data set: expected every class in the train part of the given split, received none of {listed(lacking)} "
        f"there ({rows}); {'; '.join(mends)}"
    )


def _deny(name: str, other: str) -> bool:
    """Tell "abnormal" and "not normal" from "normal", to which their letters are near."""
    return is_denial_of("".join(words_of(name)), "".join(words_of(other)))
