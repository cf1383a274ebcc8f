"""Right, false, found and missed boxes, the threshold from val, and what is shown of them."""

import numpy as np
import pytest

from chestbench.evaluation.detection.curves import froc_rows, pr_rows
from chestbench.evaluation.detection.examples import choose_examples
from chestbench.evaluation.detection.judging import OUTCOMES, judge
from chestbench.evaluation.detection.working_point import NO_RULE, RULE, at_threshold, choose_threshold
from chestbench.imaging.boxes import Boxes
from chestbench.measures.detection.measured import BoxSample
from tests.evaluation.detection.workspace import FINDINGS, drawn_boxes, guess

NONE = Boxes.of([])
ONE = Boxes.of([[0, 0, 4, 4]])


def scored(*scores: float, label: int = 0, corners: tuple[int, ...] = (0, 0, 4, 4)) -> Boxes:
    return Boxes.of([corners] * len(scores), [label] * len(scores), list(scores))


def test_each_drawn_box_is_found_once_by_the_surest_of_its_finding() -> None:
    (picture,) = judge([ONE], [scored(0.3, 0.9, 0.5)])
    assert picture.taken.tolist() == [-1, 0, -1]
    (other,) = judge([ONE], [scored(0.9, label=1)])
    assert other.taken.tolist() == [-1] and other.missed.tolist() == [True]


@pytest.mark.parametrize(
    ("truth", "found", "outcome"),
    [
        (ONE, scored(0.9), "all_found"),
        (ONE, NONE, "missed"),
        (ONE, scored(0.9, 0.8), "false"),
        (ONE, scored(0.9, corners=(9, 9, 12, 12)), "missed_and_false"),
        (NONE, scored(0.9), "alarm"),
        (NONE, NONE, "nothing"),
    ],
)
def test_every_picture_has_one_outcome(truth: Boxes, found: Boxes, outcome: str) -> None:
    (picture,) = judge([truth], [found])
    assert picture.outcome == outcome and outcome in OUTCOMES


def test_judging_at_a_threshold_is_judging_what_is_above_it() -> None:
    truth = drawn_boxes("test")
    found = guess(truth, 3, false=0.9)
    for threshold in (0.0, 0.35, 0.6, 0.96):
        whole = [picture.at(threshold) for picture in judge(truth, found)]
        cut = judge(truth, [boxes.take(boxes.scores >= threshold) for boxes in found])
        assert [p.taken.tolist() for p in whole] == [p.taken.tolist() for p in cut]


def test_as_many_are_right_as_the_measures_count() -> None:
    """The curve of the pictures passes through the sensitivities that the record states."""
    truth = drawn_boxes("test")
    found = guess(truth, 1, false=0.9)
    rows = froc_rows(judge(truth, found))
    groups = [f"g{place // 2}" for place in range(len(truth))]
    measured = BoxSample(truth, found, list(FINDINGS), groups).measure()
    for rate in (0.25, 0.5, 1.0):
        reached = max([row["sensitivity"] for row in rows if row["false_per_image"] <= rate + 1e-9], default=0.0)
        assert reached == pytest.approx(measured[f"sensitivity {rate:g}"][0], abs=1e-12)
    assert {row["finding"] for row in pr_rows(judge(truth, found), FINDINGS)} == set(FINDINGS)


def test_the_threshold_has_the_best_f1_of_all() -> None:
    truth = drawn_boxes("val")
    found = guess(truth, 2, false=0.9)
    chosen = choose_threshold(judge(truth, found))

    def f1(threshold: float) -> float:
        pictures = [picture.at(threshold) for picture in judge(truth, found)]
        right, shown = sum(int(p.right.sum()) for p in pictures), sum(len(p.found) for p in pictures)
        return 2 * right / (shown + sum(map(len, truth)))

    every = np.unique(np.concatenate([boxes.scores for boxes in found]))
    assert chosen["rule"] == RULE and f1(chosen["threshold"]) == max(map(f1, every))


def test_of_equal_scores_all_boxes_count_and_of_equal_f1_the_highest_threshold_is_taken() -> None:
    # At 0.5 stand a right and a false box: they cannot be parted.
    val = judge([ONE, NONE], [scored(0.5), scored(0.5)])
    assert choose_threshold(val)["threshold"] == 0.5
    # F1 is 2/3 with the first box alone, and 2/3 with all four.
    val = judge([ONE, ONE], [scored(0.9), Boxes.of([[9, 9, 12, 12]] * 2 + [[0, 0, 4, 4]], scores=[0.5, 0.4, 0.3])])
    assert choose_threshold(val)["threshold"] == 0.9


@pytest.mark.parametrize(
    ("truth", "found"), [(ONE, NONE), (NONE, NONE), (NONE, scored(0.9)), (ONE, scored(0.9, label=1))]
)
def test_no_threshold_where_val_has_nothing_right(truth: Boxes, found: Boxes) -> None:
    assert choose_threshold(judge([truth] * 3, [found] * 3)) == {"threshold": None, "rule": NO_RULE, "overlap": 0.5}


def test_figures_at_the_threshold() -> None:
    pictures = judge([ONE, ONE, NONE, ONE] * 5, [scored(0.9), NONE, scored(0.8), scored(0.9, 0.2)] * 5)
    groups = [str(place) for place in range(20)]
    at = at_threshold(pictures, 0.5, groups, 500, 0.95, 1)
    assert (at["right"], at["missed"], at["false"]) == (10, 5, 5)
    assert at["sensitivity"]["value"] == pytest.approx(2 / 3) and at["ppv"]["value"] == pytest.approx(2 / 3)
    assert at["false_per_image"]["value"] == 0.25
    for name in ("sensitivity", "ppv", "false_per_image"):
        assert 0 < at[name]["low"] < at[name]["value"] < at[name]["high"]
    assert at["pictures"] == {"all_found": 10, "missed": 5, "false": 0, "missed_and_false": 0, "alarm": 5, "nothing": 0}
    assert at == at_threshold(pictures, 0.5, groups, 500, 0.95, 1)


def test_figures_of_nothing_are_none_and_of_no_false_box_bounded() -> None:
    at = at_threshold(judge([NONE] * 4, [NONE] * 4), 0.5, list("abcd"), 100, 0.95, 1)
    nothing = {"value": None, "low": None, "high": None}
    assert at["sensitivity"] == at["ppv"] == nothing
    assert at["false_per_image"]["value"] == 0 and 0.5 < at["false_per_image"]["high"] < 1
    alone = at_threshold(judge([ONE], [scored(0.9)]), 0.5, ["a"], 100, 0.95, 1)
    assert alone["sensitivity"] == {"value": 1.0, "low": None, "high": None}


def test_the_pictures_shown_are_spread_over_each_outcome() -> None:
    images = np.arange(40, dtype=np.uint8).reshape(40, 1, 1, 1).repeat(4, 1).repeat(4, 2)
    pictures = judge([ONE] * 20 + [NONE] * 20, [scored(0.9)] * 20 + [NONE] * 20)
    examples = choose_examples(images, pictures, 4)
    shown = {said: [int(examples.images[p, 0, 0]) for p in places] for said, places in examples.rows}
    assert shown["all found,\nnothing false\n20 of 40 pictures"] == [2, 7, 12, 17]
    assert list(shown.values())[-1] == [22, 27, 32, 37] and len(examples.rows) == len(OUTCOMES)
    assert examples.captions[0] == "1 of 1 found, 0 false" and examples.captions[-1] == "nothing drawn, 0 false"
    assert choose_examples(images[:0], [], 4).images.shape == (0, 4, 4)
