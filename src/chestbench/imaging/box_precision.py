"""Average precision of boxes that were found, as COCO counts it. Importable without keras.

T.-Y. Lin et al., Microsoft COCO, ECCV 2014, arXiv:1405.0312; the reference is pycocotools' COCOeval.
"""

from collections.abc import Sequence

import numpy as np

from chestbench.imaging.boxes import Boxes, iou

RECALLS = np.linspace(0.0, 1.0, 101)


def taken(truth: np.ndarray, found: np.ndarray, overlap: float) -> np.ndarray:
    """Return which drawn box each found one hits, int64 (m,), -1 for none: each takes the free one it overlaps most.

    Args:
        truth: (n, 4), corners of what was drawn.
        found: (m, 4), the surest first.
        overlap: least intersection over union of a hit.

    Example:
        >>> taken(np.array([[0.0, 0, 4, 4]]), np.array([[0.0, 0, 4, 4], [0, 0, 4, 3]]), 0.5).tolist()
        [0, -1]
    """
    takes, free = np.full(len(found), -1, np.int64), np.ones(len(truth), bool)
    for place, row in enumerate(iou(found, truth) if len(truth) else ()):
        open_to = np.where(free & (row >= overlap), row, -1.0)
        # Of equal ones COCO takes the last.
        best = len(row) - 1 - int(open_to[::-1].argmax())
        if open_to[best] >= 0:
            takes[place], free[best] = best, False
    return takes


def hits(truth: np.ndarray, found: np.ndarray, overlap: float) -> np.ndarray:
    """Return which boxes found hit one that was drawn, bool (m,), see `taken`."""
    return taken(truth, found, overlap) >= 0


def average_precision(truth: Sequence[Boxes], found: Sequence[Boxes], label: int = 0, overlap: float = 0.5) -> float:
    """Return the mean precision at 101 recalls of one class over all pictures, 0 to 1; NaN where none was drawn.

    Args:
        truth: boxes of each picture.
        found: boxes of each picture with their scores, in any order.
        label: the class.
        overlap: least intersection over union of a hit.

    Example:
        >>> drawn = [Boxes.of([[0, 0, 4, 4]]), Boxes.of([])]
        >>> average_precision(drawn, [Boxes.of([[0, 0, 4, 4]], scores=[0.9]), Boxes.of([[0, 0, 4, 4]], scores=[0.5])])
        1.0
    """
    scores, right, drawn = [np.zeros(0)], [np.zeros(0, bool)], 0
    for of_truth, of_found in zip(truth, found, strict=True):
        corners = of_truth.corners[of_truth.labels == label]
        chosen = of_found.take(of_found.labels == label)
        chosen = chosen.take(np.argsort(-chosen.scores, kind="stable"))
        scores.append(chosen.scores)
        right.append(hits(corners, chosen.corners, overlap))
        drawn += len(corners)
    if not drawn:
        return float("nan")
    order = np.argsort(-np.concatenate(scores), kind="stable")
    true = np.cumsum(np.concatenate(right)[order])
    precision = true / np.arange(1, len(true) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    # The first rank that reaches a recall; a recall that none reaches has precision 0.
    ranks = np.searchsorted(true / drawn, RECALLS, side="left")
    return float(np.append(envelope, 0.0)[ranks].mean())


def mean_average_precision(
    truth: Sequence[Boxes], found: Sequence[Boxes], n_labels: int, overlap: float = 0.5
) -> float:
    """Return the mean of `average_precision` over the classes of which a box was drawn; NaN where there is none."""
    each = np.array([average_precision(truth, found, label, overlap) for label in range(n_labels)])
    return float(np.nanmean(each)) if np.isfinite(each).any() else float("nan")
