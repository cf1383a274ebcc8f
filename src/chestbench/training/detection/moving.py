"""Boxes that move with their picture."""

import numpy as np

from chestbench.imaging.boxes import Boxes, areas

# Of a box that is cut at the edge of the picture less than this share is no box any more.
LEAST_SHARE = 0.25
# Nor what is thinner, in pixels.
THINNEST = 2.0


def moved(boxes: Boxes, matrix: np.ndarray, width: int, height: int) -> Boxes:
    """Return the boxes of a picture after an affine move, cut at its edges; what is left of hardly any is dropped.

    The new box is the one around the ellipse that fills the old: findings are round, and the box around four turned
    corners would grow with every degree. A. Kalra et al., Towards Rotation Invariance in Object Detection, ICCV 2021,
    arXiv:2109.13488. Without rotation and shear it is the moved box itself.

    Args:
        boxes: in pixels, edges between pixels.
        matrix: float (2, 3), moves the middles of pixels, see `chestbench.training.augment.augment_and_tell`.
        width: of the picture in pixels.
        height: of the picture.

    Example:
        >>> moved(Boxes.of([[1, 1, 3, 4]]), np.array([[1.0, 0, 5], [0, 1, 0]]), 16, 16).corners.tolist()
        [[6.0, 1.0, 8.0, 4.0]]
    """
    if not len(boxes):
        return boxes
    turn = matrix[:, :2]
    middles = (boxes.corners[:, :2] + boxes.corners[:, 2:]) / 2
    halves = (boxes.corners[:, 2:] - boxes.corners[:, :2]) / 2
    # The middle of pixel (0, 0) lies half a pixel from the picture's edges.
    middles = (middles - 0.5) @ turn.T + matrix[:, 2] + 0.5
    halves = np.sqrt(np.square(halves) @ np.square(turn).T)
    whole = np.concatenate([middles - halves, middles + halves], axis=1)
    cut = np.clip(whole, 0.0, [width, height, width, height])
    sides = (cut[:, 2:] - cut[:, :2]).min(axis=1)
    stays = (sides >= THINNEST) & (areas(cut) >= LEAST_SHARE * areas(whole))
    return Boxes(cut, boxes.labels, boxes.scores).take(stays)
