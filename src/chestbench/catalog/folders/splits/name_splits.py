"""The split that the pictures' own names give: "train_000.png", "000_val.png", "test-12.jpg"."""

import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from chestbench.catalog.folders.words.split_vocabulary import TRAIN, VAL, split_word
from chestbench.catalog.folders.words.words import words_of

logger = logging.getLogger(__name__)
# Of so many of a set's pictures at least, the names must have one part each; below, it is no split but worth a word
# from this share on.
_NEARLY_ALL, _WORTH_A_WORD = 0.95, 0.5
_LETTERS = re.compile(r"[^\W\d_]+")
_PARTS = ("train", "val", "test")


@dataclass(frozen=True)
class NamedSplit:
    """A split that names of files give.

    Attributes:
        part: int8 (N,), 0 train, 1 val, 2 test, -1 for none or several.
        words: "train" of "train_000.png" -> the part's name.
    """

    part: np.ndarray
    words: dict[str, str]


def named_split(members: Sequence[str], label: np.ndarray) -> NamedSplit | None:
    """Return the split in the names of the pictures, None where there is none.

    It is one where nearly every picture of a class has exactly one part's word in its name, train and another part are
    there, and each class has pictures in each of these. Otherwise, where half of the pictures have such a word, a
    warning says why it is none.

    Args:
        members: N paths, with forward slashes.
        label: int (N,), class codes, -1 for members without a class, which have no say.

    Example:
        >>> names = ["a/train_1.png", "a/test_1.png", "b/train_1.png", "b/test_1.png"]
        >>> named_split(names, np.array([0, 0, 1, 1])).part.tolist()
        [0, 2, 0, 2]
    """
    runs = {run for member in members for run in _LETTERS.findall(_stem(member))}
    for weak in (False, True):
        parts = {part for run in runs for _, part in _parts_in(run, weak)}
        if TRAIN in parts and len(parts) > 1 and (split := _split_by(members, label, weak)):
            return split
    return None


def _split_by(members: Sequence[str], label: np.ndarray, weak: bool) -> NamedSplit | None:
    """Return the split by usual words, or by short and misspelt ones ("tr_01", "te_02"), of which nothing is warned."""
    found = [_words_in(member, weak) for member in members]
    part = np.array([_part_of({part for _, part in of}) for of in found], np.int8)
    has_class = label >= 0
    used = part[has_class]
    parts = set(used.tolist()) - {-1}
    if TRAIN not in parts or len(parts) < 2:
        return None
    share = float((used >= 0).mean())
    held = Counter(zip(label[has_class].tolist(), used.tolist(), strict=True))
    missing = [(code, of) for code in sorted(set(label[has_class].tolist())) for of in sorted(parts)
               if not held[code, of]]  # fmt: skip
    words = {
        word: _PARTS[of] for each, code in zip(found, label.tolist(), strict=True) if code >= 0 for word, of in each
    }
    if share >= _NEARLY_ALL and not missing:
        return NamedSplit(part, dict(sorted(words.items())))
    if share >= _WORTH_A_WORD and not weak:
        why = f"{len(used) - int((used >= 0).sum())} of {len(used)} have none, or several" if share < _NEARLY_ALL else (
            "a class has no picture in " + " and ".join(sorted({_PARTS[of] for _, of in missing}))
        )  # fmt: skip
        logger.warning(
            "the names of %d pictures hold a word of a split (%s), which is not used, for %s: put the parts into "
            "folders train, val and test, or name the pictures of each with dataset.split_lists",
            int((used >= 0).sum()),
            ", ".join(sorted(words)),
            why,
        )
    return None


def _part_of(parts: set[int]) -> int:
    """Return the one part that a name's words name, -1 for none or several; "train_val" is train, as in folders."""
    if parts == {TRAIN, VAL}:
        return TRAIN
    return next(iter(parts)) if len(parts) == 1 else -1


def _words_in(member: str, weak: bool) -> list[tuple[str, int]]:
    """Return the words of a file's name that name a part of a split, each with the part."""
    return [found for run in _LETTERS.findall(_stem(member)) for found in _parts_in(run, weak)]


def _stem(member: str) -> str:
    name = member.rpartition("/")[2]
    return name.rpartition(".")[0] or name


@lru_cache(maxsize=10_000)  # names differ in numbers, hardly in words
def _parts_in(run: str, weak: bool) -> tuple[tuple[str, int], ...]:
    """Return the words of a split among those of a run of letters, such as "trainCT"."""
    return tuple((word, part) for word in words_of(run) if (part := split_word(word, weak)) is not None)


def describe_named_split(split: NamedSplit, label: np.ndarray) -> dict[str, Any]:
    """Return what is said of it: the words, and pictures of a class by part."""
    counts = Counter(split.part[label >= 0].tolist())
    pictures = {name: counts[place] for place, name in enumerate(_PARTS) if counts[place]}
    return {"split_in_names": {"words": split.words, "pictures": pictures}}


def split_in_names(named: Mapping[str, Any]) -> str:
    """Return the sentence on a split that the pictures' own names give."""
    words = ", ".join(f"{word!r} is {part}" for word, part in named["words"].items())
    counts = ", ".join(f"{part} {count}" for part, count in named["pictures"].items())
    return (
        f"the split is in the names of the pictures: {words} ({counts}); if it is none, dataset.given_split=ignore "
        "cuts one anew"
    )
