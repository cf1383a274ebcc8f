"""Predictions per study: means over images, measures as scikit-learn's, one label per study."""

import numpy as np
import pytest
from sklearn import metrics as sk

from chestbench.core.errors import ChestbenchError
from chestbench.measures.studies import average_per_study, evaluate_studies

CLASSES = ("Negative", "Typical", "Indeterminate", "Atypical")


def make_images(seed: int = 0) -> tuple[list[str], np.ndarray, np.ndarray, list[str]]:
    """Forty studies of one to four images in no order; two studies make a group."""
    generator = np.random.default_rng(seed)
    study = generator.permutation(np.repeat(np.arange(40), generator.integers(1, 5, 40)))
    labels = (study * 7) % 4
    scores = generator.random((len(study), 4)) + 0.3 * np.eye(4)[labels]
    names, groups = [f"s{code:05d}" for code in study], [f"g{code // 2:05d}" for code in study]
    return names, labels, scores / scores.sum(axis=1, keepdims=True), groups


def test_probabilities_are_averaged_over_the_images_of_a_study() -> None:
    names, labels, probabilities, groups = make_images()
    found = average_per_study(names, labels, probabilities, groups)
    order = list(dict.fromkeys(names))
    assert len(found.labels) == 40
    for place, name in enumerate(order):
        inside = [n for n, other in enumerate(names) if other == name]
        np.testing.assert_allclose(found.probabilities[place], probabilities[inside].mean(axis=0))
        assert found.labels[place] == labels[inside[0]]
        assert found.groups[place] == groups[inside[0]]


def test_study_map_is_scikit_learns_mean_average_precision() -> None:
    names, labels, probabilities, groups = make_images(1)
    found = average_per_study(names, labels, probabilities, groups)
    record = evaluate_studies(found, CLASSES, 200, 0.95, seed=3)
    each = [sk.average_precision_score(found.labels == place, found.probabilities[:, place]) for place in range(4)]
    assert record["study_map"]["value"] == pytest.approx(np.mean(each), abs=1e-9)
    assert record["study_map"]["low"] <= record["study_map"]["value"] <= record["study_map"]["high"]
    auc = [sk.roc_auc_score(found.labels == place, found.probabilities[:, place]) for place in range(4)]
    assert record["macro_auc"]["value"] == pytest.approx(np.mean(auc), abs=1e-9)
    predicted = found.probabilities.argmax(axis=1)
    assert record["macro_f1"]["value"] == pytest.approx(sk.f1_score(found.labels, predicted, average="macro"))
    assert (record["studies"], record["groups"]) == (40, 20)
    assert record["per_class"]["Typical"]["studies"] == int((found.labels == 1).sum())
    assert "images" not in record


def test_an_image_of_no_known_study_is_a_study_of_its_own() -> None:
    found = average_per_study(["", "s1", "", "s1"], np.array([0, 1, 0, 1]), np.eye(4)[[0, 1, 2, 3]], list("abab"))
    assert found.labels.tolist() == [0, 1, 0]
    np.testing.assert_array_equal(found.probabilities, [[1, 0, 0, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]])
    assert found.groups == ["a", "b", "a"]


def test_two_labels_in_one_study_are_refused() -> None:
    with pytest.raises(ChestbenchError, match="study s2: expected one label"):
        average_per_study(["s1", "s2", "s2"], np.array([0, 0, 1]), np.eye(2)[[0, 0, 1]], list("abb"))
