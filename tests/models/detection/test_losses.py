"""The loss against formulas written out, and the way down that it shows."""

import numpy as np
import pytest
from keras import ops

from chestbench.models.detection.losses import DetectionLoss, focal, generalised_iou


def value(x):
    return np.asarray(ops.convert_to_numpy(x), np.float64)


def test_generalised_iou_of_boxes_apart_together_and_within():
    first = np.array([[0, 0, 2, 2], [0, 0, 2, 2], [0, 0, 4, 4]], np.float32)
    second = np.array([[0, 0, 2, 2], [3, 0, 5, 2], [1, 1, 3, 3]], np.float32)
    # Apart: nothing shared, 8 together in a hull of 10.
    assert value(generalised_iou(first, second)) == pytest.approx([1.0, -0.2, 0.25], abs=1e-6)


def test_focal_loss_is_that_of_its_formula():
    logits = np.array([[[2.0], [-1.0]]], np.float32)
    chance = 1 / (1 + np.exp(-logits[0, :, 0]))
    wanted = [0.25 * (1 - chance[0]) ** 2 * -np.log(chance[0]), 0.75 * chance[1] ** 2 * -np.log(1 - chance[1])]
    assert value(focal(np.array([[0.0, -1.0]]), logits, 1))[0] == pytest.approx(wanted, rel=1e-5)


def truth_and_guess(shift=0.0):
    """Two images of three points, one of which holds a box of the second of two findings."""
    wanted = np.zeros((2, 3, 6), np.float32)
    wanted[..., 5] = -1
    wanted[0, 1] = [0, 0, 8, 8, 1.0, 1]
    said = np.zeros((2, 3, 4 + 2 + 2 + 1), np.float32)
    said[..., 2:4], said[..., 6:8] = 8, -9
    said[0, 1, :4], said[0, 1, 6:9] = [shift, 0, 8 + shift, 8], [-9, 9, 9]
    return wanted, said


def test_what_is_right_costs_nearly_nothing_and_more_the_farther_the_box():
    losses = [float(value(DetectionLoss(2)(*truth_and_guess(shift)))) for shift in (0.0, 2.0, 6.0, 20.0)]
    assert losses[0] < 1e-3 and all(np.diff(losses) > 0.1)


def test_no_box_in_a_batch_is_a_finite_loss():
    wanted, said = truth_and_guess()
    wanted[..., 4:] = 0, -1
    assert np.isfinite(value(DetectionLoss(2)(wanted, said)))


def test_what_is_not_finite_shows():
    wanted, said = truth_and_guess()
    said[1, 2, 0] = np.nan
    assert not np.isfinite(value(DetectionLoss(2)(wanted, said)))
