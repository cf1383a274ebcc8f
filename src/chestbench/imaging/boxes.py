"""Boxes on a picture, and how far two overlap. Importable without keras or OpenCV."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Boxes:
    """The boxes of one picture: those drawn by a reader, or those found by a detector.

    Attributes:
        corners: float64 (n, 4), each x0, y0, x1, y1 in pixels of the picture at hand: x to the right, y downwards,
            edges as places between pixels, so that a box over the first pixel alone is 0, 0, 1, 1; x1 > x0 and y1 > y0.
        labels: int64 (n,), the class of each box from 0.
        scores: float64 (n,), 0 to 1, how sure the detector is; of boxes that were drawn 1.
    """

    corners: np.ndarray
    labels: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    scores: np.ndarray = field(default_factory=lambda: np.ones(0))

    @classmethod
    def of(cls, corners: object, labels: object = None, scores: object = None) -> "Boxes":
        """Return boxes of anything that numpy reads; labels are 0 and scores 1 where they are not given.

        Raises:
            ValueError: lengths differ, a number is not finite, or a box has no area.

        Example:
            >>> boxes = Boxes.of([[0, 0, 4, 2]])
            >>> boxes.corners.tolist(), boxes.labels.tolist(), boxes.scores.tolist()
            ([[0.0, 0.0, 4.0, 2.0]], [0], [1.0])
        """
        places = np.asarray(corners, np.float64).reshape(-1, 4)
        count = len(places)
        kinds = np.zeros(count, np.int64) if labels is None else np.asarray(labels, np.int64).reshape(-1)
        sure = np.ones(count) if scores is None else np.asarray(scores, np.float64).reshape(-1)
        if not len(kinds) == len(sure) == count:
            raise ValueError(f"expected a label and a score per box, received {len(kinds)}, {len(sure)} of {count}")
        if not (np.isfinite(places).all() and np.isfinite(sure).all()):
            raise ValueError("expected finite corners and scores")
        if not (places[:, 2:] > places[:, :2]).all():
            raise ValueError("expected x1 > x0 and y1 > y0 of every box")
        return cls(places, kinds, sure)

    def __len__(self) -> int:
        return len(self.corners)

    def take(self, which: np.ndarray) -> "Boxes":
        """Return some of the boxes: bool (n,), or int (m,) in a new order."""
        return Boxes(self.corners[which], self.labels[which], self.scores[which])


def areas(corners: np.ndarray) -> np.ndarray:
    """Return the areas in square pixels, float64 (n,), of boxes (n, 4)."""
    return (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])


def iou(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the intersection over union of every pair, float64 (n, m) in 0 to 1, of boxes (n, 4) and (m, 4).

    Example:
        >>> iou(np.array([[0.0, 0, 2, 2]]), np.array([[0.0, 0, 2, 2], [1, 0, 3, 2], [5, 5, 6, 6]])).round(3).tolist()
        [[1.0, 0.333, 0.0]]
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=2)
    together = areas(first)[:, None] + areas(second)[None, :] - shared
    return np.divide(shared, together, out=np.zeros_like(shared), where=together > 0)
