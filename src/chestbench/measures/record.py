"""What metrics/models/NAME.json holds of a network that was measured, as types: no cost at run time, checked by mypy.

A key that only some records have is `NotRequired`, with the reason. metrics/baselines.json and metrics/external/ are
made of the same parts: see other_records.
"""

from typing import NotRequired, TypedDict

from chestbench.core.positive import PositiveRecord
from chestbench.core.words import Figure


class Threshold(TypedDict):
    """From which probability a class is called; None where val has images of one side only."""

    threshold: float | None
    rule: str


class AtThreshold(TypedDict):
    """One class called at its threshold; `confusion` is [[TP, FN], [FP, TN]], None without a threshold."""

    sensitivity: Figure
    specificity: Figure
    ppv: Figure
    npv: Figure
    confusion: list[list[int]] | None


class ClassMeasures(TypedDict):
    """One class against the rest; it counts what a row of the split is: images, groups or studies."""

    images: NotRequired[int]
    groups: NotRequired[int]
    studies: NotRequired[int]
    sensitivity: Figure
    specificity: Figure
    ppv: Figure
    npv: Figure
    f1: Figure
    auc: Figure
    average_precision: Figure
    at_threshold: NotRequired[AtThreshold]  # not where nothing is chosen on val: baselines, studies


class Measured(TypedDict):
    """What `intervals.evaluate_split` gives for images, groups and studies alike."""

    groups: int
    balanced_accuracy: Figure
    accuracy: Figure
    macro_f1: Figure
    macro_specificity: Figure
    macro_auc: Figure
    macro_average_precision: Figure
    brier: Figure
    ece: Figure
    ece_calibrated: NotRequired[Figure]  # not where no temperature is chosen
    per_class: dict[str, ClassMeasures]
    absent_classes: list[str]
    confusion: list[list[int]]


class GroupRecord(Measured):
    """Predictions averaged over each group's images of one label (`units`)."""

    units: int
    mixed_groups: int


class StudyRecord(Measured):
    """Predictions averaged over each study's images."""

    studies: int
    study_map: Figure


class SplitRecord(Measured):
    """One split, by image."""

    images: int
    per_group: NotRequired[GroupRecord]  # not of the baselines
    per_study: NotRequired[StudyRecord]  # only where studies are known


class TrainingFacts(TypedDict):
    """What the leaderboard needs to know of the training."""

    parameters: int
    epochs_run: int
    best_epoch: int
    backend: str
    precision: str
    weights: str
    image_size: int
    seed: int
    random_labels: bool


class Bootstrap(TypedDict):
    """How the intervals were made: resamples of which unit, and their coverage."""

    resamples: int
    confidence: float
    unit: str


class SeedFigures(TypedDict):
    """One measure over the seeds; mean and standard deviation are None where a value is."""

    values: list[float | None]
    mean: float | None
    sd: float | None


class SeedsRecord(TypedDict):
    """The same network trained with several seeds."""

    seeds: list[int]
    val_balanced_accuracy: SeedFigures
    test_balanced_accuracy: SeedFigures
    test_macro_auc: SeedFigures
    test_macro_f1: SeedFigures
    test_accuracy: NotRequired[SeedFigures]  # not of evaluations before papers' accuracies stood beside ours


class EnsembleRecord(TypedDict):
    """The mean of the probabilities of a network's trainings with several seeds, judged as one network."""

    name: str
    trainings: int
    temperature: float
    thresholds: dict[str, Threshold]
    thresholds_per_group: dict[str, Threshold]
    chosen_notes: list[str]
    val: SplitRecord
    test: SplitRecord


class NetworkRecord(TypedDict):
    """metrics/models/NAME.json."""

    model: str
    dataset: str
    data_sha256: str
    split_unit: str
    images_in_all: NotRequired[int]  # not of trainings before there was one
    images_without_group: NotRequired[int]
    synthetic: bool
    run_key: str
    experiment: str
    notice: str
    tiny: NotRequired[list[str]]  # only where there is too little for a result
    classes: list[str]
    positive: PositiveRecord
    training: TrainingFacts
    train_images: list[int]
    bootstrap: Bootstrap
    temperature: float
    thresholds: dict[str, Threshold]
    thresholds_per_group: dict[str, Threshold]
    chosen_notes: list[str]
    val: SplitRecord
    test: SplitRecord
    seeds: NotRequired[SeedsRecord]  # only with train.seeds
    ensemble: NotRequired[EnsembleRecord]  # likewise
    shifts: NotRequired[int]  # only where evaluate.shifts is above 0


def figure_of(measured: Measured | ClassMeasures | AtThreshold, name: str) -> Figure:
    """Return the measure of that name, such as `macro_auc`; mypy wants a key in words, loops over measures have none.

    Raises:
        KeyError: there is no such measure.
    """
    found: Figure = dict(measured)[name]  # type: ignore[assignment]
    return found


def split_of(record: NetworkRecord, name: str) -> SplitRecord:
    """Return the record of `val` or `test`.

    Raises:
        KeyError: the name is another.
    """
    return {"val": record["val"], "test": record["test"]}[name]


def over_seeds(seeds: SeedsRecord) -> dict[str, SeedFigures]:
    """Return the figures of each measure over the seeds, without the seeds themselves."""
    return {name: figures for name, figures in seeds.items() if name != "seeds"}  # type: ignore[misc]
