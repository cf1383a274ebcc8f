"""The images on the sheet show every kind of hit and miss."""

import numpy as np
import pytest

from chestbench.figures.examples import choose_images


def test_a_class_that_is_looked_for_gives_true_and_false_positives_and_negatives() -> None:
    labels = np.array([0] * 50 + [1] * 50)
    predicted = labels.copy()
    predicted[[3, 60, 61]] = 1 - predicted[[3, 60, 61]]
    confidence = np.linspace(0.5, 0.99, 100)
    found = choose_images(labels, predicted, confidence, ["Normal", "COVID"], 8, 1)
    shown = {one.kind: (one.count, one.places) for one in found}
    assert shown == {
        "true positives": (48, [99, 98, 97]),
        "false positives": (1, [3]),
        "false negatives": (2, [61, 60]),
        "true negatives": (49, [49, 48]),
    }
    assert {one.label for one in found} == {1}


def test_the_kinds_turn_round_when_the_first_class_is_the_positive_one() -> None:
    found = choose_images(np.array([0, 1]), np.array([0, 0]), np.ones(2), ["COVID", "non-COVID"], 4, 0)
    assert [(one.kind, one.places) for one in found][:2] == [("true positives", [0]), ("false positives", [1])]


def test_two_classes_of_which_none_is_looked_for_are_treated_alike() -> None:
    found = choose_images(np.array([0, 1]), np.array([0, 0]), np.ones(2), ["viral", "bacterial"], 4, None)
    assert [(one.kind, one.label, one.places) for one in found] == [
        ("correct", 0, [0]),
        ("wrong", 0, []),
        ("correct", 1, []),
        ("wrong", 1, [1]),
    ]


def test_one_of_several_classes_can_be_looked_for() -> None:
    labels, predicted = np.array([0, 1, 2, 2]), np.array([2, 1, 2, 1])
    found = choose_images(labels, predicted, np.ones(4), ["a", "b", "c"], 9, 2)
    assert [(one.kind, one.places) for one in found] == [
        ("true positives", [2]),
        ("false positives", [0]),
        ("false negatives", [3]),
        ("true negatives", [1]),
    ]


def test_more_classes_give_recognised_and_missed_images_of_each() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2])
    predicted = np.array([0, 1, 1, 1, 0, 1])
    found = choose_images(labels, predicted, np.array([0.9, 0.8, 0.6, 0.7, 0.5, 0.9]), ["a", "b", "c"], 99, None)
    assert [(one.kind, one.label, one.places) for one in found] == [
        ("correct", 0, [0]),
        ("wrong", 0, [1]),
        ("correct", 1, [3, 2]),
        ("wrong", 1, []),
        ("correct", 2, []),
        ("wrong", 2, [5, 4]),
    ]


@pytest.mark.parametrize("wanted", [0, 1, 5, 6])
def test_never_more_than_wanted(wanted: int) -> None:
    labels, predicted = np.array([0, 1] * 10), np.array([0, 0, 1, 1] * 5)
    found = choose_images(labels, predicted, np.ones(20), ["Normal", "COVID"], wanted, 1)
    assert sum(len(one.places) for one in found) == wanted
    assert max(len(one.places) for one in found) - min(len(one.places) for one in found) <= 1
