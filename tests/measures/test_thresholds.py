"""Thresholds: Youden's and a wished sensitivity, against a search over every score."""

import numpy as np
import pytest

from chestbench.measures.thresholds import choose_threshold, choose_thresholds


def make_scores(seed: int, tied: bool) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    positive = np.append([True, False], generator.random(60) < 0.4)
    scores = generator.random(62) + 0.4 * positive
    return np.round(scores, 1) if tied else scores, positive


def rates(scores: np.ndarray, positive: np.ndarray, threshold: float) -> tuple[float, float]:
    called = scores >= threshold
    return called[positive].mean(), (~called)[~positive].mean()


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_youdens_threshold_is_the_highest_of_the_best(seed: int, tied: bool) -> None:
    scores, positive = make_scores(seed, tied)
    found = choose_threshold(scores, positive, None)
    sums = {threshold: sum(rates(scores, positive, threshold)) for threshold in scores}
    assert found == max(threshold for threshold, value in sums.items() if value > max(sums.values()) - 1e-12)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("wished", [0.5, 0.8, 0.95, 0.999])
def test_a_wished_sensitivity_is_reached_and_no_higher_threshold_reaches_it(wished: float, tied: bool) -> None:
    for seed in range(10):
        scores, positive = make_scores(seed, tied)
        found = choose_threshold(scores, positive, wished)
        assert found in scores
        reached = [threshold for threshold in scores if rates(scores, positive, threshold)[0] >= wished]
        assert found == max(reached)


def test_a_wish_that_is_met_exactly_counts_as_met() -> None:
    scores = np.append(np.linspace(0.9, 0.1, 20), 0.05)
    positive = np.append(np.ones(20, bool), False)
    assert rates(scores, positive, choose_threshold(scores, positive, 0.95))[0] == 0.95


@pytest.mark.parametrize(("positive", "lack"), [([True] * 3, "only images of it"), ([False] * 3, "no image of it")])
def test_one_class_gives_no_threshold_and_that_is_said(positive: list, lack: str) -> None:
    assert choose_threshold(np.array([0.2, 0.4, 0.6]), np.array(positive), None) is None
    labels = np.where(positive, 0, 1)
    probabilities = np.array([[0.2, 0.8], [0.4, 0.6], [0.6, 0.4]])
    found, notes = choose_thresholds(labels, probabilities, ("a", "b"), 0.9)
    assert found == {name: {"threshold": None, "rule": "sensitivity 0.9"} for name in ("a", "b")}
    assert len(notes) == 2
    assert lack in notes[0]


def test_constant_answers_call_everything_and_that_is_said() -> None:
    for wished in (None, 0.95):
        found, notes = choose_thresholds(np.array([0, 1, 1]), np.full((3, 2), 0.5), ("a", "b"), wished)
        assert found["a"]["threshold"] == 0.5
        assert [("calls every image" in note) for note in notes] == [True, True]


def test_rules_are_named() -> None:
    labels, probabilities = np.array([0, 1]), np.array([[0.9, 0.1], [0.3, 0.7]])
    assert choose_thresholds(labels, probabilities, ("a", "b"))[0]["a"] == {"threshold": 0.9, "rule": "youden"}
    assert choose_thresholds(labels, probabilities, ("a", "b"), 0.95)[0]["b"]["rule"] == "sensitivity 0.95"


def test_a_wished_sensitivity_is_for_the_class_that_is_looked_for() -> None:
    generator = np.random.default_rng(3)
    labels = np.repeat([0, 1], 50)
    first = np.clip(0.5 + 0.2 * (0.5 - labels) + generator.normal(0, 0.2, 100), 0, 1)
    probabilities = np.stack([first, 1 - first], axis=1)
    each, _ = choose_thresholds(labels, probabilities, ["a", "b"], 0.98)
    plain, _ = choose_thresholds(labels, probabilities, ["a", "b"])
    sought, _ = choose_thresholds(labels, probabilities, ["a", "b"], 0.98, "b")
    assert sought == {"a": plain["a"], "b": each["b"]}
    assert plain["a"] != each["a"] and sought["b"]["rule"] == "sensitivity 0.98" and sought["a"]["rule"] == "youden"
