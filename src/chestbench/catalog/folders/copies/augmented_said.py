"""What is said of copies that were made of other pictures, and the line that leaves them out."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chestbench.catalog.folders.copies.augmented_copies import Copies
from chestbench.catalog.folders.words.augmented_words import may_be_augmented, stem_of
from chestbench.catalog.folders.words.derived import is_derived
from chestbench.catalog.folders.words.moment_words import is_moment
from chestbench.catalog.folders.words.rendition_words import counts_visits, is_rendition
from chestbench.catalog.folders.words.words import words_of
from chestbench.catalog.override import value_line

logger = logging.getLogger(__name__)
# So large a share of the pictures named so, without an original, is worth a word.
_WORTH_A_WORD = 0.05
_MOST_PATTERNS = 6


def describe_copies(copies: Copies, members: Sequence[str], label: np.ndarray) -> dict[str, Any]:
    """Return what is said of copies, and say it in the log: {} for nothing.

    `pictures` that are copies, `of` so many others, by which `words`, `exclude`: the override that leaves them out,
    `without_original`: pictures whose names say that they are copies, of pictures that are not there. What may be
    other pictures of the same patients (a later visit, another view) is `further`, likewise, without such a line.
    """
    said: dict[str, Any] = {}
    made = {row: word for row, word in copies.word_of.items() if says_copy(word)}
    further = {row: word for row, word in copies.word_of.items() if row not in made}
    if made:
        said |= _counted(made, copies)
        line = _exclude_line(members, made, label)
        said |= {"exclude": line} if line else {}
        logger.warning(
            "%d pictures are copies of %d others by their names (%s): each is of one group with its original, "
            "which no new split parts, and counts as a picture of its own%s",
            said["pictures"], said["of"], ", ".join(said["words"]), f"; leave them out with {line}" if line else "",
        )  # fmt: skip
    if further:
        found = _counted(further, copies)
        said["further"] = found
        logger.warning(
            "%d pictures are called after %d others (%s): further pictures of the same patients, such as another "
            "visit, phase or view, or copies; each is of one group with its other, which no new split parts, and "
            "counts as a picture of its own",
            found["pictures"], found["of"], ", ".join(found["words"]),
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


def says_copy(word: str) -> bool:
    """Tell what says how a picture was made of another from what may say anything: a visit, a view, a number.

    Args:
        word: of augmentation, what a name has more, or a folder's name.

    Example:
        >>> [says_copy(word) for word in ("flip", "lung window", " - Kopie", "_fu", "T1", "LAT", "HE")]
        [True, True, True, False, False, False, False]
    """
    if ".rf." in word:
        return True
    if counts_visits(words_of(word.replace("#", "2"))):
        return False
    is_shown = is_rendition(word)
    return is_shown or (not is_moment(word) and (is_derived(word) or may_be_augmented(word)))


def _counted(word_of: Mapping[int, str], copies: Copies) -> dict[str, Any]:
    rows = np.array(sorted(word_of), np.int64)
    words = dict(sorted(Counter(word_of.values()).items()))
    return {"pictures": len(rows), "of": len(np.unique(copies.original[rows])), "words": words}


def _exclude_line(members: Sequence[str], copies: Mapping[int, str], label: np.ndarray) -> str:
    """Return the dataset.exclude that leaves out the copies and nothing else, "" where no few words do."""
    words = set(copies.values())
    if any(sign in word for word in words for sign in ".#[*?") or len(words) > _MOST_PATTERNS:
        return ""
    told: dict[str, None] = {}  # what a name has, and "/" around a folder's name
    rest = []
    for row in np.flatnonzero(label >= 0).tolist():
        stem, folders = stem_of(members[row]), members[row].split("/")[:-1]
        if row in copies:
            found = [f"/{name}/" for name in folders if name in words]
            of_stem = [stem[at : at + len(word)] for word in sorted(words) if (at := stem.lower().find(word)) >= 0]
            if not (found or of_stem):
                return ""
            told |= dict.fromkeys(found or of_stem)
        else:
            rest.append(f"/{members[row]}")
    if not told or len(told) > _MOST_PATTERNS or any(word in member for word in told for member in rest):
        return ""
    patterns = [(f"{word[1:]}*", f"*{word}*") if word.startswith("/") else (f"*{word}*",) for word in told]
    return value_line("dataset.exclude", [pattern for some in patterns for pattern in some])
