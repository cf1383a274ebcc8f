"""Average precision of ranked boxes: COCO's mean over 101 recalls, and the area that PASCAL VOC 2010 takes.

T.-Y. Lin et al. 2014, Microsoft COCO, arXiv:1405.0312, as pycocotools computes it; M. Everingham et al. 2010, The
PASCAL VOC Challenge, IJCV 88:303, with the area under the whole curve that its devkit takes since 2010.
"""

import numpy as np

from chestbench.imaging.box_precision import RECALLS
from chestbench.measures.detection.ranked import Floats, Ints, Ranked


def coco_precision(ranked: Ranked, weights: Ints) -> Floats:
    """Return the mean, over 101 recalls, of the best precision at that recall or a higher one, (R,).

    NaN where a weighting leaves no truth. Of equal scores the order given decides.

    Args:
        ranked: answers of one finding.
        weights: how often each group counts, (R, G).
    """
    recall, best, truths = _curve(ranked, weights)
    # How many of the recalls each right answer is the first to reach.
    reached = np.searchsorted(RECALLS, recall, side="right")
    steps = np.diff(reached, axis=1, prepend=0)
    return np.where(truths > 0, (steps * best).sum(axis=1) / len(RECALLS), np.nan)


def voc_precision(ranked: Ranked, weights: Ints) -> Floats:
    """Return the area under the best precision at each recall or a higher one, (R,); NaN where there is no truth.

    Args:
        ranked: answers of one finding.
        weights: how often each group counts, (R, G).
    """
    recall, best, truths = _curve(ranked, weights)
    return np.where(truths > 0, (np.diff(recall, axis=1, prepend=0.0) * best).sum(axis=1), np.nan)


def _curve(ranked: Ranked, weights: Ints) -> tuple[Floats, Floats, Floats]:
    """Return recall at each right answer and the best precision from there on, both (R, K), and the truths, (R,)."""
    right, false, truths = ranked.counts(weights)
    precision = right / np.maximum(right + false, 1.0)
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    return right / np.maximum(truths, 1.0)[:, None], best, truths
