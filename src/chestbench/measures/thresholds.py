"""The probability from which a class is called, one against the rest: chosen on val, judged on test.

A picture is called positive when the class's probability is at least the threshold.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chestbench.measures.curves import roc_curve
from chestbench.measures.record import Threshold

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]


def rule_name(wished_sensitivity: float | None) -> str:
    """Return `youden`, or `sensitivity 0.95`."""
    return "youden" if wished_sensitivity is None else f"sensitivity {wished_sensitivity:g}"


def choose_threshold(scores: Floats, positive: NDArray[np.bool_], wished_sensitivity: float | None) -> float | None:
    """Return a threshold among the scores, or None where there are no positives or no negatives to choose it by.

    Without a wish it maximises Youden's J = sensitivity + specificity - 1 (Youden 1950, Cancer 3:32), the highest such
    threshold where several do; with one it is the highest threshold whose sensitivity reaches the wish.

    Args:
        scores: probability of the class, (N,).
        positive: whether the image is of the class, (N,).
        wished_sensitivity: above 0, at most 1.
    """
    if positive.all() or not positive.any():
        return None
    fpr, tpr, thresholds = roc_curve(scores, positive)
    # The first point is the threshold above every score, which calls nothing.
    place = np.argmax(tpr[1:] - fpr[1:]) if wished_sensitivity is None else np.argmax(tpr[1:] >= wished_sensitivity)
    return float(thresholds[1 + place])


def choose_thresholds(
    labels: Ints,
    probabilities: Floats,
    classes: Sequence[str],
    wished_sensitivity: float | None = None,
    sought: str | None = None,
) -> tuple[dict[str, Threshold], list[str]]:
    """Return `{class: {"threshold": float or None, "rule": text}}` and a sentence for each that is not to be relied on.

    Args:
        labels: class index per image of val, (N,).
        probabilities: (N, C).
        classes: the C names.
        wished_sensitivity: see `choose_threshold`.
        sought: the class that the wish is for; the others then go without one. None: it is for each.
    """
    notes = []
    found: dict[str, Threshold] = {}
    for index, name in enumerate(classes):
        positive, scores = labels == index, probabilities[:, index]
        wish = wished_sensitivity if sought in (None, name) else None
        threshold, rule = choose_threshold(scores, positive, wish), rule_name(wish)
        found[name] = {"threshold": threshold, "rule": rule}
        if threshold is None:
            lack = "only images" if positive.any() else "no image"
            notes.append(f"no threshold for {name}: val has {lack} of it")
        elif (scores >= threshold).all():
            notes.append(f"the threshold for {name} calls every image of val: no other meets the rule {rule!r} better")
    return found, notes
