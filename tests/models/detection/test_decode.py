"""From what is said at every point to boxes."""

import numpy as np

from chestbench.models.detection.decode import decode


def test_doubles_go_within_a_finding_and_stay_between_two():
    corners = np.array([[0, 0, 20, 20], [1, 0, 20, 20], [0, 0, 20, 19]], float)
    scores = np.array([[0.6, 0.0], [0.9, 0.0], [0.0, 0.5]])
    found = decode(corners, scores, 32)
    assert found.labels.tolist() == [0, 1] and found.scores.tolist() == [0.9, 0.5]


def test_a_chain_is_broken_at_its_surest():
    """A suppressed box suppresses none."""
    corners = np.array([[0, 0, 20, 10], [6, 0, 26, 10], [12, 0, 32, 10]], float)
    assert decode(corners, np.array([[0.9], [0.8], [0.7]]), 32).scores.tolist() == [0.9, 0.7]


def test_boxes_are_cut_at_the_edges_and_empty_ones_dropped():
    corners = np.array([[-9, -9, 8, 8], [40, 0, 50, 9], [3, 3, 3.5, 9]], float)
    found = decode(corners, np.array([[0.9], [0.8], [0.7]]), 32)
    assert found.corners.tolist() == [[0, 0, 8, 8]]


def test_the_surest_of_many_stay():
    rng = np.random.default_rng(0)
    low = rng.uniform(0, 400, (500, 2))
    scores = rng.uniform(0, 1, (500, 1))
    found = decode(np.concatenate([low, low + 6], axis=1), scores, 512, most=7)
    assert len(found) == 7 and (np.diff(found.scores) <= 0).all() and found.scores[0] == scores.max()


def test_nothing_found_is_no_box():
    found = decode(np.zeros((4, 4)), np.zeros((4, 2)), 32)
    assert len(found) == 0 and found.corners.shape == (0, 4)
