"""Codes that stand for patients and studies, and shapes of ids that can be shown: no id itself goes anywhere."""

import hashlib
import re
from collections.abc import Sequence

from chestbench.core.errors import ChestbenchError


def pseudonym(salt: str, kind: str, value: str) -> str:
    """Return the code of a patient or study: 16 hex digits, "" for an empty value.

    Equal values give equal codes under one salt; the value cannot be had back without the salt and a list of guesses.

    Args:
        salt: dataset.salt.
        kind: "patient" or "study".
        value: as in the header or path; white space around it is ignored, as DICOM pads with it.
    """
    value = value.strip(" \0\t\r\n")
    if not value:
        return ""
    return hashlib.blake2b(f"{salt}\0{kind}\0{value}".encode(), digest_size=8).hexdigest()


def shape_of(text: str) -> str:
    """Return what an id looks like without telling it, for messages: "ab12_image" gives "aa99_aaaaa"."""
    shape = "".join("9" if letter.isdigit() else "a" if letter.isalpha() else letter for letter in text)
    return shape if len(shape) <= 60 else f"{shape[:60]}..."


def part_of(pattern: re.Pattern[str] | None, part: str, text: str) -> str:
    """Return the part of `text` that a pattern names, "" where it does not match; all of it without a pattern."""
    if pattern is None:
        return text.strip()
    match = pattern.search(text)
    return (match[part] or "").strip() if match else ""


def compiled(key: str, pattern: str | None, members: Sequence[str], mend: str = "correct it") -> re.Pattern[str] | None:
    """Compile a pattern on members' paths; None for None.

    Args:
        key: what parameter it comes from, such as dataset.group_pattern.
        pattern: a regular expression, or None.
        members: paths, at least one.
        mend: what to do, for the message.

    Raises:
        ChestbenchError: it matches none of them. Paths may name people: the message has the shape of one only.
    """
    if pattern is None:
        return None
    found = re.compile(pattern)
    if not any(found.search(member) for member in members):
        raise ChestbenchError(
            f"{key}: expected a pattern that finds its part in the members' paths, "
            f"received {pattern!r}, which matches none of {len(members)}, which look like {shape_of(members[0])!r}; "
            f"{mend}"
        )
    return found
