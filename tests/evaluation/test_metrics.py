"""Measures equal scikit-learn's, with ties, and have a defined value where a class is absent."""

import numpy as np
import pytest
from sklearn import metrics as sk

from chestbench.evaluation.metrics import confusion_matrix, measure, predict_class, rank_measures


def make_split(n_classes: int, seed: int, tied: bool) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    labels = np.append(np.arange(n_classes), generator.integers(0, n_classes, 150))
    scores = generator.random((len(labels), n_classes)) + 0.4 * np.eye(n_classes)[labels]
    if tied:
        scores = np.round(scores, 1)
    return labels, scores / scores.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3, 4, 5, 6])
def test_every_measure_equals_scikit_learns(n_classes: int, tied: bool) -> None:
    labels, probabilities = make_split(n_classes, n_classes, tied)
    predicted = predict_class(probabilities)
    found = measure(labels, probabilities)
    everyone = list(range(n_classes))
    by_class = [sk.confusion_matrix(labels == index, predicted == index) for index in everyone]
    expected = {
        "sensitivity": sk.recall_score(labels, predicted, average=None, labels=everyone),
        "ppv": sk.precision_score(labels, predicted, average=None, labels=everyone, zero_division=np.nan),
        "f1": sk.f1_score(labels, predicted, average=None, labels=everyone),
        "specificity": [matrix[0, 0] / matrix[0].sum() for matrix in by_class],
        "auc": [sk.roc_auc_score(labels == index, probabilities[:, index]) for index in everyone],
        "average_precision": [
            sk.average_precision_score(labels == index, probabilities[:, index]) for index in everyone
        ],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(found.per_class[name][0], values, rtol=0, atol=1e-9, err_msg=name)
    overall = {
        "balanced_accuracy": sk.balanced_accuracy_score(labels, predicted),
        "accuracy": sk.accuracy_score(labels, predicted),
        "macro_f1": sk.f1_score(labels, predicted, average="macro"),
        "macro_auc": np.mean(expected["auc"]),
        "macro_specificity": np.mean(expected["specificity"]),
        "macro_average_precision": np.mean(expected["average_precision"]),
    }
    assert set(overall) == set(found.overall)
    for name, value in overall.items():
        assert found.overall[name][0] == pytest.approx(value, abs=1e-9), name
    np.testing.assert_array_equal(
        confusion_matrix(labels, predicted, n_classes), sk.confusion_matrix(labels, predicted, labels=everyone)
    )


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
