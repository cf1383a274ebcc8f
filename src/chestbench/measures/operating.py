"""What is chosen on val and then applied unchanged: temperature and thresholds; and a split's record with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, cast

import numpy as np
from numpy.typing import NDArray

from chestbench.measures.calibration import fit_temperature, with_temperature
from chestbench.measures.intervals import evaluate_resampled, evaluate_split
from chestbench.measures.per_group import mean_rows, units_of
from chestbench.measures.record import GroupRecord, NetworkRecord, SplitRecord, Threshold
from chestbench.measures.resampled import Resampled
from chestbench.measures.thresholds import choose_thresholds

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]


class ChosenRecord(TypedDict):
    """What metrics/models/NAME.json says was chosen."""

    temperature: float
    thresholds: dict[str, Threshold]
    thresholds_per_group: dict[str, Threshold]
    chosen_notes: list[str]


@dataclass(frozen=True)
class Chosen:
    """What val decides.

    Attributes:
        temperature: see `calibration.fit_temperature`.
        thresholds: `{class: {"threshold": float or None, "rule": text}}`, for one image.
        thresholds_per_group: the same for the mean probability of a group's images.
        notes: a sentence for each of them that is not to be relied on.
    """

    temperature: float
    thresholds: dict[str, Threshold]
    thresholds_per_group: dict[str, Threshold]
    notes: list[str]

    @classmethod
    def from_record(cls, record: ChosenRecord | NetworkRecord) -> "Chosen":
        """Return what metrics/models/{model}.json says was chosen."""
        return cls(
            record["temperature"], record["thresholds"], record["thresholds_per_group"], list(record["chosen_notes"])
        )

    def as_record(self) -> ChosenRecord:
        """Return the keys of metrics/models/{model}.json."""
        return {
            "temperature": self.temperature,
            "thresholds": self.thresholds,
            "thresholds_per_group": self.thresholds_per_group,
            "chosen_notes": self.notes,
        }


def choose(
    labels: Ints,
    probabilities: Floats,
    groups: Sequence[object],
    classes: Sequence[str],
    wished_sensitivity: float | None = None,
    sought: str | None = None,
) -> Chosen:
    """Choose on val.

    Args:
        labels: class index per image of val, (N,).
        probabilities: (N, C).
        groups: group of each image.
        classes: the C names.
        wished_sensitivity: see `thresholds.choose_threshold`.
        sought: the class that it is for; None: for each.
    """
    temperature, note = fit_temperature(labels, probabilities)
    wish = wished_sensitivity, sought
    thresholds, notes = choose_thresholds(labels, probabilities, classes, *wish)
    units = units_of(labels, groups)
    means = mean_rows(units.codes, probabilities)
    per_group, group_notes = choose_thresholds(units.labels, means, classes, *wish)
    added = [f"per group: {text}" for text in group_notes if text not in notes]
    return Chosen(temperature, thresholds, per_group, [*([note] if note else []), *notes, *added])


def split_record(
    labels: Ints,
    probabilities: Floats,
    groups: Sequence[object],
    classes: Sequence[str],
    chosen: Chosen,
    resamples: int,
    confidence: float,
    seed: int,
) -> SplitRecord:
    """Return `evaluate_split` of the images, with the same of the groups under `per_group`.

    `per_group` counts `units` (a group's images of one label), `groups`, and `mixed_groups` (groups of more than one
    label); the resampling draws whole groups there too. A unit's probability is the mean over its images, also where
    they are calibrated.

    Args:
        labels: class index per image, (N,).
        probabilities: (N, C).
        groups: group of each image.
        classes: the C names.
        chosen: from `choose`.
        resamples: see `evaluate_split`.
        confidence: see `evaluate_split`.
        seed: see `evaluate_split`.
    """
    return split_resampled(labels, probabilities, groups, classes, chosen, resamples, confidence, seed)[0]


def split_resampled(
    labels: Ints,
    probabilities: Floats,
    groups: Sequence[object],
    classes: Sequence[str],
    chosen: Chosen,
    resamples: int,
    confidence: float,
    seed: int,
) -> tuple[SplitRecord, Resampled]:
    """Return the record of `split_record`, which has the arguments, and the images' figures under its resamples."""
    calibrated = with_temperature(probabilities, chosen.temperature)
    settings = (classes, resamples, confidence, seed)
    record, figures = evaluate_resampled(
        labels, probabilities, groups, *settings, calibrated=calibrated, thresholds=chosen.thresholds
    )
    units = units_of(labels, groups)
    means, calibrated_means = mean_rows(units.codes, probabilities), mean_rows(units.codes, calibrated)
    per_group = evaluate_split(
        units.labels,
        means,
        units.groups,
        *settings,
        unit="groups",
        calibrated=calibrated_means,
        thresholds=chosen.thresholds_per_group,
    )
    counts = {"units": len(units.labels), "mixed_groups": units.mixed_groups}
    record["per_group"] = cast("GroupRecord", {**counts, **per_group})
    return record, figures
