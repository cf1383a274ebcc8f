"""Parts of a split from two places, such as folders and lists: usable or not, alike or not."""

import logging
from dataclasses import replace

import numpy as np

from chestbench.catalog.layout import Layout
from chestbench.catalog.records import SPLITS
from chestbench.core.errors import ChestbenchError

logger = logging.getLogger(__name__)


def is_usable(given: np.ndarray, what: str) -> bool:
    """Judge a given split: train with val or test (or both) is one; a single part is none, and said.

    Args:
        given: int8 (N,), 0 train, 1 val, 2 test, -1 none.
        what: gives the split, for messages.

    Raises:
        ChestbenchError: val and test without train.
    """
    found = set(np.unique(given[given >= 0]).tolist())
    if len(found) == 2 and 0 not in found:
        raise ChestbenchError(
            f"given split: expected train beside val and test in {what}, found none; add it, or set "
            "dataset.given_split=ignore to split anew"
        )
    if len(found) == 1:
        logger.warning("%s: only %s, which is no split, so it is not used", what, SPLITS[found.pop()])
        return False
    return len(found) > 1


def join_parts(first: np.ndarray | None, second: np.ndarray, names: tuple[str, str]) -> np.ndarray:
    """Return one split from two that do not contradict each other: int8 (N,).

    Args:
        first: int8 (N,), or None.
        second: int8 (N,); fills what the first leaves open.
        names: what gives them, for messages.

    Raises:
        ChestbenchError: they put pictures in different parts; shows how many of which.
    """
    if first is None:
        return second
    differ = (first >= 0) & (second >= 0) & (first != second)
    if differ.any():
        pairs, counts = np.unique(np.stack([first[differ], second[differ]]), axis=1, return_counts=True)
        shown = "; ".join(
            f"{count} pictures are in {SPLITS[a]} by {names[0]} and in {SPLITS[b]} by {names[1]}"
            for (a, b), count in zip(pairs.T.tolist(), counts.tolist(), strict=True)
        )
        raise ChestbenchError(
            f"given split: expected one split, received two that contradict each other: {shown} (of {len(first)}); "
            "leave the wrong one out with dataset.exclude (or dataset.labels.split), or set "
            "dataset.given_split=ignore to split anew"
        )
    return np.where(second >= 0, second, first).astype(np.int8)


def without_named_split(layout: Layout, given: np.ndarray, what: str) -> Layout:
    """Return the layout without the split of the pictures' names, where it has one: what is stated elsewhere is better.

    Args:
        layout: of N members.
        given: int8 (N,), the split that is stated, -1 for none.
        what: gives it, for the log.
    """
    if "split_in_names" not in layout.said:
        return layout
    differ = int(((layout.given >= 0) & (given >= 0) & (layout.given != given)).sum())
    if differ:
        logger.warning(
            "the names of %d pictures hold the word of another part of the split than %s says, which is followed",
            differ,
            what,
        )
    said = {key: value for key, value in layout.said.items() if key != "split_in_names"}
    return replace(layout, given=np.full_like(layout.given, -1), is_split=False, said=said)
