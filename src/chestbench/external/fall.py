"""How far balanced accuracy falls from a network's own test to a set from elsewhere."""

import math

import numpy as np

from chestbench.measures.other_records import Fall
from chestbench.measures.record import Figure, SplitRecord


def fall(own: SplitRecord, there: SplitRecord) -> Fall:
    """Return how far the balanced accuracy falls.

    `drop` is the balanced accuracy on the own test images less that elsewhere, over the classes that both have,
    `compared`. Where that is all of them, `drop_low` and `drop_high` bound it (`difference`), else None.

    Args:
        own: record of `split_record` of a network on its own test.
        there: the same elsewhere, over the same classes.
    """
    compared = [
        name
        for name, measures in there["per_class"].items()
        if measures["images"] and own["per_class"][name]["sensitivity"]["value"] is not None
    ]
    means = [
        float(np.mean([record["per_class"][name]["sensitivity"]["value"] for name in compared])) if compared else None
        for record in (own, there)
    ]
    drop, low, high = None, None, None
    if means[0] is not None and means[1] is not None:
        drop = means[0] - means[1]
        if len(compared) == len(own["per_class"]):
            low, high = difference(own["balanced_accuracy"], there["balanced_accuracy"])
    return Fall(compared=compared, own_test_balanced_accuracy=means[0], drop=drop, drop_low=low, drop_high=high)


def difference(first: Figure, second: Figure) -> tuple[float | None, float | None]:
    """Return the bounds of first - second, of independent samples, from the bounds of each; None where one has none.

    MOVER, the method of variance estimates recovery: Zou and Donner 2008, Statistics in Medicine 27:1693.
    """
    a, b = first["value"], second["value"]
    if a is None or b is None:
        return None, None
    bounds = (first["low"], first["high"], second["low"], second["high"])
    if any(bound is None for bound in bounds):
        return None, None
    a_low, a_high, b_low, b_high = (float(bound) for bound in bounds if bound is not None)
    low = a - b - math.hypot(a - a_low, b_high - b)
    return low, a - b + math.hypot(a_high - a, b - b_low)
