"""From what a detector says at every point to the boxes of a picture. Without keras."""

import numpy as np

from chestbench.imaging.boxes import Boxes, iou

# Of scores that are the root of a product; both curves and free-response need boxes that are hardly believed, too.
LEAST_SCORE = 0.05
MOST_OVERLAP = 0.5
MOST_CANDIDATES = 300
MOST_BOXES = 100
# Pixels; what is thinner is no box.
THINNEST = 1.0


def decode(
    corners: np.ndarray,
    scores: np.ndarray,
    size: int,
    least_score: float = LEAST_SCORE,
    most_overlap: float = MOST_OVERLAP,
    most: int = MOST_BOXES,
) -> Boxes:
    """Return the boxes of one picture, surest first, cut at its edges, of each finding by itself without near doubles.

    Args:
        corners: float (P, 4), x0, y0, x1, y1 in pixels.
        scores: float (P, C), 0 to 1.
        size: side of the square picture in pixels.
        least_score: boxes below are left out.
        most_overlap: of two boxes of a finding whose intersection over union is above, the surer one stays.
        most: boxes of a picture.

    Example:
        >>> corners = np.array([[0, 0, 9, 9], [1, 0, 9, 9], [20, 20, 40, 30]])
        >>> found = decode(corners, np.array([[0.8], [0.9], [0.3]]), size=32)
        >>> found.corners.tolist(), found.scores.tolist()
        ([[1.0, 0.0, 9.0, 9.0], [20.0, 20.0, 32.0, 30.0]], [0.9, 0.3])
    """
    places = np.clip(np.asarray(corners, np.float64), 0, size)
    points, labels = np.nonzero(scores >= least_score)
    is_box = (places[points, 2:] - places[points, :2] >= THINNEST).all(axis=1)
    points, labels = points[is_box], labels[is_box]
    sure = np.asarray(scores, np.float64)[points, labels]
    # Stable: of equal scores the one before, whatever the machine.
    order = np.argsort(-sure, kind="stable")[:MOST_CANDIDATES]
    found = Boxes(places[points[order]], labels[order].astype(np.int64), sure[order])
    return found.take(without_doubles(found, most_overlap)[:most])


def without_doubles(boxes: Boxes, most_overlap: float) -> np.ndarray:
    """Return which boxes stay, int (m,), of boxes that come surest first: non-maximum suppression class by class."""
    doubles = (iou(boxes.corners, boxes.corners) > most_overlap) & (boxes.labels[:, None] == boxes.labels[None])
    stays = np.ones(len(boxes), bool)
    for place in range(len(boxes)):
        if stays[place]:
            stays[place + 1 :] &= ~doubles[place, place + 1 :]
    return np.flatnonzero(stays)
