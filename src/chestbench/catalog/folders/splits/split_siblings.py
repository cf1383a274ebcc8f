"""Folders that are parts of a split by what lies beside and below them: "Bern_train" and "Wuhan_test", "private"."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import pairwise

from chestbench.catalog.folders.splits.split_codes import codes_among_places
from chestbench.catalog.folders.splits.split_compounds import compound_of
from chestbench.catalog.folders.splits.split_words import PartNames, read_part_names
from chestbench.catalog.folders.words.finding_words import is_finding_word
from chestbench.catalog.folders.words.kind_words import FILLERS, IMAGE_WORDS
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.split_vocabulary import LONE_WORDS, TRAIN
from chestbench.catalog.folders.words.words import words_of

# What may stand below any part of a split, and tells nothing of what lies above.
_ASIDE = frozenset({"wrong", "error", "errors", "not", "without", "no"})
_NO_CLASS = (Role.ID, Role.KIND, Role.MASK, Role.ASIDE, Role.CONTEXT)


def read_parts(folders: Iterable[str], classes: Collection[str] = ()) -> PartNames:
    """Find the parts of a split among folders, by their names (`read_part_names`), and by their places.

    "Bern_train" and "Wuhan_test", which share no class, are parts where the same two folders or more lie below both: a
    part of each place. "private" and "external" are test, "cv" and "monitor" are val, where they lie beside train
    everywhere and no other folder of the set is that part.

    Args:
        folders: paths, with forward slashes.
        classes: names that are classes, whatever they say.

    Example:
        >>> found = read_parts([f"{top}/{name}" for top in ("train", "val", "private") for name in ("covid", "normal")])
        >>> found.part
        {'private': 2, 'train': 0, 'val': 1}
    """
    folders = list(folders)
    paths = [tuple(folder.split("/")) if folder else () for folder in folders]
    names = read_part_names({name for path in paths for name in path}, classes)
    if not (names.suspects or names.part):
        return names
    names = _with_places(names, _below(paths, names.suspects | set(names.rest)))
    names = replace(names, part=dict(sorted((names.part | _lone(names, paths, classes)).items())))
    if codes := codes_among_places(folders, names):
        found = {*names.part.values(), *(part for part, _ in names.rest.values())}
        is_split = TRAIN in found and len(found) > 1
        # Else they are places.
        part = {name: part for name, part in names.part.items() if is_split or name not in codes}
        return replace(names, part=part, codes=codes if is_split else {})
    return names


def _below(paths: Iterable[tuple[str, ...]], wanted: Collection[str]) -> dict[str, set[str]]:
    """Return the folders that may be classes directly below each of some names."""
    found: dict[str, set[str]] = {}
    for path in paths:
        for name, below in pairwise(path):
            if name in wanted and role_of(below) not in _NO_CLASS:
                found.setdefault(name, set()).add(below)
    return found


def _with_places(names: PartNames, below: dict[str, set[str]]) -> PartNames:
    """Return the parts with "Bern_train" and "Wuhan_test", where both hold the same classes."""
    suspects = names.suspects & set(below)
    told = {name: found for name in suspects if (found := compound_of(name)) and _may_be_place(found[1])}
    parts = {part for part, _ in told.values()} | set(names.part.values()) | {part for part, _ in names.rest.values()}
    holding = [below.get(name, set()) for name in (*told, *names.rest)]
    shared = set.intersection(*holding) if told else set()
    if TRAIN not in parts or len(parts) < 2 or len(shared) < 2 or (len(holding) < 2 and not names.part):
        return names
    return replace(names, rest=names.rest | told, suspects=names.suspects - set(told))


def _may_be_place(name: str) -> bool:
    """Tell whether what stands beside a part's word is neither a finding nor put aside ("test_wrong")."""
    words = words_of(name)
    return role_of(name) is not Role.ASIDE and not any(word in _ASIDE or is_finding_word(word) for word in words)


def _lone(names: PartNames, paths: Iterable[tuple[str, ...]], classes: Collection[str]) -> dict[str, int]:
    """Return folders of nothing but a word such as "private" that lie beside train wherever they are."""
    taken = set(names.part.values())
    found: dict[str, int] = {}
    beside: dict[tuple[str, ...], set[str]] = {}
    for path in set(paths):
        for level, name in enumerate(path):
            beside.setdefault(path[:level], set()).add(name)
    for children in beside.values():
        has_train = any(names.part.get(name) == TRAIN for name in children)
        for name in children - set(classes) - set(names.part):
            part = _lone_part(name)
            if part is not None and part not in taken:
                found[name] = part if has_train and found.get(name, part) == part else -1
    return {name: part for name, part in found.items() if part >= 0}


def _lone_part(name: str) -> int | None:
    words = [word for word in words_of(name) if not word.isdigit()]
    parts = {LONE_WORDS.get(word, -1) for word in words if word in LONE_WORDS or word not in FILLERS | IMAGE_WORDS}
    return parts.pop() if len(parts) == 1 and -1 not in parts else None
