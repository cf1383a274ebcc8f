"""From probabilities as trained to an answer: calibrated probability, decision at the threshold of val, doubt.

The decision. Where a class is looked for: that class, where its probability as trained reaches the threshold that was
chosen on val, else the likeliest of the others. Where none is: the likeliest class, as `predicted` in predictions.csv.

The doubt, in words:
- near the threshold: the probability lies between the bounds within which the threshold falls in 95% of the draws of
  val's groups, so that another val of the same size might have decided otherwise;
- below its own threshold, several classes reach theirs: without a class that is looked for, the highest probability and
  the thresholds do not agree;
- no threshold: val had too little to choose one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chestbench.measures.calibration import with_temperature
from chestbench.measures.confusion import predict_class
from chestbench.serving.description import Description, Rule

NEAR, NO_THRESHOLD, BELOW, SEVERAL = (
    "near the threshold",
    "no threshold",
    "below its own threshold",
    "several classes reach their thresholds",
)


@dataclass(frozen=True)
class Answer:
    """What a network says of a picture, or of a patient.

    Attributes:
        raw: probabilities as trained, (C,), float32 of a picture, float64 of a patient's mean.
        calibrated: the same after temperature scaling, (C,) float64.
        decision: a class.
        doubt: words, "" for none.
    """

    raw: NDArray[np.floating]
    calibrated: NDArray[np.float64]
    decision: str
    doubt: str


def answers_of(probabilities: NDArray[np.float32], described: Description) -> list[Answer]:
    """Return the answer on each picture; `probabilities` are those as trained, (N, C)."""
    calibrated = with_temperature(probabilities, described.temperature)
    return [
        Answer(raw, scaled, *decide(raw, described, described.picture))
        for raw, scaled in zip(probabilities, calibrated, strict=True)
    ]


def decide(raw: NDArray[np.floating], described: Description, rule: Rule) -> tuple[str, str]:
    """Return decision and doubt; `raw` are probabilities as trained, (C,)."""
    classes, sought = described.classes, described.positive
    likeliest = classes[int(predict_class(raw[np.newaxis])[0])]
    threshold = rule.thresholds.get(sought) if sought else None
    if sought and threshold is not None:
        place = classes.index(sought)
        others = np.array(raw, np.float64)
        others[place] = -1
        called = raw[place] >= threshold
        decision = sought if called else classes[int(np.argmax(others))]
        return decision, _near(raw[place], rule, sought)
    own = rule.thresholds.get(likeliest)
    if sought or own is None:
        return likeliest, NO_THRESHOLD
    reached = [
        name
        for name, value in zip(classes, raw, strict=True)
        if (least := rule.thresholds.get(name)) is not None and value >= least
    ]
    place = classes.index(likeliest)
    if near := _near(raw[place], rule, likeliest):
        return likeliest, near
    if likeliest not in reached:
        return likeliest, BELOW
    return likeliest, SEVERAL if len(reached) > 1 else ""


def _near(value: np.floating, rule: Rule, name: str) -> str:
    bounds = rule.bounds.get(name)
    return NEAR if bounds is not None and bounds[0] <= value <= bounds[1] else ""


class Patients:
    """The mean of each patient's pictures, as they come: `thresholds_per_group` and the report of evaluation per group.

    Memory grows with the number of patients, not of pictures.
    """

    def __init__(self, described: Description) -> None:
        self._described = described
        self._sums: dict[str, tuple[NDArray[np.float64], NDArray[np.float64], int]] = {}

    def add(self, patient: str, answer: Answer) -> None:
        """Take a picture's answer in."""
        empty = np.zeros(len(answer.raw))
        raw, calibrated, count = self._sums.get(patient, (empty, empty, 0))
        self._sums[patient] = (raw + answer.raw.astype(np.float64), calibrated + answer.calibrated, count + 1)

    def answers(self) -> list[tuple[str, int, Answer]]:
        """Return (patient, pictures, answer) in the order of each one's first picture."""
        found = []
        for patient, (raw, calibrated, count) in self._sums.items():
            mean = raw / count
            decided = decide(mean, self._described, self._described.patient)
            found.append((patient, count, Answer(mean, calibrated / count, *decided)))
        return found
