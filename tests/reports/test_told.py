"""Words of a report about figures: marks of exact ends, scales of thresholds, trainings, leads on val."""

import numpy as np
import pytest

from chestbench.evaluation import leaderboard_builder
from chestbench.measures.intervals import evaluate_split
from chestbench.reports.leak_words import CATALOG_WORDS, SPLIT_WORDS
from chestbench.reports.study.told import calibrated_threshold, is_exact, told
from chestbench.reports.study.trained import not_before_regression, trained_words, val_lead
from chestbench.reports.unit_words import units_of
from chestbench.serving.description import Description
from chestbench.serving.tables import rule_words
from tests.evaluation.test_leaderboard import make_record

CLASSES = ["Normal", "COVID"]


def test_only_figures_that_no_draw_moves_are_marked() -> None:
    """A figure that is merely rounded to 1.000 has an interval of draws like any other."""
    labels = np.repeat([0, 1], 400)
    scores = np.linspace(0, 1, 800)
    perfect = evaluate_split(labels, np.c_[1 - scores, scores], range(800), CLASSES, 100)["macro_auc"]
    scores[[399, 400]] = scores[[400, 399]]
    nearly = evaluate_split(labels, np.c_[1 - scores, scores], range(800), CLASSES, 100)["macro_auc"]
    assert told(perfect).startswith("1.000 [0.99") and told(perfect).endswith("†")
    assert told(nearly).startswith("1.000 [") and not is_exact(nearly)
    assert told({"value": 1.0, "low": None, "high": None}) == "1.000"


@pytest.mark.parametrize("temperature", [0.457, 1.0, 2.5])
@pytest.mark.parametrize("positive", CLASSES)
def test_the_threshold_is_that_which_predict_prints(temperature: float, positive: str) -> None:
    record = {"classes": CLASSES, "temperature": temperature, "thresholds": {positive: {"threshold": 0.3141}}}
    described = Description.from_json(
        {**record, "positive": positive, "image_size": 32, "fit": "pad", "roi": "none", "modality": "CT",
         "backend": "tensorflow", "threshold_bounds": {}},
        "it",
    )  # fmt: skip
    assert f"decision: {positive} from {calibrated_threshold(record, positive):.3f} on" in rule_words(described)


def test_of_three_classes_a_threshold_has_no_single_place_among_calibrated_probabilities() -> None:
    record = {"classes": ["a", "b", "c"], "temperature": 2.0, "thresholds": {"a": {"threshold": 0.3}}}
    assert calibrated_threshold(record, "a") is None
    assert calibrated_threshold({**record, "classes": CLASSES}, "COVID") is None


def test_trainings_are_told_with_what_differs() -> None:
    records = [make_record(name, 0.2 + 0.2 * place, 0.2) for place, name in enumerate("ab")]
    for record, epochs, weights in zip(records, (1, 30), ("none", "imagenet"), strict=True):
        record["training"] |= {"epochs_run": epochs, "weights": weights, "image_size": 64}
    words = trained_words(leaderboard_builder.build(records))
    assert words == "for 1 to 30 epochs from ImageNet or random weights on pictures of 64 x 64 pixels"


def test_the_lead_on_val_stands_beside_what_one_image_counts() -> None:
    board = leaderboard_builder.build([make_record("a", 0.2, 0.2), make_record("b", 0.4, 0.2)])
    lead = val_lead(board)
    counts = [found["images"] for found in board.best["val"]["per_class"].values()]
    assert lead.second == "b" and lead.gap == pytest.approx(
        board.rows[0].figure("val_balanced_accuracy")["value"] - board.rows[1].figure("val_balanced_accuracy")["value"]
    )
    assert lead.image == pytest.approx(1 / (len(counts) * min(counts)))
    assert val_lead(leaderboard_builder.build([make_record("a", 0.2, 0.2)])) is None
    assert not_before_regression(board) is None


def test_units_are_named_as_far_as_they_are_known() -> None:
    assert units_of({"split_unit": "study"}) == "studies"
    assert units_of({"split_unit": "patient", "images_without_group": 3, "images_in_all": 9}) == "groups"


def test_each_finding_of_the_audit_stands_alone() -> None:
    """They are listed one after another where none was found: none may speak of the one before."""
    for words in (*CATALOG_WORDS.values(), *SPLIT_WORDS.values()):
        assert not words.startswith("of ") and ";" not in words and words.count("(") == words.count(")")
