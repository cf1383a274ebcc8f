"""Patients whose numbers stand in the names of folders or files: pointed out with the line that uses them.

They are never used unasked. Folders below (or above) the classes are looked at first, then words that mean a person
in files' names, then what stands at the head of files' names before the last number, then files of one name in folders
of several times, phases, windows or views.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from chestbench.catalog.folders.patients.id_folders import folder_ids
from chestbench.catalog.folders.patients.id_heads import head_ids, word_ids
from chestbench.catalog.folders.patients.id_patterns import pattern_of
from chestbench.catalog.folders.patients.twin_hints import twin_pattern
from chestbench.catalog.override import value_line

# So large a share of a class's pictures at least is named so; so large a share of these shares its id.
_LEAST_NAMED, _LEAST_AGAIN = 1 / 3, 0.2


def patient_hint(
    members: Sequence[str], label: np.ndarray | None = None, classes: Collection[str] = ()
) -> dict[str, Any]:
    """Return what names of folders and files may say of patients: {} for nothing.

    Args:
        members: N paths of the pictures, with forward slashes.
        label: int (N,), class codes, -1 for none: only pictures of a class have a say. None: all are of one.
        classes: names of class folders, which are no patients'.

    Returns:
        `pictures` that are named so, `groups` that they make (an id in two classes is one), `line`: the override that
        uses them. No whole id is in it. `note`, where there is one: what else to know, as the end of a sentence.

    Example:
        >>> names = [f"{label}/PTc{patient:03}/{n}.png" for label in "ab" for patient in range(3) for n in range(4)]
        >>> hint = patient_hint(names, classes="ab")
        >>> hint["pictures"], hint["groups"], hint["line"]
        (24, 3, '-S \\'dataset.group_pattern="(?:^|/)(?P<group>PTc\\\\d+)/"\\'')
    """
    codes = [0] * len(members) if label is None else label.tolist()
    rows = [(member, code) for member, code in zip(members, codes, strict=True) if code >= 0]
    names, codes = [member for member, _ in rows], [code for _, code in rows]
    in_files = sorted((word_ids(names), head_ids(names, codes, classes)), key=len, reverse=True)
    for ids in (folder_ids(names, codes, classes), *in_files):
        if _is_enough(names, codes, ids) and (pattern := pattern_of(names, ids)):
            groups = len(set(ids.values()))
            return {"pictures": len(ids), "groups": groups, "line": value_line("dataset.group_pattern", pattern)}
    return _twins(names)


def _twins(names: Sequence[str]) -> dict[str, Any]:
    """Return the hint for files of one name in folders of several times, phases, windows or views."""
    if not (pattern := twin_pattern(names)):
        return {}
    found = [match for name in names if (match := re.search(pattern, name))]
    groups = {match["group"] for match in found}
    hint = {"pictures": len(found), "groups": len(groups), "line": value_line("dataset.group_pattern", pattern)}
    # "covid/baseline/1.png" and "normal/baseline/1.png" become one: that can part nobody.
    if len({(match.string[: match.start()], match["group"]) for match in found}) > len(groups):
        hint["note"] = " (files of one name below all of these folders count as one patient)"
    return hint


def _is_enough(members: Sequence[str], codes: Sequence[int], ids: Mapping[str, str]) -> bool:
    """Judge whether ids are worth a word: of many pictures of some class, several of which share theirs.

    A picture that lies in the set twice shares its id with itself only.
    """
    files = {(found, _behind(member, found)) for member, found in ids.items()}
    count_of = Counter(found for found, _ in files)
    of_class = Counter(codes)
    named, again = Counter[int](), Counter[int]()
    for member, code in zip(members, codes, strict=True):
        if (found := ids.get(member)) is not None:
            named[code] += 1
            again[code] += count_of[found] > 1
    ids_of = {
        code: {ids.get(member) for member, of in zip(members, codes, strict=True) if of == code} for code in of_class
    }
    if len(of_class) > 1 and all(len(found) == 1 for found in ids_of.values()):
        return False  # "Type 1/T1_001.png": what each picture of a class begins with is the class
    return len(count_of) > 1 and any(
        named[code] >= max(2, _LEAST_NAMED * total) and again[code] >= max(2, _LEAST_AGAIN * named[code])
        for code, total in of_class.items()
    )


def _behind(member: str, found: str) -> str:
    """Return what of a path lies below the folder of this name, else the file's own name."""
    _, folder, below = f"/{member}".rpartition(f"/{found}/")
    return below if folder else member.rpartition("/")[2]
