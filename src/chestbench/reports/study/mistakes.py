"""The worst mistakes of a network: the test images that it is most sure of and wrong about."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chestbench.measures.calibration import with_temperature
from chestbench.measures.metrics import predict_class
from chestbench.measures.predictions import Predictions

MOST = 8


class Mistake(NamedTuple):
    """One test image that is called wrongly.

    Attributes:
        image_id: short hash of the file.
        actual: class.
        predicted: class.
        confidence: probability of the predicted class after temperature scaling, 0 to 1.
        given: probability of the actual class, likewise.
        as_trained: probability of the predicted class before temperature scaling.
    """

    image_id: str
    actual: str
    predicted: str
    confidence: float
    given: float
    as_trained: float


def worst(said: Predictions, classes: Sequence[str], temperature: float, most: int = MOST) -> tuple[list[Mistake], int]:
    """Return the wrong answers of the highest confidence, and how many wrong ones there are in all.

    Args:
        said: the predictions on test.
        classes: the C class names.
        temperature: chosen on val.
        most: so many are returned.
    """
    scaled, predicted = with_temperature(said.probabilities, temperature), predict_class(said.probabilities)
    wrong = np.flatnonzero(predicted != said.labels)
    order = sorted(wrong.tolist(), key=lambda place: (-scaled[place, predicted[place]], said.image_ids[place]))
    found = [
        Mistake(
            said.image_ids[place],
            classes[said.labels[place]],
            classes[predicted[place]],
            float(scaled[place, predicted[place]]),
            float(scaled[place, said.labels[place]]),
            float(said.probabilities[place, predicted[place]]),
        )
        for place in order[:most]
    ]
    return found, len(wrong)
