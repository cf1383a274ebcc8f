"""From which score on a box is drawn: chosen on val, used on test, in pictures, in the card and by `predict`."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chestbench.core.words import Figure
from chestbench.evaluation.detection.judging import OUTCOMES, OVERLAP, Judged
from chestbench.measures.bounds import FEWEST_RESAMPLES, exact_bounds, expansion, logit_bounds
from chestbench.measures.detection.record import AtWorkingPoint, WorkingPoint
from chestbench.measures.resampled import group_codes
from chestbench.measures.resampling import group_draws

Floats = NDArray[np.floating]
RULE = "best F1 of the boxes on val"
NO_RULE = "none: on val no found box is right"


def choose_threshold(val: Sequence[Judged]) -> WorkingPoint:
    """Return the score with the best F1 over all boxes of val; of equal ones the highest, which draws fewest boxes.

    F1 is the harmonic mean of sensitivity and positive predictive value, 2 right / (right + false + drawn): it weighs a
    box that is missed as one that is false, and needs no rate of false boxes to be chosen for each data set.

    Args:
        val: the pictures of val.

    Returns:
        With the threshold None where no found box is right.
    """
    scores = np.concatenate([np.zeros(0), *(picture.found.scores for picture in val)])
    right = np.concatenate([np.zeros(0, bool), *(picture.right for picture in val)])
    drawn = sum(len(picture.truth) for picture in val)
    if not right.any():
        return {"threshold": None, "rule": NO_RULE, "overlap": OVERLAP}
    order = np.argsort(-scores, kind="stable")
    f1 = 2 * np.cumsum(right[order]) / (np.arange(1, len(order) + 1) + drawn)
    # Boxes of one score are drawn together.
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    best = ends[np.argmax(f1[ends])]
    return {"threshold": float(scores[order][best]), "rule": RULE, "overlap": OVERLAP}


def at_threshold(
    pictures: Sequence[Judged], threshold: float, groups: Sequence[str], resamples: int, confidence: float, seed: int
) -> AtWorkingPoint:
    """Return what the boxes from a score on are worth, with intervals over groups.

    Sensitivity is the share of the drawn boxes that are found, ppv the share of the found that are right; a share of
    nothing is None.

    Args:
        pictures: of one split.
        threshold: the lowest score that is drawn.
        groups: patient or look-alike group of each picture.
        resamples: bootstrap resamples.
        confidence: coverage of the intervals.
        seed: of the drawing.
    """
    shown = [picture.at(threshold) for picture in pictures]
    codes = group_codes(groups)
    counts = np.array([[p.right.sum(), p.missed.sum(), (~p.right).sum(), 1] for p in shown], np.float64)
    by_group = np.zeros((int(codes.max()) + 1, 4))
    np.add.at(by_group, codes, counts)
    right, missed, false, _ = by_group.T
    drawn = np.concatenate([table @ by_group for table in group_draws(len(by_group), resamples, seed)])
    outcomes = Counter(picture.outcome for picture in shown)
    shares = {
        "sensitivity": (right, right + missed, drawn[:, 0], drawn[:, 0] + drawn[:, 1]),
        "ppv": (right, right + false, drawn[:, 0], drawn[:, 0] + drawn[:, 2]),
    }
    figures = {name: _share(*parts, confidence) for name, parts in shares.items()}
    return {
        "right": int(right.sum()),
        "missed": int(missed.sum()),
        "false": int(false.sum()),
        "sensitivity": figures["sensitivity"],
        "ppv": figures["ppv"],
        "false_per_image": _rate(false, len(pictures), drawn[:, 2] / drawn[:, 3], confidence),
        "pictures": {outcome: outcomes[outcome] for outcome in OUTCOMES},
    }


def _share(part: Floats, whole: Floats, drawn_part: Floats, drawn_whole: Floats, confidence: float) -> Figure:
    """Return a share with its interval, from counts of each group (G,) and of each resample (R,)."""
    behind = int((whole > 0).sum())
    if not behind:
        return {"value": None, "low": None, "high": None}
    value = float(part.sum() / whole.sum())
    defined = drawn_whole > 0
    if behind < 2 or defined.sum() < FEWEST_RESAMPLES:
        return {"value": value, "low": None, "high": None}
    if value in (0.0, 1.0):
        low, high = exact_bounds(value, behind, confidence)
    else:
        low, high = logit_bounds(value, drawn_part[defined] / drawn_whole[defined], behind - 1, confidence)
    return {"value": value, "low": low, "high": high}


def _rate(events: Floats, images: int, drawn: Floats, confidence: float) -> Figure:
    """Return events per image with an interval on the logarithmic scale; of none the upper end of Poisson's.

    None in n groups: each group stands for one trial, and -log((1 - confidence) / 2) events in all would give none with
    that chance.
    """
    groups, value = len(events), float(events.sum() / images)
    if groups < 2 or len(drawn) < FEWEST_RESAMPLES:
        return {"value": value, "low": None, "high": None}
    if not value:
        return {"value": 0.0, "low": 0.0, "high": float(-np.log((1 - confidence) / 2) / images)}
    reach = expansion(groups - 1, confidence) * float(drawn.std(ddof=1)) / value
    return {"value": value, "low": value * float(np.exp(-reach)), "high": value * float(np.exp(reach))}
