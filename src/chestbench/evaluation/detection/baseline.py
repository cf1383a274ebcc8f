"""What a detector must beat: the mean box of train, drawn on every picture, whatever it shows.

Chest pictures are taken in one posture, and what is looked for lies in the lungs: a box that never looks at the picture
hits some of it by place alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chestbench.imaging.boxes import Boxes

NAME = "mean box of train"


@dataclass(frozen=True)
class MeanBoxes:
    """One box for each finding that train has a box of.

    Attributes:
        boxes: the mean of the corners of the finding's boxes in train, in pixels; its score is the share of train's
            pictures that have a box of the finding, so that of several findings the commonest comes first.
        absent: findings of which train has no box: none is drawn.
    """

    boxes: Boxes
    absent: list[str]

    def found(self, pictures: int) -> list[Boxes]:
        """Return the same boxes for each of so many pictures."""
        return [self.boxes] * pictures

    def as_record(self, findings: Sequence[str]) -> dict[str, object]:
        """Return the boxes as a record holds them, by finding: corners in pixels and score."""
        parts = zip(self.boxes.labels.tolist(), self.boxes.corners.tolist(), self.boxes.scores.tolist(), strict=True)
        drawn = {findings[label]: {"corners": corners, "score": score} for label, corners, score in parts}
        return {"boxes": drawn, "absent": self.absent}


def mean_boxes(train: Sequence[Boxes], findings: Sequence[str]) -> MeanBoxes:
    """Return the mean box of each finding.

    Args:
        train: what was drawn on each picture of train; of other splits nothing is read.
        findings: name of each label.

    Raises:
        ValueError: train has no picture.

    Example:
        >>> drawn = [Boxes.of([[0, 0, 4, 4], [4, 2, 8, 8]]), Boxes.of([])]
        >>> mean = mean_boxes(drawn, ["opacity"])
        >>> mean.boxes.corners.tolist(), mean.boxes.scores.tolist(), mean.absent
        ([[2.0, 1.0, 6.0, 6.0]], [0.5], [])
    """
    if not train:
        raise ValueError("expected at least one picture of train, received none")
    corners: list[NDArray[np.float64]] = []
    labels: list[int] = []
    scores: list[float] = []
    absent = []
    for label, name in enumerate(findings):
        own = [boxes.corners[boxes.labels == label] for boxes in train]
        places = np.concatenate(own)
        if not len(places):
            absent.append(name)
            continue
        corners.append(places.mean(axis=0))
        labels.append(label)
        scores.append(sum(len(part) > 0 for part in own) / len(train))
    return MeanBoxes(Boxes.of(np.array(corners), labels, scores), absent)


def baseline_words(record: Mapping[str, object]) -> str:
    """Return what the baseline draws, in a sentence."""
    absent = record["absent"]
    told = "the mean box of train on every picture, with the share of train's pictures that have one as its score"
    return f"{told} (none of {', '.join(map(str, absent))}, of which train has no box)" if absent else told  # type: ignore[call-overload]
