"""How much more than the baseline a detector finds: paired, over the same resamples of the groups.

What makes a patient easy or hard for both cancels (Efron and Tibshirani 1993, An Introduction to the Bootstrap, ch. 16;
see measures/paired.py, which does the same for classifiers). The interval is Student's t about the difference with the
bootstrap's standard error, with one degree of freedom less than there are groups with a box.
"""

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from chestbench.core.words import Figure
from chestbench.evaluation.detection.split import BoxSplit, Measuring
from chestbench.imaging.boxes import Boxes
from chestbench.measures.bounds import FEWEST_RESAMPLES, exact_bounds, expansion
from chestbench.measures.detection.intervals import BoxIntervals
from chestbench.measures.detection.measured import BoxSample
from chestbench.measures.detection.record import BoxesDifference
from chestbench.measures.paired import ROUNDING

COMPARED = ("map50", "map50_95", "froc")


def difference(split: BoxSplit, found: Sequence[Boxes], other: Sequence[Boxes], by: Measuring) -> BoxesDifference:
    """Return `found` minus `other` in each of `COMPARED`, each with its interval; None where one is not defined.

    Args:
        split: whose boxes both look for.
        found: on each of its pictures.
        other: likewise, such as the baseline's.
        by: how intervals are made.
    """
    samples = [BoxSample(split.truth, boxes, by.findings, split.groups) for boxes in (found, other)]
    own, others = (BoxIntervals(sample, by.resamples, by.confidence, by.seed) for sample in samples)
    behind = samples[0].groups_behind()
    return cast(
        "BoxesDifference",
        {
            name: _difference(
                float(own.point[name][0] - others.point[name][0]),
                own.drawn[name] - others.drawn[name],
                behind[name],
                by.confidence,
            )
            for name in COMPARED
        },
    )


def _difference(value: float, drawn: NDArray[np.floating], groups: int, confidence: float) -> Figure:
    if not np.isfinite(value):
        return {"value": None, "low": None, "high": None}
    drawn = drawn[np.isfinite(drawn)]
    if groups < 2 or len(drawn) < FEWEST_RESAMPLES:
        return {"value": value, "low": None, "high": None}
    error = float(drawn.std(ddof=1))
    # Every resample alike: the groups that were seen bound what was not.
    reach = expansion(groups - 1, confidence) * error if error > ROUNDING else exact_bounds(0.0, groups, confidence)[1]
    return {"value": value, "low": max(value - reach, -1.0), "high": min(value + reach, 1.0)}
