"""Folders that may be patients: numbered alike, several of them, each with several pictures."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from chestbench.catalog.folders.splits.split_siblings import read_parts
from chestbench.catalog.folders.words.finding_words import alike_key, is_ordinal
from chestbench.catalog.folders.words.moment_words import few_times
from chestbench.catalog.folders.words.roles import Role, has_patient_word, is_date, is_surely_id, role_of

# So many names of one level at least; so many above the classes, where they may be sources as well; so many
# names without a number in one class, where the others have none.
_FEWEST, _FEWEST_ABOVE, _FEWEST_NAMES = 3, 10, 5
_CASE = re.compile(r"case[ _-]?\d+", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{6,40}", re.IGNORECASE)


@dataclass
class _Level:
    """Names at one level below (or above) the classes."""

    pictures: Counter[str] = field(default_factory=Counter)
    codes: dict[str, set[int]] = field(default_factory=dict)


def folder_ids(members: Sequence[str], codes: Sequence[int], classes: Collection[str]) -> dict[str, str]:
    """Return path of a picture -> the folder in it that may be a patient, the topmost of these.

    Args:
        members: N paths.
        codes: N class codes.
        classes: names of class folders.
    """
    folders = {member.rpartition("/")[0] for member in members}
    parts = read_parts(folders, classes)
    known = {alike_key(name) for name in classes}

    def steps(folder: str) -> list[tuple[int, str]]:
        """Return names that may be ids with their level, counted from the class; below 0 above it."""
        names = folder.split("/") if folder else []
        at = max(
            (place for place, name in enumerate(names) if alike_key(name) in known or name in parts.rest), default=-1
        )
        found = [(place - at, name) for place, name in enumerate(names) if place != at and parts.part_of(name) < 0]
        return [(level if at >= 0 else level + 1, name) for level, name in found]

    paths = {folder: steps(folder) for folder in folders}
    levels: dict[int, _Level] = {}
    for member, code in zip(members, codes, strict=True):
        for level, name in paths[member.rpartition("/")[0]]:
            here = levels.setdefault(level, _Level())
            here.pictures[name] += 1
            here.codes.setdefault(name, set()).add(code)
    # Below the classes first, from the top; then above them.
    order = sorted(levels, key=lambda level: (level < 0, abs(level)))
    # Below times, twin_hints.py tells people by their whole path.
    is_timed = any(few_times(level.pictures) for level in levels.values())
    for level, below in zip(order, (*order[1:], None), strict=False):
        if chosen := _people(levels[level], level < 0, is_timed):
            if below is not None and _are_shelves(chosen, levels[below]):
                continue
            return {
                member: name
                for member in members
                for at, name in paths[member.rpartition("/")[0]]
                if at == level and name in chosen
            }
    return {}


def _people(level: _Level, is_above: bool, is_timed: bool) -> set[str]:
    """Return the names of a level that may be patients'; none where they are too few, or all the same in each class."""
    numbered: dict[str, set[str]] = {}
    unknown: set[str] = set()
    times = few_times(level.pictures)
    for name in level.pictures:
        if name in times:
            continue
        role = role_of(name)
        if _is_code(name):  # "4a8a08" is no kind of file
            numbered.setdefault("", set()).add(name)
            continue
        if not is_timed and _CASE.fullmatch(name.strip()):  # "case" alone names a set, or a class
            numbered.setdefault("case", set()).add(name)
            continue
        if is_date(name) or is_ordinal(name) or role in (Role.MASK, Role.KIND, Role.CONTEXT, Role.ASIDE):
            continue
        if is_surely_id(name):
            numbered.setdefault("", set()).add(name)
        elif any(map(str.isdigit, name)):
            numbered.setdefault(re.sub(r"\d+", "9", name), set()).add(name)
        elif role is Role.UNKNOWN:
            unknown.add(name)
    found = set().union(*(names for shape, names in numbered.items() if len(names) > 1 or not shape))
    if len(found) < _FEWEST and not is_above:
        # Names that are not alike are people's where each is in one class, and several are.
        with_number = set().union(*numbered.values())
        own = {name for name in unknown | with_number if len(level.codes[name]) == 1}
        of_class = Counter(code for name in own for code in level.codes[name])
        are_named = own == unknown | with_number and max(of_class.values(), default=0) >= _FEWEST
        in_several = sum(count > 1 for count in of_class.values()) > 1
        if are_named and (with_number or in_several or max(of_class.values()) >= _FEWEST_NAMES):
            found = own
        elif not unknown:
            found = with_number
    several = [name for name in found if level.pictures[name] > 1]
    fewest = _FEWEST_ABOVE if is_above and not any(map(has_patient_word, found)) else _FEWEST
    return found if len(found) >= fewest and 2 * len(several) >= len(found) else set()


def _is_code(name: str) -> bool:
    """Tell "e16717" and "0cc175": six or more hexadecimal digits, some of them letters."""
    return bool(_HEX.fullmatch(name)) and any(map(str.isdigit, name)) and any(map(str.isalpha, name))


def _are_shelves(names: set[str], below: _Level) -> bool:
    """Tell folders that only sort those below by the beginning of their names: "p10/p10000032"."""
    return all(name.startswith(tuple(names)) and name not in names for name in below.pictures)
