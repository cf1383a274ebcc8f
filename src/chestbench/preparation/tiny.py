"""Too little is said to be too little: how many groups of each class a part needs before a figure means anything."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chestbench.core.errors import ChestbenchError

# Groups (patients, studies or clusters of look-alikes) of each class. Below three no interval can be had, and the pick
# on val is a coin's; from fewer than ten a network learns these very people.
LEAST = {"train": 10, "val": 3, "test": 3}
ALLOW = "dataset.allow_tiny=true"
_NAMED = 5  # classes of a part; of more it is said how many


def count_groups(
    split: np.ndarray, label: np.ndarray, group: np.ndarray, classes: Sequence[str], parts: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Return part -> class -> groups with an image of it.

    Args:
        split: int (N,), index into `parts`.
        label: (N,) names.
        group: (N,) names.
        classes: in the order of the answer.
        parts: train, val and test.
    """
    return {
        part: {name: len(np.unique(group[(split == code) & (label == name)])) for name in classes}
        for code, part in enumerate(parts)
    }


def too_little(groups: Mapping[str, Mapping[str, int]]) -> list[str]:
    """Return what there is too little of, a phrase for each part; none where there is enough.

    >>> too_little({"train": {"a": 12, "b": 4}, "val": {"a": 2, "b": 0}, "test": {"a": 3, "b": 3}})
    ['train has 4 groups of b (10 are needed)', 'val has 2 groups of a and 0 of b (3 are needed)']

    Args:
        groups: from `count_groups`.
    """
    found = []
    for part, least in LEAST.items():
        few = [(count, name) for name, count in groups[part].items() if count < least]
        if few:
            (count, name), *others = few
            first = f"{count} group{'' if count == 1 else 's'} of {name}"
            listed = [first, *(f"{count} of {name}" for count, name in others[: _NAMED - 1])]
            if len(few) > _NAMED:
                listed.append(f"too few of {len(few) - _NAMED} classes more")
            found.append(f"{part} has {_joined(listed)} ({least} are needed)")
    return found


def split_advice(groups: Mapping[str, Mapping[str, int]], is_given: bool) -> str:
    """Return what to do about too little, in words.

    Args:
        groups: from `count_groups`.
        is_given: whether the archive's own split is followed.
    """
    classes = next(iter(groups.values()))
    enough = all(sum(groups[part][name] for part in groups) >= sum(LEAST.values()) for name in classes)
    if enough:
        way = "dataset.given_split=ignore splits anew" if is_given else "split.train, split.val and split.test decide"
        return f"the whole set has enough: {way}"
    return "add images of other patients"


def refuse_tiny(info: Mapping[str, Any]) -> None:
    """Refuse to train where there is too little, unless that is allowed.

    Args:
        info: info.json of the preprocess stage.

    Raises:
        ChestbenchError: says what there is, what is needed and how to go on all the same.
    """
    reasons = info.get("tiny")
    if reasons and not info.get("allow_tiny"):
        needed = f"{LEAST['train']} groups (patients, or clusters of look-alike images) of each class in train"
        raise ChestbenchError(
            f"data/split: expected {needed} and {LEAST['val']} in val and in test, received too few: "
            f"{'; '.join(reasons)}; add images of other patients (or, where the split is drawn here, change its "
            f"shares), or train all the same with {ALLOW}: every result then says so. The audit takes what there is: "
            "`dvc repro audit`"
        )


def _joined(phrases: Sequence[str]) -> str:
    *most, last = phrases
    return f"{', '.join(most)} and {last}" if most else last
