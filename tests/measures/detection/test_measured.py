"""Measures of boxes: free-response sensitivity by hand and by brute force, weights as copies, what is refused."""

import doctest

import numpy as np
import pytest

from chestbench.imaging import box_fusion, box_precision
from chestbench.imaging.boxes import Boxes
from chestbench.measures.detection import competition, measured
from chestbench.measures.detection.froc import RATES
from chestbench.measures.detection.measured import BoxSample, measure_boxes
from tests.measures.detection.boxes_drawn import drawn_and_found

UNIT = [0, 0, 4, 4]


@pytest.mark.parametrize(
    "module", [measured, box_fusion, box_precision, competition], ids=lambda module: module.__name__
)
def test_the_examples_hold(module) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0 and found.failed == 0


def by_hand(truth: list[Boxes], found: list[Boxes], rate: float) -> float:
    """Return the highest sensitivity at a rate, trying every score as a threshold; one box a picture or none."""
    best, drawn = 0.0, sum(map(len, truth))
    for threshold in {2.0} | {score for boxes in found for score in boxes.scores.tolist()}:
        right = false = 0
        for one, many in zip(truth, found, strict=True):
            kept = many.take(many.scores >= threshold)
            is_near = box_precision.hits(one.corners, kept.corners, 0.5)
            right, false = right + is_near.sum(), false + (~is_near).sum()
        if false <= rate * len(truth):
            best = max(best, right / drawn)
    return best


def test_sensitivity_at_so_many_false_boxes() -> None:
    for seed in range(12):
        truth, found = drawn_and_found(np.random.default_rng([3, seed]), 10, crowd=9)
        found = [boxes.take(np.argsort(-boxes.scores, kind="stable")) for boxes in found]
        record = measure_boxes(truth, found, ["opacity"], list(range(10)), bootstrap=1)
        expected = [by_hand(truth, found, rate) for rate in RATES]
        assert [record["sensitivity"][f"{rate:g}"]["value"] for rate in RATES] == pytest.approx(expected)
        assert record["froc"]["value"] == pytest.approx(np.mean(expected))


def test_equal_scores_share_a_threshold() -> None:
    """The right one of two equal answers cannot be kept alone, however they are ordered."""
    truth = [Boxes.of([UNIT]), Boxes.of([])]
    for order in (1, -1):
        found = [Boxes.of([UNIT], scores=[0.5]), Boxes.of([UNIT], scores=[0.5])]
        record = measure_boxes(truth[::order], found, ["opacity"], ["a", "b"], bootstrap=1)
        assert [record["sensitivity"][rate]["value"] for rate in ("0.25", "0.5")] == [0.0, 1.0]


def test_a_second_box_on_one_truth_is_false_and_another_finding_is_missed() -> None:
    found = [Boxes.of([UNIT, UNIT], [0, 0], [0.5, 0.9]), Boxes.of([UNIT], [1], [0.8])]
    record = measure_boxes([Boxes.of([UNIT]), Boxes.of([UNIT])], found, ["a", "b"], ["p", "q"], bootstrap=1)
    assert record["sensitivity"]["0.25"]["value"] == record["sensitivity"]["8"]["value"] == 0.5
    assert record["absent_findings"] == ["b"] and record["ap50"]["b"] == {"value": None, "low": None, "high": None}
    assert record["map50"]["value"] == record["ap50"]["a"]["value"] and record["boxes_of"] == {"a": 2, "b": 0}


def test_a_patient_is_found_when_one_of_the_boxes_is() -> None:
    truth = [Boxes.of([UNIT, [8, 8, 12, 12]]), Boxes.of([UNIT]), Boxes.of([UNIT])]
    found = [Boxes.of([UNIT], scores=[0.9]), Boxes.of([]), Boxes.of([])]
    record = measure_boxes(truth, found, ["opacity"], ["p", "p", "q"], bootstrap=1)
    assert record["patients"] == 2 and record["with_boxes"] == 3 and record["boxes"] == 4 and record["found"] == 1
    assert record["sensitivity"]["1"]["value"] == 0.25 and record["patient_sensitivity"]["1"]["value"] == 0.5


def test_a_group_that_counts_twice_is_a_group_there_twice() -> None:
    """With scores that differ, so that the order of copies decides nothing."""
    generator = np.random.default_rng(8)
    truth, found = drawn_and_found(generator, 12, 2)
    found = [Boxes.of(boxes.corners, boxes.labels, generator.random(len(boxes))) for boxes in found]
    groups = (np.arange(12) % 5).tolist()
    weights = np.array([[2, 0, 1, 3, 1], [1, 1, 1, 1, 1]])
    weighed = BoxSample(truth, found, ["a", "b"], groups).measure(weights)
    for row, times in enumerate(weights):
        places = [place for place in range(12) for _ in range(times[groups[place]])]
        again = [f"{groups[place]} {copy}" for place, copy in zip(places, copies(places), strict=True)]
        repeated = BoxSample([truth[p] for p in places], [found[p] for p in places], ["a", "b"], again).measure()
        for name, values in weighed.items():
            assert values[row] == pytest.approx(repeated[name][0]), name


def copies(places: list[int]) -> list[int]:
    """Return how often each was there before."""
    return [places[:at].count(place) for at, place in enumerate(places)]


def test_bounds_hold_the_figure_and_depend_on_the_seed_alone() -> None:
    truth, found = drawn_and_found(np.random.default_rng(2), 40)
    groups = [f"patient {place // 2}" for place in range(40)]
    first = measure_boxes(truth, found, ["opacity"], groups, bootstrap=200, seed=1)
    assert first == measure_boxes(truth, found, ["opacity"], groups, bootstrap=200, seed=1)
    assert first["map50"] != measure_boxes(truth, found, ["opacity"], groups, bootstrap=200, seed=2)["map50"]
    for name in ("map50", "map50_95", "froc", "patient_froc"):
        assert 0 < first[name]["low"] < first[name]["value"] < first[name]["high"] < 1
    wider = measure_boxes(truth, found, ["opacity"], groups, bootstrap=200, confidence=0.99, seed=1)["map50"]
    assert wider["low"] < first["map50"]["low"] and first["map50"]["high"] < wider["high"]


def test_perfect_and_blind_have_exact_bounds_and_one_patient_has_none() -> None:
    truth = [Boxes.of([UNIT])] * 6
    perfect = measure_boxes(truth, truth, ["opacity"], list("abcdef"), bootstrap=100)["map50"]
    assert perfect["value"] == perfect["high"] == 1 and perfect["low"] == pytest.approx(0.025 ** (1 / 6))
    blind = measure_boxes(truth, [Boxes.of([])] * 6, ["opacity"], list("abcdef"), bootstrap=100)["map50"]
    assert blind["value"] == blind["low"] == 0 and blind["high"] == pytest.approx(1 - 0.025 ** (1 / 6))
    alone = measure_boxes(truth, truth, ["opacity"], ["a"] * 6, bootstrap=100)["map50"]
    assert alone == {"value": 1.0, "low": None, "high": None}


def test_what_does_not_fit_is_refused() -> None:
    one = [Boxes.of([UNIT], scores=[0.5])]
    with pytest.raises(ValueError, match="at least one picture"):
        measure_boxes([], [], ["opacity"], [], bootstrap=1)
    with pytest.raises(ValueError, match="received 1, 2 and 1"):
        measure_boxes(one, one * 2, ["opacity"], ["a"], bootstrap=1)
    with pytest.raises(ValueError, match="expected labels 0 to 0, received \\[3\\]"):
        measure_boxes(one, [Boxes.of([UNIT], [3])], ["opacity"], ["a"], bootstrap=1)
    with pytest.raises(ValueError, match="scores within 0 to 1"):
        measure_boxes(one, [Boxes.of([UNIT], scores=[1.5])], ["opacity"], ["a"], bootstrap=1)
