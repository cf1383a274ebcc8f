"""Patients whose numbers stand in files' names: pointed out with the line that uses them, never used unasked."""

import re
from collections.abc import Sequence
from typing import Any

from chestbench.catalog.override import value_line

# A word that means a person, and its number: person12_virus.jpeg, patient-003_2.png, "Subject 7 a.png", PID0042.png.
_WORDS = ("patient", "person", "subject", "subj", "pid", "case")
_LEAST_SHARE = 1 / 3


def patient_hint(members: Sequence[str]) -> dict[str, Any]:
    """Return what the names of files may say of patients: {} for nothing.

    Args:
        members: paths of the pictures, with forward slashes.

    Returns:
        `pictures` that are named so (a third or more of all), `groups` that they make (fewer than the pictures),
        `line`: the override that uses them. No name of a file is in it.

    Example:
        >>> names = ["a/person1_virus_6.jpeg", "a/person1_virus_7.jpeg", "b/person2_bacteria_1.jpeg"]
        >>> hint = patient_hint(names)
        >>> hint["pictures"], hint["groups"]
        (3, 2)
    """
    best: dict[str, Any] = {}
    for word in _WORDS:
        pattern = re.compile(rf"(?i)(?<![a-z])(?P<group>{word}[ _-]?\d+)(?=[^/]*$)")
        found = [match["group"] for member in members if (match := pattern.search(member))]
        groups = len(set(found))
        is_enough = len(found) >= max(2, _LEAST_SHARE * len(members)) and 1 < groups < len(found)
        if is_enough and len(found) > best.get("pictures", 0):
            line = value_line("dataset.group_pattern", pattern.pattern)
            best = {"pictures": len(found), "groups": groups, "line": line}
    return best
