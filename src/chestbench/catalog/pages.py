"""Pages of one file, and of files that share a picture, must not cross splits."""

import numpy as np

from chestbench.catalog.components import connected_components
from chestbench.catalog.verdicts import Verdict

_NONE = -1


def join_files(numbers: np.ndarray, first_of: np.ndarray) -> None:
    """Give files the same unit where a page of one is an exact duplicate of a picture of the other.

    The duplicate is left out, but the other pages of its file stay, and belong where the first copy is.

    Args:
        numbers: NUMBERS (N,), judged; `unit` is changed.
        first_of: int64 (N,), the row that each row duplicates, itself where it duplicates none.
    """
    duplicates = np.flatnonzero((numbers["verdict"] == Verdict.DUPLICATE) & (numbers["unit"] != _NONE))
    originals = first_of[duplicates]
    # The first copy may be a file of its own, which has no unit yet: it takes the duplicate's.
    alone = numbers["unit"][originals] == _NONE
    numbers["unit"][originals[alone]] = numbers["unit"][duplicates[alone]]
    units, place = np.unique(numbers["unit"], return_inverse=True)
    place = place.ravel()
    component = connected_components(len(units), [(place[duplicates], place[originals])])
    known = numbers["unit"] != _NONE
    lowest = np.full(len(units), np.iinfo(np.int32).max, np.int32)
    np.minimum.at(lowest, component[place[known]], numbers["unit"][known])
    numbers["unit"][known] = lowest[component[place[known]]]
