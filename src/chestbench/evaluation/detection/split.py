"""One split of one detector: what was drawn and found, measured, with intervals over groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from chestbench.core.config import Evaluate
from chestbench.core.errors import ChestbenchError
from chestbench.evaluation.detection.judging import Judged, judge
from chestbench.evaluation.detection.working_point import at_threshold
from chestbench.imaging.boxes import Boxes
from chestbench.measures.detection.measured import MeasuredBoxes, measure_boxes
from chestbench.measures.detection.record import BoxesSplit, WorkingPoint
from chestbench.preparation.arrays import load_split
from chestbench.preparation.detection.load import load_boxes


@dataclass(frozen=True)
class Measuring:
    """By what every set of boxes of an evaluation is measured.

    Attributes:
        findings: name of each label.
        resamples: of the bootstrap.
        confidence: coverage of the intervals.
        seed: of the drawing.
    """

    findings: list[str]
    resamples: int
    confidence: float
    seed: int

    @classmethod
    def of(cls, findings: list[str], settings: Evaluate, seed: int) -> "Measuring":
        """Return what the parameters ask for."""
        return cls(findings, settings.bootstrap, settings.confidence, seed)


@dataclass(frozen=True)
class BoxSplit:
    """One split: pictures and what readers drew on them.

    Attributes:
        name: train, val or test.
        images: uint8 (N, H, W, 1), memory-mapped.
        image_ids: N.
        groups: patient or look-alike group of each.
        truth: the boxes of each, in its pixels.
    """

    name: str
    images: NDArray[np.uint8]
    image_ids: list[str]
    groups: list[str]
    truth: list[Boxes]

    def counts(self, findings: Sequence[str]) -> dict[str, Any]:
        """Return how many pictures have boxes, and how many boxes there are of each finding."""
        labels = np.concatenate([np.zeros(0, np.int64), *(boxes.labels for boxes in self.truth)])
        of = np.bincount(labels, minlength=len(findings)).tolist()
        return {
            "with_boxes": sum(len(boxes) > 0 for boxes in self.truth),
            "boxes_of": dict(zip(findings, of, strict=True)),
        }


def load_box_split(processed: Path, boxes: Path, name: str) -> BoxSplit:
    """Return one split of data/processed with its boxes of data/boxes.

    Raises:
        ChestbenchError: there are boxes of another number of pictures.
    """
    split, truth = load_split(processed, name), load_boxes(boxes, name)
    if len(truth) != len(split.images):
        raise ChestbenchError(
            f"{boxes}: expected the boxes of {len(split.images)} pictures of {name}, received those of {len(truth)}; "
            "run `dvc repro boxes`"
        )
    return BoxSplit(name, split.images, split.image_ids, split.groups, truth)


def measure(split: BoxSplit, found: Sequence[Boxes], by: Measuring) -> MeasuredBoxes:
    """Return the measures of what was found on each picture of a split."""
    bootstrap = by.resamples, by.confidence, by.seed
    return measure_boxes(split.truth, found, by.findings, split.groups, *bootstrap)


def measure_split(
    split: BoxSplit, found: Sequence[Boxes], by: Measuring, chosen: WorkingPoint
) -> tuple[BoxesSplit, list[Judged]]:
    """Return a split's record, and each picture judged.

    Args:
        split: val or test.
        found: on each of its pictures.
        by: how intervals are made.
        chosen: the threshold from val.
    """
    pictures = judge(split.truth, found)
    record = cast("BoxesSplit", measure(split, found, by))
    if chosen["threshold"] is not None:
        bootstrap = by.resamples, by.confidence, by.seed
        record["at_threshold"] = at_threshold(pictures, chosen["threshold"], split.groups, *bootstrap)
    return record, pictures


def notes(splits: Mapping[str, BoxesSplit], absent: Sequence[str]) -> list[str]:
    """Return in words why a figure is not defined, or worth little.

    Args:
        splits: val and test.
        absent: findings of which train has no box.
    """
    said = []
    if absent:
        said.append(f"train has no box of {', '.join(absent)}: it was not learnt")
    for name, split in splits.items():
        missing = split["absent_findings"]
        if not split["boxes"]:
            said.append(f"{name} has no box at all: no measure is defined")
        elif missing:
            said.append(f"{name} has no box of {', '.join(missing)}: the means are over the other findings")
        if not split["found"]:
            said.append(f"no box was found on any picture of {name}")
    return said
