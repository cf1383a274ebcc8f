"""What metrics/baselines.json and metrics/external/SET/MODEL.json hold, as types: made of the parts of `record`."""

from typing import Any, TypedDict

from chestbench.core.positive import PositiveRecord
from chestbench.measures.record import Bootstrap, SplitRecord, Threshold


class RegressionSettings(TypedDict):
    """How the logistic regression was fitted; `C` was chosen on val among `candidates`."""

    pixels: str
    C: float
    iterations: int
    converged: bool
    candidates: list[float]
    class_weight: str
    train_images: int
    train_images_used: int
    parameters: int


class RegressionRecord(TypedDict):
    """The logistic regression on val and test."""

    settings: RegressionSettings
    val: SplitRecord
    test: SplitRecord


# In this form because `class` is a word of Python's own.
MajorityRecord = TypedDict("MajorityRecord", {"class": str, "val": SplitRecord, "test": SplitRecord})


class BaselinesRecord(TypedDict):
    """metrics/baselines.json."""

    notice: str
    data_sha256: str
    majority: MajorityRecord
    logistic_regression: RegressionRecord


class Fall(TypedDict):
    """How far balanced accuracy falls from a network's own test to a set from elsewhere, over the classes `compared`.

    Figures are None where they are not defined, bounds too where the set lacks classes.
    """

    compared: list[str]
    own_test_balanced_accuracy: float | None
    drop: float | None
    drop_low: float | None
    drop_high: float | None


class ExternalRecord(Fall):
    """metrics/external/SET/MODEL.json.

    `about` is what the set says of itself; `classes` {theirs: ours}, `left_out` {their class: images}, `excluded`
    {reason: images} and `known` {same, alike: images} are told in `external.prepare`.
    """

    set: str
    model: str
    dataset: str
    experiment: str
    run_key: str
    data_sha256: str
    external_sha256: str
    notice: str
    about: dict[str, Any]
    our_classes: list[str]
    positive: PositiveRecord
    classes: dict[str, str]
    left_out: dict[str, int]
    excluded: dict[str, int]
    known: dict[str, int]
    split_unit: str
    roi: str
    roi_not_found: int
    bootstrap: Bootstrap
    temperature: float
    thresholds: dict[str, Threshold]
    test: SplitRecord
