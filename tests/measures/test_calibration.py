"""Temperature: the one that scikit-learn finds, finite and said wherever val does not determine it."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import log_loss

from chestbench.measures.calibration import fit_temperature, reliability_rows, with_temperature
from chestbench.measures.metrics import measure


class Given(ClassifierMixin, BaseEstimator):
    """A classifier whose features are its logits."""

    def fit(self, logits: np.ndarray, labels: np.ndarray) -> "Given":
        self.classes_ = np.unique(labels)
        return self

    def predict_proba(self, logits: np.ndarray) -> np.ndarray:
        return softmax(logits, axis=1)

    def predict(self, logits: np.ndarray) -> np.ndarray:
        return self.classes_[logits.argmax(axis=1)]

    def decision_function(self, logits: np.ndarray) -> np.ndarray:
        return logits


def make_split(n_classes: int, sharpness: float, n_images: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Logits that were calibrated before they were multiplied by `sharpness`, and labels."""
    generator = np.random.default_rng(n_classes)
    logits = generator.normal(0, 1.5, (n_images, n_classes))
    labels = np.array([generator.choice(n_classes, p=row) for row in softmax(logits, axis=1)])
    return labels, sharpness * logits


@pytest.mark.parametrize("n_classes", [3, 4, 6])
@pytest.mark.parametrize("sharpness", [0.3, 1.0, 4.0])
def test_temperature_is_scikit_learns(n_classes: int, sharpness: float) -> None:
    labels, logits = make_split(n_classes, sharpness)
    temperature, note = fit_temperature(labels, softmax(logits, axis=1))
    assert note is None
    assert temperature == pytest.approx(sharpness, rel=0.35)
    estimator = FrozenEstimator(Given().fit(logits, labels))
    reference = CalibratedClassifierCV(estimator, method="temperature").fit(logits, labels).predict_proba(logits)
    np.testing.assert_allclose(with_temperature(softmax(logits, axis=1), temperature), reference, rtol=0, atol=1e-6)


@pytest.mark.parametrize("sharpness", [0.3, 4.0])
def test_no_other_temperature_has_a_lower_log_loss(sharpness: float) -> None:
    labels, logits = make_split(2, sharpness)
    probabilities = softmax(logits, axis=1)
    temperature, _ = fit_temperature(labels, probabilities)
    least = log_loss(labels, with_temperature(probabilities, temperature))
    for factor in (0.9, 0.999, 1.001, 1.1):
        assert log_loss(labels, softmax(logits / (temperature * factor), axis=1)) > least


def test_temperature_keeps_the_order_of_classes_and_lowers_the_calibration_error() -> None:
    labels, logits = make_split(3, 4.0)
    probabilities = softmax(logits, axis=1)
    scaled = with_temperature(probabilities, fit_temperature(labels, probabilities)[0])
    np.testing.assert_array_equal(scaled.argsort(axis=1), probabilities.argsort(axis=1))
    np.testing.assert_allclose(scaled.sum(axis=1), 1, atol=1e-12)
    assert measure(labels, scaled).overall["ece"][0] < 0.5 * measure(labels, probabilities).overall["ece"][0]
    np.testing.assert_array_equal(with_temperature(probabilities, 1.0), probabilities)


def test_certainty_stays_finite() -> None:
    labels = np.array([0, 1, 1, 0] * 5)
    probabilities = np.eye(2, dtype=np.float32)[np.append(1 - labels[:1], labels[1:])]
    temperature, note = fit_temperature(labels, probabilities)
    assert np.isfinite(temperature)
    assert temperature > 1
    scaled = with_temperature(probabilities, temperature)
    assert np.isfinite(scaled).all()
    assert scaled.max() == pytest.approx(0.95, abs=1e-6)
    assert note is None


@pytest.mark.parametrize(
    ("labels", "probabilities", "said"),
    [
        ([1, 1, 1], [[0.3, 0.7], [0.6, 0.4], [0.2, 0.8]], "one class only"),
        ([0, 1, 1], [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8]], "every image of val is right"),
        ([0, 1, 1], [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], "every image of val is right"),
        ([0, 1, 1], [[0.5, 0.5]] * 3, "the same probability"),
        ([0, 1, 1, 0], [[0.1, 0.9], [0.6, 0.4], [0.7, 0.3], [0.4, 0.6]], "no better than equal ones"),
    ],
)
def test_what_val_does_not_determine_is_left_alone_and_said(labels: list, probabilities: list, said: str) -> None:
    temperature, note = fit_temperature(np.array(labels), np.array(probabilities))
    assert temperature == 1
    assert note is not None and said in note


def test_a_temperature_at_the_end_of_the_range_is_said() -> None:
    labels = np.array([0, 1] * 200)
    sign = np.where(np.arange(400) < 201, 1, -1) * np.where(labels == 1, 1, -1)
    logits = np.stack([-sign, sign], axis=1) * 8.0
    temperature, note = fit_temperature(labels, np.exp(log_softmax(logits, axis=1)))
    assert temperature == pytest.approx(100, rel=0.01)
    assert note is not None and "end of the range" in note


def test_reliability_rows_make_up_the_calibration_error() -> None:
    labels, logits = make_split(3, 3.0)
    probabilities = softmax(logits, axis=1)
    rows = reliability_rows(labels, probabilities)
    assert sum(row["images"] for row in rows) == len(labels)
    error = sum(row["images"] * abs(row["accuracy"] - row["confidence"]) for row in rows) / len(labels)
    assert error == pytest.approx(measure(labels, probabilities).overall["ece"][0], abs=1e-12)
    assert all(row["low"] <= row["confidence"] < row["high"] for row in rows)
    (certain,) = reliability_rows(np.array([1]), np.array([[0.0, 1.0]]))
    assert (certain["low"], certain["high"]) == (1, 1)
