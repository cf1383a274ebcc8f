"""Folders that repeat the names of another's pictures: the same pictures shown otherwise, so one person's.

"covid/lung window/7.png" and "covid/soft tissue/7.png", "JPCLN/a.png" and "BSE_JPCLN/a.png". Names that mean something
("Q8_a3") need nothing else. Numbers begin anew in the folders of strangers too ("Bern/1.png", "Wuhan/1.png"): these
need a folder whose name says how pictures are shown, or which lies beside plain "images".
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from chestbench.catalog.folders.words.augmented_words import stem_of
from chestbench.catalog.folders.words.kind_words import is_image_name
from chestbench.catalog.folders.words.place_words import COUNTED_SETS, ORIGINS, PLACES
from chestbench.catalog.folders.words.rendition_words import is_rendition
from chestbench.catalog.folders.words.roles import Role, is_date, role_of
from chestbench.catalog.folders.words.split_vocabulary import split_word
from chestbench.catalog.folders.words.words import word_set, words_of

_NEARLY_ALL = 0.8
_FEWEST = 3
# More names at one level than this are people's, or pieces.
_MOST_NAMES = 12
# Of so dense numbers the names are mere counters.
_DENSE = 1.5
_NUMBER = re.compile(r"\d+")
_STRANGERS = (PLACES | ORIGINS | COUNTED_SETS) | word_set(
    "ct cts hrct xray xrays cxr cxrs male female men women adult child children pediatric"
)


def same_names(members: Sequence[str], label: np.ndarray, part: np.ndarray) -> Iterator[tuple[int, int, str]]:
    """Yield (original, copy, name of the copy's folder) of pictures whose names come again in the folder beside.

    Args:
        members: N paths, with forward slashes.
        label: int (N,), class codes, -1 for members that have no say.
        part: int8 (N,), of the given split; names of two parts have nothing to do with each other.
    """
    rows: dict[tuple[str, int, int], dict[str, int]] = {}
    for row in np.flatnonzero(label >= 0).tolist():
        key = members[row].rpartition("/")[0], int(label[row]), int(part[row])
        rows.setdefault(key, {}).setdefault(stem_of(members[row]).lower(), row)
    pairs: dict[tuple[str, str], list[tuple[dict[str, int], dict[str, int]]]] = {}
    for (above, below, _, _), context in _contexts(rows).items():
        names = sorted(context, key=_originals_first)
        for at, first in enumerate(names):
            for second in names[at + 1 :]:
                if first == "" and (second,) in (above[-1:], below[:1]):  # "set/set": the whole set once more
                    continue  # its pixels tell that
                pairs.setdefault((first, second), []).append((context[first], context[second]))
    told: set[int] = set()
    for (first, second), both in sorted(pairs.items(), key=lambda item: item[0]):
        if _repeats(first, second, both):
            for mine, others in both:
                for stem in sorted(set(mine) & set(others), key=lambda stem: others[stem]):
                    if others[stem] not in told:
                        told.add(others[stem])
                        yield mine[stem], others[stem], second


# Folders above and below, class and part.
_Context = tuple[tuple[str, ...], tuple[str, ...], int, int]


def _contexts(rows: dict[tuple[str, int, int], dict[str, int]]) -> dict[_Context, dict[str, dict[str, int]]]:
    """Return by what paths share but for one folder: that folder's name, "" where a path lacks it -> its pictures."""
    found: dict[_Context, dict[str, dict[str, int]]] = {}
    paths = {key: tuple(key[0].split("/")) if key[0] else () for key in rows}
    for (_, label, part), path in paths.items():
        for level, name in enumerate(path):
            if _may_differ(name):
                context = found.setdefault((path[:level], path[level + 1 :], label, part), {})
                context[name] = {}
    for (folder, label, part), stems in rows.items():
        path = paths[folder, label, part]
        for level, name in enumerate(path):
            beside = found.get((path[:level], path[level + 1 :], label, part), {})
            if name in beside:
                beside[name] = stems
        for level in range(len(path) + 1):
            if beside := found.get((path[:level], path[level:], label, part), {}):
                beside[""] = stems
    return {key: context for key, context in found.items() if 1 < len(context) <= _MOST_NAMES}


def _may_differ(name: str) -> bool:
    """Tell whether folders may differ in a name and hold the same pictures: it is no part, no person and no number."""
    words = words_of(name)
    is_part = any(split_word(word, weak=True) is not None for word in words) or "fold" in words
    return not is_part and (is_rendition(name) or (role_of(name) is not Role.ID and not is_date(name)))


def _originals_first(name: str) -> tuple[int, int, str]:
    """Order what holds the originals before what holds copies of them: plain images, then what is named shortest."""
    is_plain = not name or is_image_name(name) or not words_of(name)
    says_original = bool({"original", "originals", "raw", "full", "unprocessed"} & set(words_of(name)))
    return (0 if says_original or not name else 1 if is_plain else 3 if is_rendition(name) else 2), len(name), name


def _repeats(first: str, second: str, both: list[tuple[dict[str, int], dict[str, int]]]) -> bool:
    """Tell whether the second folder shows the first one's pictures again, from all places where both lie."""
    shared = sum(len(set(mine) & set(others)) for mine, others in both)
    fewer = min(sum(len(mine) for mine, _ in both), sum(len(others) for _, others in both))
    if shared < max(_FEWEST, _NEARLY_ALL * fewer):
        return False
    if not are_counters({stem for mine, _ in both for stem in mine}):
        return True
    words = set(words_of(first)) | set(words_of(second))
    if is_rendition(first) or is_rendition(second):
        return True
    if words & _STRANGERS:
        return False
    if (not first or is_image_name(first)) != (not second or is_image_name(second)):
        return True
    mine, others = set(words_of(first)), set(words_of(second))
    return bool(mine and others) and (mine < others or others < mine)


def are_counters(stems: set[str]) -> bool:
    """Tell "img_001", "img_002" and "1" to "40" from names that would not come again by chance."""
    if len({_NUMBER.sub("9", stem) for stem in stems}) > 1 + len(stems) // 10:
        return False
    numbers = {int(found[-1]) for stem in stems if (found := _NUMBER.findall(stem))}
    return not numbers or max(numbers) - min(numbers) + 1 <= max(_DENSE * len(numbers), 10)
