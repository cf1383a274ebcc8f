"""What is said of copies that were made of other pictures, and the line that leaves them out."""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from chestbench.catalog.folders.augmented_copies import Copies
from chestbench.catalog.folders.augmented_words import stem_of
from chestbench.catalog.override import value_line

logger = logging.getLogger(__name__)
# So large a share of the pictures named so, without an original, is worth a word.
_WORTH_A_WORD = 0.05
_MOST_PATTERNS = 6


def describe_copies(copies: Copies, members: Sequence[str], label: np.ndarray) -> dict[str, Any]:
    """Return what is said of copies, and say it in the log: {} for nothing.

    `pictures` that are copies, `of` so many others, by which `words`, `exclude`: the override that leaves them out,
    `without_original`: pictures whose names say that they are copies, of pictures that are not there.
    """
    said: dict[str, Any] = {}
    if count := int(copies.is_copy.sum()):
        of = len(np.unique(copies.original[copies.is_copy]))
        said |= {"pictures": count, "of": of, "words": dict(sorted(copies.words.items()))}
        line = _exclude_line(members, copies, label)
        said |= {"exclude": line} if line else {}
        logger.warning(
            "%d pictures are copies of %d others by their names (%s): each is of one group with its original, "
            "which no new split parts, and counts as a picture of its own%s",
            count, of, ", ".join(sorted(copies.words)), f"; leave them out with {line}" if line else "",
        )  # fmt: skip
    lonely = sum(copies.lonely.values())
    if lonely and lonely >= _WORTH_A_WORD * int((label >= 0).sum()):
        said["without_original"] = lonely
        logger.warning(
            "the names of %d pictures say that they were made of others (%s), which are not there by name: copies of "
            "one picture may stand in several parts of the split; dataset.group_pattern can say which part of the name "
            "is the original's",
            lonely, ", ".join(sorted(copies.lonely)),
        )  # fmt: skip
    return {"augmented_copies": said} if said else {}


def _exclude_line(members: Sequence[str], copies: Copies, label: np.ndarray) -> str:
    """Return the dataset.exclude that leaves out the copies and nothing else, "" where no few words do."""
    if any(sign in word for word in copies.words for sign in ".#[*?") or len(copies.words) > _MOST_PATTERNS:
        return ""
    told: dict[str, None] = {}  # what a name has, and "/" around a folder's name
    rest = []
    for row in np.flatnonzero(label >= 0).tolist():
        stem, folders = stem_of(members[row]), members[row].split("/")[:-1]
        if copies.is_copy[row]:
            found = [f"/{name}/" for name in folders if name in copies.words]
            of_stem = [stem[at : at + len(word)] for word in copies.words if (at := stem.lower().find(word)) >= 0]
            if not (found or of_stem):
                return ""
            told |= dict.fromkeys(found or of_stem)
        else:
            rest.append(f"/{members[row]}")
    if not told or len(told) > _MOST_PATTERNS or any(word in member for word in told for member in rest):
        return ""
    patterns = [(f"{word[1:]}*", f"*{word}*") if word.startswith("/") else (f"*{word}*",) for word in told]
    return value_line("dataset.exclude", [pattern for some in patterns for pattern in some])
