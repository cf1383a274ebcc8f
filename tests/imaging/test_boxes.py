"""Boxes on a picture."""

import numpy as np
import pytest

from chestbench.imaging.boxes import Boxes, areas, iou


def test_labels_and_scores_are_filled_in_and_boxes_can_be_taken() -> None:
    boxes = Boxes.of([[0, 0, 1, 1], [2, 2, 5, 4]], labels=[1, 0], scores=[0.5, 0.9])
    taken = boxes.take(np.argsort(-boxes.scores))
    assert taken.labels.tolist() == [0, 1]
    assert areas(taken.corners).tolist() == [6.0, 1.0]
    assert len(Boxes.of([])) == 0


@pytest.mark.parametrize(
    ("corners", "labels", "scores"),
    [
        ([[0, 0, 0, 1]], None, None),
        ([[3, 0, 1, 1]], None, None),
        ([[0, 0, np.nan, 1]], None, None),
        ([[0, 0, 1, 1]], [0, 1], None),
        ([[0, 0, 1, 1]], None, [np.inf]),
    ],
)
def test_what_is_no_box_is_refused(corners: object, labels: object, scores: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        Boxes.of(corners, labels, scores)


def test_overlap_is_symmetric_and_one_with_itself() -> None:
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 50, (20, 2))
    corners = np.concatenate([low, low + rng.uniform(1, 30, (20, 2))], axis=1)
    overlap = iou(corners, corners)
    assert np.allclose(overlap, overlap.T)
    assert np.allclose(np.diag(overlap), 1.0)
    assert ((overlap >= 0) & (overlap <= 1)).all()
    assert iou(corners, np.zeros((0, 4))).shape == (20, 0)
