"""Pages of one file, and of files that share a picture, must not cross splits."""

import logging

import numpy as np

from chestbench.catalog.components import connected_components
from chestbench.catalog.verdicts import Verdict

logger = logging.getLogger(__name__)

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


def page_notes(of_pages: int, beyond_first: int, not_read: int) -> dict[str, int]:
    """Return what the report says of files of several pages or frames, and log it; the counts are those of `Seen`."""
    if not_read:
        logger.warning(
            "dataset.frames=first: of %d files of several pages or frames the first is read, %d others are left out",
            of_pages,
            not_read,
        )
    elif of_pages:
        logger.info(
            "dataset.frames=each: %d files of several pages or frames are %d images, those of a file in one group",
            of_pages - beyond_first,
            of_pages,
        )
    return {
        "images_of_pages": of_pages,
        "pages_beyond_first": beyond_first,
        "pages_left_out": not_read,
    }
