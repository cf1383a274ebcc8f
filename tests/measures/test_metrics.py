"""Measures equal scikit-learn's, with ties, and have a defined value where a class is absent."""

import numpy as np
import pytest
from sklearn import metrics as sk

from chestbench.measures.metrics import (
    AT_THRESHOLD,
    Sample,
    confusion_matrix,
    measure,
    predict_class,
    rank_measures,
)


def make_split(n_classes: int, seed: int, tied: bool) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = np.append(np.arange(n_classes), generator.integers(0, n_classes, 150))
    scores = generator.random((len(labels), n_classes)) + 0.4 * np.eye(n_classes)[labels]
    if tied:
        scores = np.round(scores, 1)
    return labels, scores / scores.sum(axis=1, keepdims=True)


def check_against_scikit_learn(
    labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None = None
) -> None:
    """Compare every measure, of classes that occur too; `weights` (N,) become sample weights there."""
    n_classes = probabilities.shape[1]
    predicted, everyone = predict_class(probabilities), list(range(n_classes))
    found = measure(labels, probabilities, None if weights is None else weights[:, None])
    kept = np.ones(len(labels)) if weights is None else weights
    present = [index for index in everyone if kept[labels == index].sum() > 0]
    by_class = [
        sk.confusion_matrix(labels == index, predicted == index, labels=[False, True], sample_weight=kept)
        for index in everyone
    ]

    def alone(index: int, function) -> float:
        return function(labels == index, probabilities[:, index], sample_weight=kept) if index in present else np.nan

    settings = {"labels": everyone, "sample_weight": kept, "zero_division": np.nan}
    expected = {
        "sensitivity": sk.recall_score(labels, predicted, average=None, **settings),
        "ppv": sk.precision_score(labels, predicted, average=None, **settings),
        "f1": np.where(
            np.isin(everyone, present),
            sk.f1_score(labels, predicted, average=None, **settings | {"zero_division": 0}),
            np.nan,
        ),
        "specificity": [ratio(matrix[0, 0], matrix[0].sum()) for matrix in by_class],
        "npv": [ratio(matrix[0, 0], matrix[:, 0].sum()) for matrix in by_class],
        "auc": [alone(index, sk.roc_auc_score) for index in everyone],
        "average_precision": [alone(index, sk.average_precision_score) for index in everyone],
    }
    assert set(expected) == set(found.per_class)
    for name, values in expected.items():
        np.testing.assert_allclose(found.per_class[name][0], values, rtol=0, atol=1e-9, err_msg=name)
    overall = {
        "accuracy": sk.accuracy_score(labels, predicted, sample_weight=kept),
        "brier": sk.brier_score_loss(labels, probabilities, labels=everyone, sample_weight=kept),
        "ece": expected_calibration_error(labels, probabilities, kept),
        "macro_specificity": np.mean(np.array(expected["specificity"])[present]),
        "balanced_accuracy": np.mean(expected["sensitivity"][present]),
        "macro_f1": np.mean(expected["f1"][present]),
        "macro_auc": np.mean(np.array(expected["auc"])[present]),
        "macro_average_precision": np.mean(np.array(expected["average_precision"])[present]),
    }
    if len(present) == n_classes:
        assert overall["balanced_accuracy"] == pytest.approx(
            sk.balanced_accuracy_score(labels, predicted, sample_weight=kept), abs=1e-9
        )
        assert overall["macro_f1"] == pytest.approx(
            sk.f1_score(labels, predicted, average="macro", sample_weight=kept), abs=1e-9
        )
        if n_classes > 2:
            assert overall["macro_auc"] == pytest.approx(
                sk.roc_auc_score(labels, probabilities, multi_class="ovr", sample_weight=kept), abs=1e-9
            )
    assert set(overall) == set(found.overall)
    for name, value in overall.items():
        assert found.overall[name][0] == pytest.approx(value, abs=1e-9), name
    np.testing.assert_array_equal(
        confusion_matrix(labels, predicted, n_classes), sk.confusion_matrix(labels, predicted, labels=everyone)
    )


def ratio(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


def expected_calibration_error(labels: np.ndarray, probabilities: np.ndarray, kept: np.ndarray) -> float:
    """torchmetrics' MulticlassCalibrationError (15 bins, l1) as a plain loop over images, with weights.

    Its bin of a confidence c is the last i with i / 15 <= c, all in float32; so c = 1 has the sixteenth, its own.
    """
    count, right, sure = [0.0] * 16, [0.0] * 16, [0.0] * 16
    for label, row, weight in zip(labels, probabilities, kept, strict=True):
        place = max(i for i in range(16) if np.float32(i / 15) <= np.float32(max(row)))
        count[place] += weight
        right[place] += weight * (list(row).index(max(row)) == label)
        sure[place] += weight * max(row)
    return sum(abs(right[i] / count[i] - sure[i] / count[i]) * count[i] / sum(count) for i in range(16) if count[i] > 0)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3, 4, 5, 6])
def test_every_measure_equals_scikit_learns(n_classes: int, tied: bool) -> None:
    for seed in range(8):
        check_against_scikit_learn(*make_split(n_classes, seed, tied))


@pytest.mark.parametrize("n_classes", [3, 4, 5, 6])
def test_every_measure_equals_scikit_learns_where_a_class_is_absent(n_classes: int) -> None:
    for seed in range(4):
        labels, probabilities = make_split(n_classes, seed, tied=bool(seed % 2))
        kept = labels != seed % n_classes
        check_against_scikit_learn(labels[kept], probabilities[kept])


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_every_measure_equals_scikit_learns_with_sample_weights(n_classes: int) -> None:
    labels, probabilities = make_split(n_classes, 3, tied=True)
    check_against_scikit_learn(labels, probabilities, np.random.default_rng(0).integers(0, 4, len(labels)))


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_one_image_and_constant_answers_equal_scikit_learns(n_classes: int) -> None:
    labels, probabilities = make_split(n_classes, 5, tied=False)
    constant = np.full_like(probabilities, 1 / n_classes)
    check_against_scikit_learn(labels, constant)
    certain = np.eye(n_classes)[np.random.default_rng(0).integers(0, n_classes, len(labels))]
    check_against_scikit_learn(labels, certain)


def test_the_error_of_calibration_is_that_of_a_confidence_per_bin() -> None:
    # Bins 0.5333 to 0.6, 0.6 to 0.6667 and the one of exactly 1: |1/2 - 0.55| * 2 + |0 - 0.6| + |1 - 1|, of four.
    confidence = np.array([0.55, 0.55, 0.6, 1.0])
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    found = measure(np.array([0, 1, 1, 0]), probabilities).overall
    assert found["ece"][0] == pytest.approx((2 * 0.05 + 0.6) / 4, abs=1e-12)
    assert found["brier"][0] == pytest.approx((0.45**2 + 0.55**2 + 0.6**2) / 4, abs=1e-12)


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_measures_at_thresholds_equal_scikit_learns(n_classes: int) -> None:
    labels, probabilities = make_split(n_classes, 11, tied=True)
    thresholds: list[float | None] = [float(np.quantile(column, 0.6)) for column in probabilities.T]
    thresholds[1] = None
    sample = Sample(labels, probabilities, calibrated=probabilities, thresholds=thresholds)
    weights = np.random.default_rng(2).integers(0, 3, (len(labels), 4))
    found = sample.measure(weights)
    np.testing.assert_array_equal(found.overall["ece_calibrated"], found.overall["ece"])
    for column in range(4):
        kept = weights[:, column]
        for index, threshold in enumerate(thresholds):
            if threshold is None:
                expected = [np.nan] * 4
            else:
                called, settings = probabilities[:, index] >= threshold, {"sample_weight": kept}
                truth = labels == index
                expected = [
                    sk.recall_score(truth, called, **settings),
                    sk.recall_score(~truth, ~called, **settings),
                    sk.precision_score(truth, called, **settings),
                    sk.precision_score(~truth, ~called, **settings),
                ]
            for name, value in zip(AT_THRESHOLD, expected, strict=True):
                np.testing.assert_allclose(found.at_threshold[name][column, index], value, rtol=0, atol=1e-9)


def test_weights_of_groups_are_weights_of_their_images() -> None:
    labels, probabilities = make_split(4, 13, tied=True)
    generator = np.random.default_rng(3)
    groups = generator.permutation(np.append(np.arange(20), generator.integers(0, 20, len(labels) - 20)))
    weights = generator.integers(0, 4, (20, 6)).astype(np.int32)
    together = Sample(labels, probabilities, groups).measure(weights)
    alone = measure(labels, probabilities, weights[groups])
    for name, values in alone.overall.items():
        np.testing.assert_allclose(together.overall[name], values, rtol=0, atol=1e-12, err_msg=name)
    for name, values in alone.per_class.items():
        np.testing.assert_allclose(together.per_class[name], values, rtol=0, atol=1e-12, err_msg=name)


def test_groups_behind_are_those_of_the_denominators() -> None:
    labels = np.array([0, 0, 0, 1, 1, 2])
    probabilities = np.eye(3)[[0, 0, 1, 1, 1, 1]]
    behind = Sample(labels, probabilities, np.array([0, 0, 1, 2, 3, 3]), thresholds=[0.5, None, 0.5]).groups_behind()
    assert {name: values[0].tolist() for name, values in behind.per_class.items()} == {
        "sensitivity": [2, 2, 1],
        "specificity": [2, 3, 4],
        "ppv": [1, 3, 0],
        "npv": [3, 1, 4],
        "f1": [2, 2, 1],
        "auc": [2, 2, 1],
        "average_precision": [2, 2, 1],
    }
    assert behind.overall["accuracy"][0] == 4
    assert behind.overall["macro_auc"][0] == 1
    assert behind.at_threshold["ppv"][0].tolist() == [1, 0, 0]


def test_weights_count_images_as_often_as_they_say() -> None:
    labels, probabilities = make_split(3, 7, tied=True)
    weights = np.random.default_rng(1).integers(0, 4, (len(labels), 5)).astype(np.int32)
    found = measure(labels, probabilities, weights)
    for column in range(5):
        copies = np.repeat(np.arange(len(labels)), weights[:, column])
        alone = measure(labels[copies], probabilities[copies])
        for name, values in alone.overall.items():
            assert found.overall[name][column] == pytest.approx(values[0], abs=1e-12), name
        for name, values in alone.per_class.items():
            np.testing.assert_allclose(found.per_class[name][column], values[0], atol=1e-12, err_msg=name)


def test_scores_that_are_all_equal_are_chance() -> None:
    positive = np.array([True, False, False, True, False])
    auc, average_precision = rank_measures(np.full(5, 0.5), positive, np.ones((5, 1), np.int32))
    assert auc[0] == 0.5
    assert average_precision[0] == pytest.approx(0.4)


def test_a_class_without_images_is_undefined_and_left_out_of_means() -> None:
    labels = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.8, 0.1, 0.1], [0.2, 0.1, 0.7], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1]])
    found = measure(labels, probabilities)
    for name in ("sensitivity", "f1", "auc", "average_precision"):
        assert np.isnan(found.per_class[name][0, 2]), name
    assert found.per_class["specificity"][0, 2] == 0.75
    assert found.per_class["ppv"][0, 2] == 0
    assert found.overall["balanced_accuracy"][0] == 0.75
    assert found.overall["macro_auc"][0] == 0.9375


def test_a_weighting_that_loses_a_class_leaves_the_means_undefined() -> None:
    found = measure(
        np.array([0, 0, 1]), np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]]), np.array([[1, 1], [1, 2], [1, 0]])
    )
    np.testing.assert_array_equal(np.isnan(found.overall["balanced_accuracy"]), [False, True])
    np.testing.assert_array_equal(found.overall["accuracy"], [1.0, 1.0])


def test_the_lower_class_wins_a_tie() -> None:
    assert predict_class(np.array([[0.25, 0.5, 0.5], [0.5, 0.5, 0.0]])).tolist() == [1, 0]
