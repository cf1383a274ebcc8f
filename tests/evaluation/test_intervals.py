"""Intervals: seeded, over groups, with the coverage of the textbook."""

import numpy as np
import pytest

from chestbench.evaluation.intervals import evaluate_split, resampled_weights

CLASSES = ("Normal", "COVID")


def make_split(n_groups: int, size: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Groups whose images all share label and score: only the number of groups carries information."""
    generator = np.random.default_rng(seed)
    label = generator.integers(0, 2, n_groups)
    score = np.clip(0.5 + 0.3 * (label - 0.5) + generator.normal(0, 0.2, n_groups), 0.01, 0.99)
    labels, scores = np.repeat(label, size), np.repeat(score, size)
    return labels, np.stack([1 - scores, scores], axis=1), np.repeat(np.arange(n_groups), size)


def test_a_resample_draws_whole_groups() -> None:
    codes = np.repeat(np.arange(6), [1, 2, 3, 4, 5, 6])
    weights = np.concatenate(list(resampled_weights(codes, 300, seed=3)), axis=1)
    assert weights.shape == (21, 300)
    for group in range(6):
        assert (weights[codes == group] == weights[codes == group][0]).all()
    first_of_each = weights[np.searchsorted(codes, np.arange(6))]
    assert (first_of_each.sum(axis=0) == 6).all()
    assert first_of_each.mean() == pytest.approx(1.0)
    assert len({tuple(column) for column in weights.T}) > 100


def test_many_blocks_draw_no_column_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = np.arange(40)
    monkeypatch.setattr("chestbench.evaluation.intervals.PAIRS_AT_A_TIME", 120)
    blocks = list(resampled_weights(codes, 10, seed=0))
    assert [block.shape[1] for block in blocks] == [3, 3, 3, 1]
    assert len({tuple(column) for block in blocks for column in block.T}) == 10


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
    labels = np.array([0] * 60 + [1])
    probabilities = np.tile([0.7, 0.3], (61, 1))
    groups = np.append(np.zeros(60, int), 1)
    found = evaluate_split(labels, probabilities, groups, CLASSES, 100, seed=0)["balanced_accuracy"]
    # Half of the resamples of two groups hold only one of them; of the other half there are about fifty.
    assert found["value"] == 0.5
    found = evaluate_split(labels, probabilities, groups, CLASSES, 60, seed=0)["balanced_accuracy"]
    assert found == {"value": 0.5, "low": None, "high": None}


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
