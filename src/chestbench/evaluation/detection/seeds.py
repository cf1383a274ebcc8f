"""A detector's trainings with several seeds: how far their figures lie apart, and their boxes fused.

Boxes of several trainings are fused, not averaged as probabilities are: those that overlap become one, whose corners
are their mean weighed by score (R. Solovyev, W. Wang, T. Gabruseva 2021, Weighted boxes fusion: ensembling boxes from
different object detection models, Image and Vision Computing 107:104117).
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from chestbench.evaluation.detection.judging import Judged, judge
from chestbench.evaluation.detection.split import BoxSplit, Measuring, measure_split
from chestbench.evaluation.detection.working_point import choose_threshold
from chestbench.evaluation.ensemble import ensemble_name
from chestbench.imaging.box_fusion import fuse
from chestbench.imaging.boxes import Boxes
from chestbench.measures.detection.measured import BoxSample
from chestbench.measures.detection.record import BoxesSplit, DetectorSeeds, FusedRecord

if TYPE_CHECKING:
    import keras

Found = Mapping[str, list[Boxes]]
Predict = Callable[["keras.Model", NDArray[np.uint8], int], list[Boxes]]
Load = Callable[[Path], "keras.Model"]
# Key of the record -> split and measure.
MEASURES = {
    "val_map50": ("val", "map50"),
    "test_map50": ("test", "map50"),
    "test_map50_95": ("test", "map50_95"),
    "test_froc": ("test", "froc"),
}


def find_boxes(model: "keras.Model", predict: Predict, splits: Mapping[str, BoxSplit], batch_size: int) -> Found:
    """Return what a detector finds on each picture of each split, asked once."""
    return {name: predict(model, split.images, batch_size) for name, split in splits.items()}


def seed_values(found: Found, splits: Mapping[str, BoxSplit], findings: Sequence[str]) -> dict[str, float | None]:
    """Return the values of `MEASURES` of what one training found on val and test; None where one is not defined."""
    measured = {
        name: BoxSample(split.truth, found[name], findings, split.groups).measure() for name, split in splits.items()
    }
    values = {key: float(measured[split][name][0]) for key, (split, name) in MEASURES.items()}
    return {key: value if np.isfinite(value) else None for key, value in values.items()}


def summarise(seeds: Sequence[int], values: Sequence[Mapping[str, float | None]]) -> DetectorSeeds:
    """Return the seeds, and of each of `MEASURES` the values, their mean and the standard deviation of a sample.

    Mean and deviation are None where a value is.
    """
    summary: dict[str, object] = {"seeds": list(seeds)}
    for key in MEASURES:
        found = [value[key] for value in values]
        defined = [value for value in found if value is not None]
        whole = len(defined) == len(found)
        mean, spread = (float(np.mean(defined)), float(np.std(defined, ddof=1))) if whole else (None, None)
        summary[key] = {"values": found, "mean": mean, "sd": spread}
    return cast("DetectorSeeds", summary)


def measure_fused(
    name: str, found: Sequence[Found], splits: Mapping[str, BoxSplit], by: Measuring
) -> tuple[FusedRecord, Found, list[Judged]]:
    """Fuse what every training found, and measure it by the rules of one: val chooses the threshold, test is judged.

    Args:
        name: of the detector.
        found: of each training, first seed first.
        splits: val and test.
        by: how intervals are made.

    Returns:
        The record, the fused boxes of each split, and test's pictures judged.
    """
    together = {
        split: [fuse(list(boxes)) for boxes in zip(*(each[split] for each in found), strict=True)] for split in splits
    }
    chosen = choose_threshold(judge(splits["val"].truth, together["val"]))
    measured: dict[str, BoxesSplit] = {}
    pictures: list[Judged] = []
    for split, of in splits.items():
        measured[split], pictures = measure_split(of, together[split], by, chosen)
    record: FusedRecord = {
        "name": ensemble_name(name, len(found)),
        "trainings": len(found),
        "working_point": chosen,
        "val": measured["val"],
        "test": measured["test"],
    }
    return record, together, pictures


def describe_seeds(summary: DetectorSeeds) -> str:
    """Return one line: the mean and the spread on test."""
    figures = summary["test_map50"]
    mean, spread = figures["mean"], figures["sd"]
    found = "not defined" if mean is None or spread is None else f"{mean:.3f} (standard deviation {spread:.3f})"
    return f"over {len(summary['seeds'])} seeds: test mAP@0.5 {found}"
