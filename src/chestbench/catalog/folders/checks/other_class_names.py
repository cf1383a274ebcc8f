"""Pictures whose own names say another class than the folder that they lie in: "covid/normal_77.png"."""

import logging
from collections.abc import Sequence

import numpy as np

from chestbench.catalog.folders.words.augmented_words import stem_of
from chestbench.catalog.folders.words.finding_words import is_finding_word, same_words

logger = logging.getLogger(__name__)
# Where more names contradict their folders, the words in them mean something else.
_MOST = 0.3
_SHOWN = 3


def warn_of_other_classes(members: Sequence[str], label: np.ndarray, classes: Sequence[str]) -> int:
    """Say how many pictures have another class in their name; only where most names of that class hold it.

    Args:
        members: N paths, with forward slashes.
        label: int (N,), class codes, -1 for members that have no say.
        classes: names, in the order of the codes.

    Returns:
        How many there are.
    """
    words = [frozenset(same_words(name)) for name in classes]
    usable = [
        bool(own) and any(map(is_finding_word, own)) and not any(own <= other for other in words[:at] + words[at + 1 :])
        for at, own in enumerate(words)
    ]
    rows = np.flatnonzero(label >= 0).tolist()
    if not any(usable):
        return 0
    said = {row: _class_said(stem_of(members[row]), words, usable) for row in rows}
    naming = {code for code in range(len(classes)) if _mostly(said, rows, label, code)}
    other = [row for row in rows if said[row] in naming and said[row] != label[row]]
    if not other or len(other) > _MOST * len(rows):
        return 0
    shown = ", ".join(members[row] for row in other[:_SHOWN])
    logger.warning(
        "the names of %d pictures say another class than their folder (%s): they count as the folder says; move them, "
        "or leave them out with dataset.exclude, if the folder is wrong",
        len(other),
        shown + (f" and {len(other) - _SHOWN} more" if len(other) > _SHOWN else ""),
    )
    return len(other)


def _class_said(stem: str, words: Sequence[frozenset[str]], usable: Sequence[bool]) -> int:
    """Return the one class whose words a name holds, the longest where one holds another's; -1 for none or two."""
    found = set(same_words(stem))
    told = [code for code, own in enumerate(words) if own and own <= found]
    told = [code for code in told if not any(words[code] < words[other] for other in told)]
    return told[0] if len(told) == 1 and usable[told[0]] else -1


def _mostly(said: dict[int, int], rows: Sequence[int], label: np.ndarray, code: int) -> bool:
    of_class = [said[row] == code for row in rows if label[row] == code]
    return 2 * sum(of_class) > len(of_class)
