"""Intervals: seeded, over groups, with the coverage of the textbook."""

import numpy as np
import pytest

from chestbench.core.parallel import ordered_map
from chestbench.measures import resampled
from chestbench.measures.intervals import evaluate_split
from tests.evaluation.simulated import simulate

CLASSES = ("Normal", "COVID")


def make_split(n_groups: int, size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Groups whose images all share label and score: only the number of groups carries information."""
    generator = np.random.default_rng(seed)
    label = generator.integers(0, 2, n_groups)
    score = np.clip(0.5 + 0.3 * (label - 0.5) + generator.normal(0, 0.2, n_groups), 0.01, 0.99)
    labels, scores = np.repeat(label, size), np.repeat(score, size)
    return labels, np.stack([1 - scores, scores], axis=1), np.repeat(np.arange(n_groups), size)


def test_the_same_seed_gives_the_same_record() -> None:
    labels, probabilities, groups = make_split(60, 1)
    first = evaluate_split(labels, probabilities, groups, CLASSES, 200, seed=5)
    assert first == evaluate_split(labels, probabilities, groups, CLASSES, 200, seed=5)
    assert first != evaluate_split(labels, probabilities, groups, CLASSES, 200, seed=6)


def test_the_interval_of_accuracy_is_the_textbooks() -> None:
    labels, probabilities, groups = make_split(400, 1)
    found = evaluate_split(labels, probabilities, groups, CLASSES, 2000, seed=1)["accuracy"]
    share = found["value"]
    half = 1.96 * np.sqrt(share * (1 - share) / 400)
    assert found["high"] - found["low"] == pytest.approx(2 * half, rel=0.1)
    assert found["low"] < share < found["high"]


def test_more_images_of_the_same_patients_do_not_narrow_the_interval() -> None:
    one = evaluate_split(*make_split(50, 1), CLASSES, 500, seed=2)
    ten = evaluate_split(*make_split(50, 10), CLASSES, 500, seed=2)
    for name in ("balanced_accuracy", "macro_auc"):
        assert ten[name] == pytest.approx(one[name], abs=1e-12)
    labels, probabilities, _ = make_split(50, 10)
    naive = evaluate_split(labels, probabilities, np.arange(500), CLASSES, 500, seed=2)["macro_auc"]
    assert naive["high"] - naive["low"] < 0.6 * (ten["macro_auc"]["high"] - ten["macro_auc"]["low"])


def test_a_wider_confidence_gives_a_wider_interval() -> None:
    narrow, wide = (evaluate_split(*make_split(80, 1), CLASSES, 400, level, 1)["macro_auc"] for level in (0.8, 0.99))
    assert wide["low"] < narrow["low"] < narrow["high"] < wide["high"]


def test_an_absent_class_is_named_and_has_no_figures() -> None:
    labels, probabilities, groups = make_split(30, 1)
    three = np.concatenate([probabilities * 0.9, np.full((30, 1), 0.1)], axis=1)
    found = evaluate_split(labels, three, groups, (*CLASSES, "Lung_Opacity"), 100)
    assert found["absent_classes"] == ["Lung_Opacity"]
    assert found["per_class"]["Lung_Opacity"]["auc"] == {"value": None, "low": None, "high": None}
    assert found["per_class"]["Lung_Opacity"]["images"] == 0
    assert found["balanced_accuracy"]["value"] is not None
    assert found["images"] == 30
    assert found["groups"] == 30


def test_bounds_are_withheld_when_too_few_resamples_define_them() -> None:
    labels = np.array([0] * 60 + [1, 1])
    probabilities = np.tile([0.7, 0.3], (62, 1))
    groups = np.append(np.zeros(60, int), [1, 2])
    # Of the resamples of three groups a third or so lose the first, and with it its class.
    found = evaluate_split(labels, probabilities, groups, CLASSES, 100, seed=0)["accuracy"]
    assert found["low"] < found["value"] < found["high"]
    found = evaluate_split(labels, probabilities, groups, CLASSES, 40, seed=0)["accuracy"]
    assert found == {"value": 60 / 62, "low": None, "high": None}


def test_one_group_of_a_class_tells_nothing_of_other_groups() -> None:
    labels = np.array([0] * 30 + [1] * 5)
    probabilities = np.stack([np.linspace(0.9, 0.2, 35), np.linspace(0.1, 0.8, 35)], axis=1)
    groups = np.append(np.arange(30), np.full(5, 30))
    found = evaluate_split(labels, probabilities, groups, CLASSES, 500)
    for measure in (found["balanced_accuracy"], found["macro_auc"], found["per_class"]["COVID"]["sensitivity"]):
        assert measure["value"] is not None
        assert (measure["low"], measure["high"]) == (None, None)
    for measure in (found["accuracy"], found["per_class"]["Normal"]["sensitivity"], found["brier"]):
        assert measure["low"] < measure["value"] < measure["high"]


def test_no_error_in_twenty_groups_does_not_show_that_there_is_none() -> None:
    labels = np.repeat([0, 1], 40)
    probabilities = np.eye(2)[labels] * 0.8 + 0.1
    found = evaluate_split(labels, probabilities, np.arange(80) // 2, CLASSES, 200)
    exact = {"value": 1.0, "low": 0.025 ** (1 / 20), "high": 1.0}
    assert found["per_class"]["COVID"]["sensitivity"] == pytest.approx(exact, abs=1e-12)
    assert found["macro_auc"] == pytest.approx(exact, abs=1e-12)
    assert found["accuracy"]["low"] == pytest.approx(0.025 ** (1 / 40), abs=1e-12)


def test_constant_answers_are_chance_and_have_an_interval_where_chance_has_one() -> None:
    labels, _, groups = make_split(60, 3)
    found = evaluate_split(labels, np.full((len(labels), 2), 0.5), groups, CLASSES, 300)
    assert found["macro_auc"] == {"value": 0.5, "low": 0.5, "high": 0.5}
    assert found["balanced_accuracy"]["value"] == 0.5
    assert found["per_class"]["Normal"]["npv"]["value"] is None
    assert found["per_class"]["COVID"]["ppv"]["value"] is None
    ppv = found["per_class"]["Normal"]["ppv"]
    assert ppv["low"] < ppv["value"] == found["accuracy"]["value"] < ppv["high"]


def test_every_interval_holds_its_figure() -> None:
    for seed, kind in enumerate(("random", "good", "nearly perfect", "calibrated", "random, three classes")):
        labels, probabilities, groups = simulate(np.random.default_rng(seed), 12, kind)
        classes = ("a", "b", "c")[: probabilities.shape[1]]
        thresholds = {name: {"threshold": 0.4, "rule": "youden"} for name in classes}
        record = evaluate_split(
            labels, probabilities, groups, classes, 200, calibrated=probabilities, thresholds=thresholds
        )
        top = 1 if len(classes) == 2 else 2
        for entry in (
            record,
            *record["per_class"].values(),
            *(c["at_threshold"] for c in record["per_class"].values()),
        ):
            for name, measure in entry.items():
                if isinstance(measure, dict) and measure.get("low") is not None:
                    assert 0 <= measure["low"] <= measure["value"] <= measure["high"] <= top, (kind, name, measure)


@pytest.mark.parametrize("kind", ["random, three classes", "good"])
def test_the_record_does_not_depend_on_the_number_of_threads(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    labels, probabilities, groups = simulate(np.random.default_rng(0), 900, kind)
    classes = ("a", "b", "c")[: probabilities.shape[1]]
    records = []
    for workers in (1, 2, 7):
        monkeypatch.setattr(resampled, "ordered_map", lambda f, items, n=workers: ordered_map(f, items, n))
        records.append(evaluate_split(labels, probabilities, groups, classes, 400, calibrated=probabilities**2))
    assert records[0] == records[1] == records[2]


@pytest.mark.parametrize(
    ("labels", "probabilities", "groups", "message"),
    [
        ([], np.zeros((0, 2)), [], "at least one image"),
        ([0, 1], np.full((2, 3), 0.3), [0, 1], "shape"),
        ([0, 1], np.full((2, 2), 0.5), [0], "1"),
        ([0, 2], np.full((2, 2), 0.5), [0, 1], "labels 0 to 1"),
        ([0, 1], np.array([[0.5, 0.5], [np.nan, 0.5]]), [0, 1], "finite"),
    ],
)
def test_input_that_does_not_fit_is_refused(
    labels: list, probabilities: np.ndarray, groups: list, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate_split(np.array(labels), probabilities, groups, CLASSES, 100)
