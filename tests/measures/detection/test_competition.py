"""The competitions' scores, by hand."""

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.imaging.boxes import Boxes
from chestbench.measures.detection.competition import (
    RSNA_OVERLAPS,
    STUDY_CLASSES,
    StudyAnswers,
    none_scores,
    rsna_score,
    siim_score,
    study_class,
    voc_hits,
)

CLASSES = ["Atypical Appearance", "Indeterminate Appearance", "Negative for Pneumonia", "Typical Appearance"]
UNIT, FAR = [0, 0, 10, 10], [20, 20, 30, 30]


def answers(labels: list[int], probabilities: list[list[float]], studies: list[str]) -> StudyAnswers:
    return {
        "studies": studies,
        "classes": CLASSES,
        "labels": np.array(labels),
        "probabilities": np.array(probabilities),
    }


def test_six_average_precisions() -> None:
    """Five pictures of four studies: of the two pictures of one study the mean counts."""
    truth = [Boxes.of([UNIT, FAR]), Boxes.of([UNIT]), Boxes.of([]), Boxes.of([UNIT]), Boxes.of([UNIT])]
    found = [
        Boxes.of([UNIT, FAR, UNIT], scores=[0.9, 0.3, 0.2]),
        Boxes.of([FAR], scores=[0.8]),
        Boxes.of([FAR], scores=[0.1]),
        Boxes.of([]),
        Boxes.of([UNIT], scores=[0.7]),
    ]
    sure = np.eye(4)[[0, 1, 2, 3, 3]]
    sure[3] = [0.9, 0.1, 0, 0]  # with picture 4 of the same study typical 0.5, atypical 0.45
    said = answers([0, 1, 2, 3, 3], sure.tolist(), ["s", "t", "u", "v", "v"])
    score = siim_score(truth, found, list("abcdd"), said, bootstrap=100)
    each = {name: figure["value"] for name, figure in score["average_precision"].items()}
    # Opacities in falling order: right, false, right, right, false, false of 5 truths.
    assert each["opacity"] == pytest.approx((1 + 0.75 + 0.75) / 5)
    # Pictures 3 (confidence 1), 2 (0.9): the one without a box comes second.
    assert each["none"] == pytest.approx(0.5)
    assert {name: each[name] for name in STUDY_CLASSES} == dict.fromkeys(STUDY_CLASSES, 1.0)
    assert score["score"]["value"] == pytest.approx(np.mean(list(each.values())))
    assert score["score"]["low"] is score["score"]["high"] is None, "one patient stands behind a class"


def test_bounds_over_patients() -> None:
    generator = np.random.default_rng(4)
    truth = [Boxes.of([UNIT]) if place % 3 else Boxes.of([]) for place in range(48)]
    found = [Boxes.of([UNIT], scores=generator.random(1)) for _ in truth]
    said = answers([place % 4 for place in range(48)], generator.dirichlet(np.ones(4), 48).tolist(), [""] * 48)
    groups = [place // 2 for place in range(48)]
    for figure in (
        siim_score(truth, found, groups, said, bootstrap=200)["score"],
        rsna_score(truth, found, groups, 0.3, bootstrap=200)["score"],
    ):
        assert 0 < figure["low"] < figure["value"] < figure["high"] < 1


def test_a_wrong_class_costs() -> None:
    truth = [Boxes.of([UNIT]), Boxes.of([]), Boxes.of([UNIT]), Boxes.of([UNIT])]
    said = answers([0, 2, 1, 3], np.eye(4)[[0, 0, 1, 3]].tolist(), list("stuv"))
    each = siim_score(truth, truth, list("abcd"), said, bootstrap=60)["average_precision"]
    assert each["negative"]["value"] < 1 and each["typical"]["value"] == each["none"]["value"] == 1


def test_without_a_classifier_there_is_no_score() -> None:
    score = siim_score([Boxes.of([UNIT])], [Boxes.of([UNIT])], ["a"], None, bootstrap=60)
    assert score["score"]["value"] is None and score["average_precision"]["opacity"]["value"] == 1
    assert score["average_precision"]["none"]["value"] is None
    with pytest.raises(ChestbenchError, match="expected classes that begin with negative"):
        study_class("COVID")
    assert study_class("Negative for Pneumonia") == "negative"


def test_voc_looks_at_the_nearest_truth_alone_and_wants_more_than_half() -> None:
    truth = np.array([[0, 0, 10, 10], [0, 2, 10, 12]], float)
    found = np.array([[0, 0, 10, 10], [0, 0.5, 10, 10.5]], float)
    assert voc_hits(truth, found).tolist() == [True, False]
    assert voc_hits(truth[:1], np.array([[0, 0, 10, 5.0]])).tolist() == [False]  # exactly one half
    assert voc_hits(np.zeros((0, 4)), found).tolist() == [False, False]
    assert none_scores([Boxes.of([UNIT, FAR], scores=[0.2, 0.6]), Boxes.of([])]).tolist() == [0.4, 1.0]


def test_rsna_counts_pictures() -> None:
    # Overlap 0.6: right at 0.4, 0.45, 0.5 and 0.55, not at 0.6.
    near = Boxes.of([[0, 0, 10, 6]], scores=[0.9])
    assert RSNA_OVERLAPS == (0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75)
    one = Boxes.of([UNIT])
    assert rsna_score([one], [near], ["a"], 0.5, bootstrap=60)["score"]["value"] == pytest.approx(0.5)
    weak = Boxes.of([UNIT, FAR, FAR], scores=[0.9, 0.8, 0.1])
    score = rsna_score([one, Boxes.of([]), Boxes.of([])], [weak, Boxes.of([]), near], list("abc"), 0.5, bootstrap=60)
    # One right and one false: a half. The second picture does not count, the third is 0.
    assert score["score"]["value"] == pytest.approx(0.25) and score["threshold"] == 0.5
    assert rsna_score([Boxes.of([])], [near], ["a"], 0.95, bootstrap=60)["score"]["value"] is None
