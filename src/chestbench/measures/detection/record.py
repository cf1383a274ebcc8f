"""What metrics/detectors/NAME.json holds of a detector that was measured, as types that mypy checks.

Where a figure is not defined (a finding without a box in a split, no box found at all) its value is null, and `notes`
says why in words.
"""

from typing import NotRequired, TypedDict

from chestbench.core.words import Figure
from chestbench.measures.detection.measured import MeasuredBoxes
from chestbench.measures.record import Bootstrap, SeedFigures

TASK = "detect"


class WorkingPoint(TypedDict):
    """From which score a box is drawn, chosen on val; None where val has no box, or none of them is ever found."""

    threshold: float | None
    rule: str
    overlap: float


class AtWorkingPoint(TypedDict):
    """What a reader would see: boxes from the threshold on."""

    right: int
    missed: int
    false: int
    sensitivity: Figure
    ppv: Figure
    false_per_image: Figure
    pictures: dict[str, int]  # by outcome, see `judging.OUTCOMES`


class BoxesSplit(MeasuredBoxes):
    """One split of a detector."""

    at_threshold: NotRequired[AtWorkingPoint]  # not without a threshold


class BaselineRecord(TypedDict):
    """The mean box of train on every picture."""

    name: str
    boxes: dict[str, dict[str, object]]
    absent: list[str]
    val: MeasuredBoxes
    test: MeasuredBoxes


class BoxesDifference(TypedDict):
    """Detector minus baseline on test, over the same resamples of the groups."""

    map50: Figure
    map50_95: Figure
    froc: Figure


class DetectorSeeds(TypedDict):
    """The same detector trained with several seeds."""

    seeds: list[int]
    val_map50: SeedFigures
    test_map50: SeedFigures
    test_map50_95: SeedFigures
    test_froc: SeedFigures


class FusedRecord(TypedDict):
    """The boxes of a detector's trainings with several seeds, fused."""

    name: str
    trainings: int
    working_point: WorkingPoint
    val: BoxesSplit
    test: BoxesSplit


class DetectorTraining(TypedDict):
    """What tables need to know of the training."""

    parameters: int
    epochs_run: int
    best_epoch: int
    backend: str
    precision: str
    weights: str
    image_size: int
    seed: int


class TrainBoxes(TypedDict):
    """What the detector learnt from."""

    images: int
    with_boxes: int
    boxes_of: dict[str, int]


class CompetitionRecord(TypedDict):
    """What a record says of the competition."""

    name: str
    score: Figure
    average_precision: NotRequired[dict[str, Figure]]  # only of siim
    threshold: NotRequired[float]  # only of rsna
    classifier: NotRequired[str]  # of siim, whose answers on studies were taken
    note: str


class DetectorRecord(TypedDict):
    """metrics/detectors/NAME.json."""

    task: str
    model: str
    dataset: str
    data_sha256: str
    boxes_sha256: str
    split_unit: str
    images_in_all: NotRequired[int]  # only where some images have no id
    images_without_group: NotRequired[int]
    synthetic: bool
    run_key: str
    experiment: str
    notice: str
    tiny: NotRequired[list[str]]  # only where there is too little for a result
    findings: list[str]
    training: DetectorTraining
    train: TrainBoxes
    competition: NotRequired[CompetitionRecord]  # only where dataset.boxes.submission names one
    bootstrap: Bootstrap
    working_point: WorkingPoint
    val: BoxesSplit
    test: BoxesSplit
    baseline: BaselineRecord
    difference: BoxesDifference
    notes: list[str]
    seeds: NotRequired[DetectorSeeds]  # only with train.seeds
    fused: NotRequired[FusedRecord]  # likewise


def over_detector_seeds(seeds: DetectorSeeds) -> dict[str, SeedFigures]:
    """Return the figures of each measure over the seeds, without the seeds themselves."""
    return {name: figures for name, figures in seeds.items() if name != "seeds"}  # type: ignore[misc]
