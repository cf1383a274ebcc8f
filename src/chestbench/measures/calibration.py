"""Whether probabilities mean what they say: Brier score, expected calibration error, temperature scaling.

Sources: Brier 1950, Monthly Weather Review 78:1; Guo et al. 2017, On calibration of modern neural networks, ICML
(expected calibration error of the top label, temperature scaling).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]

BINS = 15
# As torchmetrics' MulticlassCalibrationError: fifteen bins of equal width, each with its lower edge, compared in
# float32; a confidence of exactly 1 has a bin of its own.
EDGES = np.linspace(0, 1, BINS + 1).astype(np.float32)
# Temperatures beyond these change no probability that a report could show.
COLDEST, HOTTEST = 0.01, 100.0
SMALLEST = float(np.finfo(np.float32).tiny)


def brier_terms(labels: Ints, probabilities: Floats) -> Floats:
    """Return each image's part of the Brier score, (N,): the sum over classes of squared differences.

    With two classes both differences are equal and one is counted, so the score lies in 0 to 1; with more it lies in 0
    to 2. That is scikit-learn's `brier_score_loss` with its default `scale_by_half="auto"`.
    """
    wrong = np.array(probabilities, dtype=np.float64)
    wrong[np.arange(len(labels)), labels] -= 1
    terms = np.einsum("nc,nc->n", wrong, wrong)
    return terms / 2 if wrong.shape[1] == 2 else terms


def confidence_bins(probabilities: Floats) -> tuple[Floats, Ints]:
    """Return the confidence (highest probability) of each image, (N,), and its bin, 0 to BINS, (N,)."""
    confidence = np.asarray(probabilities).max(axis=1)
    places = np.searchsorted(EDGES, confidence.astype(np.float32), side="right") - 1
    return confidence.astype(np.float64), np.clip(places, 0, BINS)


def reliability_rows(labels: Ints, probabilities: Floats) -> list[dict[str, Any]]:
    """Return what the reliability diagram shows, one row per bin that holds images.

    Columns: low, high (edges; both 1 in the bin of exact certainty), images, confidence (their mean) and accuracy.
    """
    confidence, places = confidence_bins(probabilities)
    right = np.argmax(probabilities, axis=1) == labels
    rows = []
    for place in np.unique(places):
        inside = places == place
        rows.append(
            {
                "low": place / BINS,
                "high": min(place + 1, BINS) / BINS,
                "images": int(inside.sum()),
                "confidence": float(confidence[inside].mean()),
                "accuracy": float(right[inside].mean()),
            }
        )
    return rows


def with_temperature(probabilities: Floats, temperature: float) -> Floats:
    """Return softmax(log p / T), (N, C) float64; the order of the classes stays. T = 1 returns `probabilities`."""
    probabilities = np.asarray(probabilities, dtype=np.float64)
    if temperature == 1:
        return probabilities
    scaled = _logs(probabilities) / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def fit_temperature(labels: Ints, probabilities: Floats) -> tuple[float, str | None]:
    """Return the temperature that minimises the mean log loss, and why it is not an ordinary minimum, or None.

    The loss is convex in 1 / T, so its one minimum is found within `COLDEST` to `HOTTEST`. Where it has none, the
    probabilities are left alone (temperature 1): labels of one class only, every image right (any sharpening would
    lower the loss), or no network better than chance (any flattening would).

    Args:
        labels: class index per image, (N,).
        probabilities: (N, C); a zero counts as 1.2e-38.

    Example:
        A network that is always 99% sure, and right three times of four.

        >>> labels, said = np.array([0, 0, 0, 1]), np.tile([0.99, 0.01], (4, 1))
        >>> temperature, note = fit_temperature(labels, said)
        >>> round(temperature, 2), note
        (4.18, None)
        >>> with_temperature(said, temperature)[0].round(2).tolist()
        [0.75, 0.25]
    """
    logs = _logs(probabilities)
    true = logs[np.arange(len(labels)), labels]
    if len(np.unique(labels)) < 2:
        return 1.0, "temperature left at 1: val has images of one class only"
    if (logs.max(axis=1) - logs.min(axis=1) < 1e-12).all():
        return 1.0, "temperature left at 1: on val every class always has the same probability"
    if (true == logs.max(axis=1)).all():
        return 1.0, "temperature left at 1: every image of val is right, so the log loss has no minimum"
    if true.mean() <= logs.mean():
        return 1.0, "temperature left at 1: on val the probabilities are no better than equal ones"

    # Half a second, for which whoever measures without fitting does not wait.
    from scipy.optimize import minimize_scalar

    def log_loss(log_temperature: float) -> float:
        scaled = logs / np.exp(log_temperature)
        top = scaled.max(axis=1)
        normaliser = top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))
        return float((normaliser - true / np.exp(log_temperature)).mean())

    bounds = (float(np.log(COLDEST)), float(np.log(HOTTEST)))
    found = minimize_scalar(log_loss, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    temperature = float(np.exp(found.x))
    if min(found.x - bounds[0], bounds[1] - found.x) < 1e-3:
        return temperature, f"temperature {temperature:.3g} is at the end of the range that is searched"
    return temperature, None


def _logs(probabilities: Floats) -> Floats:
    return np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), SMALLEST))
