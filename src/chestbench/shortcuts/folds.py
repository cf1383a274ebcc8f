"""Who judges whom in the shortcut audit: every image by a model that has seen none of its patient's.

Fitting on train and judging on val and test alone would be the plain way. But ten test patients, of whom three are ill,
agree with a useless property by chance so often that a warning would mean nothing, and a real shortcut would be missed
as often. So the data set's own split is the first fold (fitted on train, judged on val and test together), and train is
cut into folds of about the same size, each judged by what was fitted on all others (cross-fitting). Every patient then
counts once, and the interval is some half as wide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chestbench.core.errors import ChestbenchError
from chestbench.measures.intervals import evaluate_split
from chestbench.preparation.splitting import split_groups

ABOVE = 0.6  # a warning is due when the whole interval of the AUC lies above
NEARLY_ALWAYS = 0.9  # an AUC that no shortcut should be missed with
FEWEST_GROUPS = 5  # of a class; one with fewer cannot be judged
MOST_FOLDS = 4  # of train
RESAMPLES, CONFIDENCE = 1000, 0.95


@dataclass(frozen=True)
class Folds:
    """The images that are judged, and how.

    Attributes:
        chosen: int64 (N,), rows of the judged images in the table of all.
        label: int64 (N,), 0 to C - 1, into `classes`.
        group: (N,) names.
        fold: int8 (N,), the fold in which an image is judged; it is fitted on in all others. 0 is val and test.
        classes: names of the C classes with enough groups.
        left_out: class name -> number of its groups, of each other class.
    """

    chosen: np.ndarray
    label: np.ndarray
    group: np.ndarray
    fold: np.ndarray
    classes: list[str]
    left_out: dict[str, int]


class TooFew(Exception):
    """There is too little to judge; the message says of what."""


def make_folds(
    label: np.ndarray, group: np.ndarray, is_train: np.ndarray, classes: Sequence[str], seed: int, most: int
) -> Folds:
    """Choose what is judged and cut it into folds by whole groups, each class in each where its groups suffice.

    Args:
        label: int (N,), into `classes`.
        group: (N,) names.
        is_train: bool (N,).
        classes: names, also of classes without images.
        seed: of the folds and of the choice.
        most: images; of more, whole groups are left out at random.

    Raises:
        TooFew: less than two classes have FEWEST_GROUPS groups, or they cannot be cut into two folds.
    """
    groups_of = [len(np.unique(group[label == code])) for code in range(len(classes))]
    judged = [code for code, count in enumerate(groups_of) if count >= FEWEST_GROUPS]
    left_out = {classes[code]: count for code, count in enumerate(groups_of) if code not in judged}
    if len(judged) < 2:
        known = ", ".join(f"{name} {count}" for name, count in zip(classes, groups_of, strict=True))
        raise TooFew(
            f"expected two classes of {FEWEST_GROUPS} patients (or groups) or more each, received {known}: "
            "so few agree with anything by chance"
        )
    chosen = np.flatnonzero(np.isin(label, judged))
    chosen = chosen[_some_groups(group[chosen], seed, most)]
    new_label = np.searchsorted(judged, label[chosen])
    # A patient on both sides of a given split is judged with val and test, and never fitted on there.
    held = np.isin(group[chosen], group[chosen][~is_train[chosen]])
    fold = np.zeros(len(chosen), np.int8)
    if held.all() or not held.any():  # every patient of train is in val or test as well, or there is but one part
        fold = _cut(new_label, group[chosen], 3, seed)
    else:
        fold[~held] = 1 + _cut(new_label[~held], group[chosen][~held], round((~held).sum() / held.sum()), seed)
    if len(np.unique(fold)) < 2:
        raise TooFew("expected patients (or groups) that can be parted without parting a class from all others")
    return Folds(chosen, new_label, group[chosen], fold, [classes[code] for code in judged], left_out)


def judge(folds: Folds, probabilities: np.ndarray, seed: int, confidence: float = CONFIDENCE) -> dict[str, Any]:
    """Return the macro AUC of cross-fitted probabilities, float (N, C), as value, low and high (by groups)."""
    groups = folds.group.tolist()
    record = evaluate_split(folds.label, probabilities, groups, folds.classes, RESAMPLES, confidence, seed)
    return dict(record["macro_auc"])


def is_above(auc: dict[str, Any]) -> bool:
    """Tell whether the whole interval lies above ABOVE."""
    return auc["low"] is not None and auc["low"] > ABOVE


def tells_nothing(auc: dict[str, Any]) -> bool:
    """Tell whether there are too few images: the interval holds chance and NEARLY_ALWAYS alike, or there is none."""
    return auc["low"] is None or (auc["low"] <= 0.5 and auc["high"] >= NEARLY_ALWAYS)


def _some_groups(group: np.ndarray, seed: int, most: int) -> np.ndarray:
    """Return the places of all images, or of those of as many random groups as have `most` images."""
    if len(group) <= most:
        return np.arange(len(group))
    names, code, count = np.unique(group, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    kept = order[np.cumsum(count[order]) <= most]
    return np.flatnonzero(np.isin(code.ravel(), kept))


def _cut(label: np.ndarray, group: np.ndarray, wanted: int, seed: int) -> np.ndarray:
    """Cut train into about `wanted` folds, int8 (N,): fewer when a class has fewer groups there."""
    fewest = min(len(np.unique(group[label == code])) for code in np.unique(label))
    number = max(1, min(wanted, MOST_FOLDS, fewest))
    while number > 1:
        try:
            return split_groups(label, group, {str(place): 1.0 for place in range(number)}, seed)
        except ChestbenchError:  # groups of several classes each that cannot be dealt out so finely
            number -= 1
    return np.zeros(len(label), np.int8)
