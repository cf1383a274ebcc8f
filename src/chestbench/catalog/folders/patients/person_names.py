"""Folders of people whose names hold the class: "tb_patient01", "normal_patient02"."""

import re
from collections.abc import Iterable

from chestbench.catalog.folders.words.finding_words import is_finding_word
from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.words import words_of

_MOST = 20


def class_in_names(folders: Iterable[str]) -> str:
    """Return a pattern whose part `label` is the one finding in the name of each person's folder, "" for none.

    Args:
        folders: paths, with forward slashes.

    Example:
        >>> class_in_names(["a/tb_patient01", "a/normal_patient02", "a/tb_patient03"])
        '(?:^|[^A-Za-z])(?P<label>normal|tb)(?![a-z])[^/]*/'
    """
    label_of: dict[str, str] = {}
    for folder in filter(None, folders):
        names = [name for name in folder.split("/") if role_of(name) is Role.ID]
        found = {spelt for name in names for word in words_of(name) if (spelt := _as_spelt(word, name))}
        if len(found) != 1:
            return ""
        label_of[folder] = found.pop()
    words = sorted(set(label_of.values()), key=lambda word: (-len(word), word))
    if not 2 <= len(words) <= _MOST:
        return ""
    pattern = rf"(?:^|[^A-Za-z])(?P<label>{'|'.join(words)})(?![a-z])[^/]*/"
    told = {folder: re.search(pattern, f"{folder}/x.png") for folder in label_of}
    return pattern if all(match and match["label"] == label_of[folder] for folder, match in told.items()) else ""


def _as_spelt(word: str, name: str) -> str:
    """Return a finding as it stands in a name, "" for other words."""
    at = name.lower().find(word)
    return name[at : at + len(word)] if at >= 0 and is_finding_word(word) else ""
