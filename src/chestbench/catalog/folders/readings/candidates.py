"""Levels of folders that were not read as classes and may be meant as such."""

import re
from collections.abc import Mapping, Sequence

from chestbench.catalog.folders.readings.named_classes import find_places
from chestbench.catalog.folders.splits.split_words import PartNames
from chestbench.catalog.folders.words.kind_words import kind_key
from chestbench.catalog.folders.words.roles import Role, is_date, is_scan_number, role_of
from chestbench.catalog.folders.words.words import words_of

MOST_CANDIDATES = 20
_FEW = 4
# Numbers in any writing: "007", "1e5", "[0,1]" (one of several outputs).
_NUMBERS = re.compile(r"\d+e\d+|[\[({]\d+(?:[.,;: _-]+\d+)*[\])}]")


def candidates_of(folders: Mapping[str, int], parts: PartNames) -> list[list[str]]:
    """Return the levels whose names may be meant as classes: 2 to 20, none a part, mask or patient."""
    levels: dict[int, set[str]] = {}
    for folder in folders:
        for level, name in enumerate(folder.split("/") if folder else []):
            if parts.part_of(name) < 0:
                levels.setdefault(level, set()).add(name)
    found = [sorted(names) for _, names in sorted(levels.items()) if 2 <= len(names) <= MOST_CANDIDATES]
    found = [names for names in found if _has_finding(names) or all(map(_may_be_meant, names))]
    return [names for names in found if _are_found(folders, parts, names)][:2]


def _has_finding(names: Sequence[str]) -> bool:
    """Tell whether one of few names is a finding, so that what lies beside it may be a class, however it is called."""
    roles = [role_of(name) for name in names]
    return len(names) <= _FEW and Role.FINDING in roles and Role.MASK not in roles


def _are_found(folders: Mapping[str, int], parts: PartNames, names: Sequence[str]) -> bool:
    """Tell whether each name would have pictures as a class: some may only have others of them below."""
    return len(set(find_places(folders, parts, names).counts(folders))) == len(names)


def _may_be_meant(name: str) -> bool:
    role = role_of(name)
    if role is Role.ID:
        return (
            name.isdigit() or (bool(_NUMBERS.fullmatch(name)) and not is_date(name)) or is_scan_number(words_of(name))
        )
    return role is not Role.MASK and (role is not Role.KIND or bool(kind_key(name)))
