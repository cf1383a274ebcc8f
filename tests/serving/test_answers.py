"""From probabilities to decision and doubt, picture by picture and patient by patient."""

import numpy as np
import pytest

from chestbench.serving.answers import BELOW, NEAR, NO_THRESHOLD, SEVERAL, Patients, answers_of, decide
from chestbench.serving.description import Description, Rule


def described(classes: list[str], positive: str | None, thresholds: dict, bounds: dict, **more) -> Description:
    chosen = {name: {"threshold": value, "rule": "youden"} for name, value in thresholds.items()}
    return Description.from_json(
        {
            "classes": classes,
            "positive": positive,
            "image_size": 32,
            "fit": "pad",
            "roi": "none",
            "modality": "CT",
            "backend": "tensorflow",
            "thresholds": chosen,
            "threshold_bounds": bounds,
            **more,
        },
        "it",
    )


@pytest.mark.parametrize(
    ("raw", "decision", "doubt"),
    [
        ([0.3, 0.7], "ill", ""),
        ([0.6, 0.4], "ill", NEAR),  # at the threshold, below one half
        ([0.65, 0.35], "well", NEAR),
        ([0.9, 0.1], "well", ""),
    ],
)
def test_the_class_that_is_looked_for_is_called_from_its_threshold_on(raw: list, decision: str, doubt: str) -> None:
    told = described(["well", "ill"], "ill", {"ill": 0.4, "well": 0.6}, {"ill": [0.3, 0.5], "well": None})
    assert decide(np.array(raw), told, told.picture) == (decision, doubt)


def test_of_three_classes_the_likeliest_other_one_is_taken() -> None:
    told = described(["a", "ill", "c"], "ill", {"ill": 0.6}, {})
    assert decide(np.array([0.2, 0.5, 0.3]), told, told.picture) == ("c", "")
    assert decide(np.array([0.15, 0.6, 0.25]), told, told.picture) == ("ill", "")


@pytest.mark.parametrize(
    ("raw", "decision", "doubt"),
    [
        ([0.8, 0.1, 0.1], "a", ""),
        ([0.45, 0.3, 0.25], "a", BELOW),
        ([0.55, 0.42, 0.03], "a", SEVERAL),
        ([0.5, 0.25, 0.25], "a", NEAR),
        ([0.1, 0.2, 0.7], "c", NO_THRESHOLD),
    ],
)
def test_without_one_thresholds_and_highest_probability_are_compared(raw: list, decision: str, doubt: str) -> None:
    told = described(["a", "b", "c"], None, {"a": 0.5, "b": 0.4, "c": None}, {"a": [0.48, 0.52]})
    assert decide(np.array(raw), told, told.picture) == (decision, doubt)


def test_no_threshold_is_said() -> None:
    told = described(["well", "ill"], "ill", {"ill": None, "well": None}, {})
    assert decide(np.array([0.3, 0.7]), told, told.picture) == ("ill", NO_THRESHOLD)
    assert decide(np.array([0.3, 0.7]), told, Rule({}, {})) == ("ill", NO_THRESHOLD)


def test_a_patient_is_the_mean_of_the_pictures_by_the_rule_for_patients() -> None:
    per_group = {"ill": {"threshold": 0.7, "rule": "youden"}}
    told = described(["well", "ill"], "ill", {"ill": 0.5}, {}, temperature=0.5, thresholds_per_group=per_group)
    raw = np.array([[0.2, 0.8], [0.5, 0.5], [0.1, 0.9]], np.float32)
    patients, answers = Patients(told), answers_of(raw, told)
    for name, answer in zip(("p", "p", "q"), answers, strict=True):
        patients.add(name, answer)
    (first, two, mean), (second, one, alone) = patients.answers()
    assert (first, two, second, one) == ("p", 2, "q", 1)
    np.testing.assert_allclose(mean.raw, raw[:2].astype(float).mean(axis=0))
    np.testing.assert_allclose(mean.calibrated, (answers[0].calibrated + answers[1].calibrated) / 2)
    assert [answer.decision for answer in answers] == ["ill", "ill", "ill"]
    assert (mean.decision, alone.decision) == ("well", "ill")
