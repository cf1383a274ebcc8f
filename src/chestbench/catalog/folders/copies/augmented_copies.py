"""Copies that somebody made of pictures (turned, mirrored, brighter, shown otherwise), known by their names.

They look like other pictures, so nothing but the name tells that they show the same person: each must stand in one
part of the split with its original.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from chestbench.catalog.components import connected_components, pairs_of_equals
from chestbench.catalog.folders.copies.longer_names import longer_names
from chestbench.catalog.folders.copies.same_names import same_names
from chestbench.catalog.folders.words.augmented_words import may_be_augmented, originals_of, roboflow_stem, stem_of
from chestbench.catalog.folders.words.derived import is_derived
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.split_vocabulary import split_word
from chestbench.catalog.folders.words.words import words_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Copies:
    """Pictures whose names say that they are copies of others.

    Attributes:
        original: int64 (N,), for each member the first member of what it was made of with it; itself where it is
            nobody's copy.
        is_copy: bool (N,).
        words: what told it (a word of augmentation, what a name has more, the name of a folder) -> copies.
        lonely: word -> copies of which no original and no second copy is there.
        word_of: index of a copy -> the word that told it.
    """

    original: np.ndarray
    is_copy: np.ndarray
    words: dict[str, int]
    lonely: dict[str, int]
    word_of: dict[int, str] = field(default_factory=dict)


def find_copies(members: Sequence[str], label: np.ndarray, part: np.ndarray) -> Copies:
    """Find copies by name, among pictures of one class.

    "img_1_flip" is a copy of "img_1" in its own folder, else in the folder that differs in a kind ("Original",
    "Augmented") or a part of a split only; without that, of one picture with "img_1_rot90". What other names have more
    ("img_1_denoised") and folders that repeat names: see longer_names.py and same_names.py. Roboflow's copies of one
    name are one picture's in one part of the split.

    Args:
        members: N paths, with forward slashes.
        label: int (N,), class codes, -1 for members that have no say.
        part: int8 (N,), of the given split, -1 for none.
    """
    stems = {row: stem_of(members[row]) for row in np.flatnonzero(label >= 0).tolist()}
    found = _Found(len(members))
    exported = {row: name for row, stem in stems.items() if (name := roboflow_stem(stem))}
    stems |= exported
    for row, name in exported.items():
        found.add_again((int(label[row]), int(part[row]), name), row, "Roboflow's .rf.")
    _warn_of_names_in_several_parts(exported, label, part)
    marked = [row for row, stem in stems.items() if may_be_augmented(stem)]
    finders = (
        [_Finder(members, stems, label, key) for key in (_folder, _without_kinds, _without_parts)] if marked else []
    )
    alone: dict[int, tuple[object, str]] = {}
    for row in marked:
        choices = list(originals_of(stems[row]))
        originals = (find(row, words) for find in finders for words, _, _ in choices)
        if (original := next((other for other in originals if other >= 0), None)) is not None:
            found.add(original, row, choices[-1][1])
        elif sure := next((choice for choice in choices if choice[2]), None):
            alone[row] = (int(label[row]), _without_kinds(members[row]), sure[0]), sure[1]
    for original, row, word in (*longer_names(members, label), *same_names(members, label, part)):
        if not found.is_copy[row]:
            found.add(original, row, word)
            alone.pop(row, None)
    several = Counter(key for key, _ in alone.values())
    lonely: Counter[str] = Counter()
    for row, (key, word) in alone.items():
        if several[key] > 1:
            found.add_again(key, row, word)
        else:
            lonely[word] += 1
    return Copies(found.components(), found.is_copy, dict(found.words), dict(lonely), found.word_of)


class _Found:
    """Links between copies and what they were made of."""

    def __init__(self, count: int) -> None:
        self.is_copy = np.zeros(count, bool)
        self.words: Counter[str] = Counter()
        self.word_of: dict[int, str] = {}
        self._links: list[tuple[int, int]] = []
        self._first: dict[object, int] = {}

    def add(self, original: int, row: int, word: str) -> None:
        """Link a copy to its original."""
        self._links.append((original, row))
        self.is_copy[row] = True
        self.words[word] += 1
        self.word_of[row] = word

    def add_again(self, key: object, row: int, word: str) -> None:
        """Link a copy to the first of those of the same picture, which stands for the original."""
        if (first := self._first.setdefault(key, row)) != row:
            self.add(first, row, word)

    def components(self) -> np.ndarray:
        """Return the first member that each hangs together with, int64 (N,)."""
        pairs = np.array(self._links, np.int64).reshape(-1, 2)
        return connected_components(len(self.is_copy), [(pairs[:, 0], pairs[:, 1])])


def _warn_of_names_in_several_parts(names: dict[int, str], label: np.ndarray, part: np.ndarray) -> None:
    """Say that Roboflow's copies of one name stand in several parts of a given split; the names may also begin anew."""
    parts_of: dict[tuple[int, str], set[int]] = {}
    for row, name in names.items():
        parts_of.setdefault((int(label[row]), name), set()).add(int(part[row]))
    if several := sum(len(parts) > 1 for parts in parts_of.values()):
        logger.warning(
            "%d of %d names that Roboflow exported stand in several parts of the given split: copies of one picture, "
            "unless each part counts its names anew; dataset.given_split=ignore keeps pictures of one name together",
            several,
            len(parts_of),
        )


class _Finder:
    """The pictures of a set by class, folder and the words of their names."""

    def __init__(
        self, members: Sequence[str], stems: dict[int, str], label: np.ndarray, folder: Callable[[str], str]
    ) -> None:
        self._members, self._label, self._folder = members, label, folder
        self._rows: dict[object, int] = {}
        for row, stem in stems.items():
            self._rows.setdefault((int(label[row]), folder(members[row]), words_of(stem)), row)

    def __call__(self, row: int, words: tuple[str, ...]) -> int:
        """Return the picture of this name that may be the original of a row, -1 for none."""
        return self._rows.get((int(self._label[row]), self._folder(self._members[row]), words), -1)


def _folder(member: str) -> str:
    return member.rpartition("/")[0]


def _without_kinds(member: str) -> str:
    """Return a member's folder without those that name kinds of pictures: "covid" of "Augmented/covid/1.png"."""
    names = _folder(member).split("/")
    return "/".join(name for name in names if role_of(name) is not Role.KIND and not is_derived(name))


def _without_parts(member: str) -> str:
    names = _without_kinds(member).split("/")
    return "/".join(name for name in names if all(split_word(word) is None for word in words_of(name)))


def join_units(unit: np.ndarray, copies: Copies) -> np.ndarray:
    """Return the units of a layout, joined where copies hang together, int32 (N,): -1 for a picture on its own."""
    rows = np.arange(len(unit))
    has_unit = unit >= 0
    links = [(copies.original, rows), pairs_of_equals(rows[has_unit], unit[has_unit])]
    component = connected_components(len(unit), links)
    size = np.bincount(component, minlength=len(unit))
    return np.where(has_unit | (size[component] > 1), component, -1).astype(np.int32)
