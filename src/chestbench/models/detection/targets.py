"""What a detector should say at each of its points. Without keras.

FCOS, arXiv:1904.01355, sections 3.1 and 3.2, with the center sampling of its journal version, arXiv:2006.09214.
"""

import numpy as np

from chestbench.imaging.boxes import Boxes, areas
from chestbench.models.detection.points import Points

# Points up to this many strides from a box's middle answer for it.
RADIUS = 1.5
NOTHING = -1.0
# Columns: four corners, centerness, label.
COLUMNS = 6


def targets_of(boxes: Boxes, points: Points) -> np.ndarray:
    """Return float32 (P, 6): corners x0, y0, x1, y1 in pixels, centerness (0 to 1) and the label, -1 for nothing.

    A point answers for a box when it lies in it, near its middle, and the farthest side is within what its level is
    for. Of several boxes it has the smallest; a box without such a point, thin and between two, has the nearest point
    within it of the level that suits its size, or the nearest of all, so that none is lost.

    >>> from chestbench.models.detection.points import Level, points_of
    >>> targets_of(Boxes.of([[1, 1, 7, 7]]), points_of([Level(2, 8.0)]))[:, 4:].tolist()
    [[1.0, 0.0], [0.0, -1.0], [0.0, -1.0], [0.0, -1.0]]
    """
    found = np.zeros((len(points.places), COLUMNS), np.float32)
    found[:, 5] = NOTHING
    if not len(boxes):
        return found
    corners = boxes.corners
    sides = _sides(points.places, corners)
    farthest = sides.max(axis=2)
    middles = (corners[:, :2] + corners[:, 2:]) / 2
    away = np.abs(points.places[:, None] - middles[None]).max(axis=2)
    is_near = away <= RADIUS * points.strides[:, None]
    suits = (farthest > points.nearest[:, None]) & (farthest <= points.farthest[:, None])
    answers = (sides.min(axis=2) > 0) & is_near & suits
    # The farthest side as it is from the middle decides the level of a box that no point answers for.
    from_middle = (corners[:, 2:] - corners[:, :2]).max(axis=1) / 2
    for box in np.flatnonzero(~answers.any(axis=0)):
        of_level = (from_middle[box] > points.nearest) & (from_middle[box] <= points.farthest)
        answers[np.argmin(np.where(of_level, away[:, box], np.inf)), box] = True
    sizes = np.where(answers, areas(corners)[None], np.inf)
    chosen = sizes.argmin(axis=1)
    rows = np.flatnonzero(answers.any(axis=1))
    chosen = chosen[rows]
    found[rows, :4] = corners[chosen]
    found[rows, 4] = centerness(sides[rows, chosen])
    found[rows, 5] = boxes.labels[chosen]
    return found


def centerness(sides: np.ndarray) -> np.ndarray:
    """Return how central points lie, 0 to 1, of distances (..., 4) to left, top, right and bottom (equation 3)."""
    sides = np.maximum(sides, 0.0)
    across, down = sides[..., [0, 2]], sides[..., [1, 3]]
    return np.sqrt(np.prod([part.min(axis=-1) / part.max(axis=-1) for part in (across, down)], axis=0))


def _sides(places: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return the distances (P, n, 4) of places (P, 2) to left, top, right and bottom of boxes (n, 4)."""
    return np.concatenate([places[:, None] - corners[None, :, :2], corners[None, :, 2:] - places[:, None]], axis=2)
