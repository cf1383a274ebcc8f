"""Pictures that were drawn over (heat maps, boxes, results) or cut out, beside the pictures that they were made of.

They are told by a word in their name and by their original, which has the same name without it. Without an original
they are pictures as others are: a set may consist of nothing else.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chestbench.catalog.folders.copies.same_names import are_counters
from chestbench.catalog.folders.words.augmented_words import stem_of
from chestbench.catalog.folders.words.kind_words import FILLERS
from chestbench.catalog.folders.words.rendition_words import (
    is_drawn_name,
    is_drawn_word,
    may_be_class,
    originals_of_drawn,
    without_drawn,
)
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.words import words_of

# A folder of which so many pictures have an original holds nothing else; one stray file does not change that.
_NEARLY_ALL = 0.8


@dataclass(frozen=True)
class DrawnOver:
    """Members that show others with something drawn over them.

    Attributes:
        members: their names.
        counts: how many by the folder's name, or by what the files' names say ("*_gradcam").
    """

    members: frozenset[str]
    counts: dict[str, int]


def find_drawn_over(members: Sequence[str]) -> DrawnOver:
    """Find pictures that were drawn over, by name.

    Args:
        members: names of what may be pictures, with forward slashes.

    Example:
        >>> found = find_drawn_over(["a/1.png", "a/1_gradcam.png", "boxes/1.png", "a/2_gradcam.png"])
        >>> sorted(found.members), found.counts
        (['a/1_gradcam.png', 'boxes/1.png'], {'*_gradcam': 1, 'boxes': 1})
    """
    folders: dict[str, list[str]] = {}
    for member in members:
        folders.setdefault(member.rpartition("/")[0], []).append(member)
    drawn = {folder: place for folder in folders if (place := _drawn_place(folder)) is not None}
    of = {member: f"*{tail}" for folder in folders if folder not in drawn for member, tail in _files(folders[folder])}
    if drawn:
        of |= _in_folders(folders, drawn)
    if len(of) == len(members):
        return DrawnOver(frozenset(), {})
    return DrawnOver(frozenset(of), dict(sorted(Counter(of.values()).items())))


def _drawn_place(folder: str) -> int | None:
    """Return the first level of a path whose name says that its pictures were drawn over."""
    return next((place for place, name in enumerate(folder.split("/")) if is_drawn_name(name)), None)


def _files(members: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pictures of one folder whose originals lie in it as well, and what their names have more."""
    words = {member: words_of(stem_of(member)) for member in members}
    plain = {of_one: member for member, of_one in words.items() if not any(map(is_drawn_word, of_one))}
    found = []
    for member, of_one in words.items():
        if not any(map(is_drawn_word, of_one)):
            continue
        if original := next((plain[name] for name in originals_of_drawn(of_one) if name in plain), None):
            found.append((member, _what_is_more(stem_of(member), stem_of(original))))
    return found


def _what_is_more(stem: str, original: str) -> str:
    """Return what a name has more than its original's: "_gradcam"."""
    if stem.lower().startswith(original.lower()):
        return stem[len(original) :]
    return stem[: -len(original)] if stem.lower().endswith(original.lower()) else stem


def _in_folders(folders: Mapping[str, Sequence[str]], drawn: Mapping[str, int]) -> dict[str, str]:
    """Return the pictures in folders that say so, with the folder's name, where nearly all have an original."""
    tops: dict[str, list[str]] = {}
    for folder, place in drawn.items():
        tops.setdefault("/".join(folder.split("/")[: place + 1]), []).extend(folders[folder])
    originals = _originals(folders, drawn, {top.rpartition("/")[0] for top in tops})
    return {
        member: top.rpartition("/")[2]
        for top, members in tops.items()
        if _are_of(members, top, originals[top.rpartition("/")[0]], tops)
        for member in members
    }


_Names = dict[str, set[tuple[str, ...]]]


def _originals(folders: Mapping[str, Sequence[str]], drawn: Mapping[str, int], parents: set[str]) -> dict[str, _Names]:
    """Return for each parent the words of the pictures in and below each folder in it, "" for its own pictures."""
    found: dict[str, _Names] = {parent: {} for parent in parents}
    for folder in folders:
        names = folder.split("/") if folder else []
        here = [level for level in range(len(names) + 1) if "/".join(names[:level]) in parents]
        if folder in drawn or not here:
            continue
        keys = {words_of(stem_of(member)) for member in folders[folder]}
        for level in here:
            child = names[level] if level < len(names) else ""
            found["/".join(names[:level])].setdefault(child, set()).update(keys)
    return found


def _are_of(members: Sequence[str], top: str, beside: _Names, tops: Collection[str]) -> bool:
    """Tell whether nearly all of a folder's pictures have their original beside the folder.

    Of "covid_marked" it lies in "covid"; where pictures are counted anew and "normal" has no such folder, it may be a
    class. "detected" may be a class whose pictures are counted as those of another are:
    then no other folder alone has all its names, unless it says nothing but that pictures lie in it.
    """
    name = top.rpartition("/")[2]
    if rest := tuple(word for word in without_drawn(words_of(name)) if word not in FILLERS and not word.isdigit()):
        above = top.removesuffix(name)
        called_after = {without_drawn(words_of(other.removeprefix(above))) for other in tops if other.startswith(above)}
        others = [words_of(other) for other in beside if other]
        is_for_all = len(others) > 1 and called_after.issuperset(others)
        if may_be_class(name) and not is_for_all and are_counters({stem_of(member) for member in members}):
            return False
        beside = {other: names for other, names in beside.items() if words_of(other) == rest}
    keys = [(words, *originals_of_drawn(words)) for words in (words_of(stem_of(member)) for member in members)]

    def share(names: set[tuple[str, ...]]) -> float:
        return sum(any(name in names for name in some) for some in keys) / len(keys)

    if not beside or share(set().union(*beside.values())) < _NEARLY_ALL:
        return False
    is_plain = any(not other or role_of(other) is Role.KIND for other in beside)
    return bool(rest) or is_plain or not may_be_class(name) or all(share(of) < _NEARLY_ALL for of in beside.values())


def describe_drawn_over(found: DrawnOver) -> dict[str, Any]:
    """Return what is said of pictures that were drawn over, {} for nothing."""
    return {"drawn_over": found.counts} if found.counts else {}
