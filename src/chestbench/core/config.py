"""Typed, validated view of params.yaml: unknown keys, wrong types and wrong ranges are refused before any work.

The comments that explain each key to users stand in conf/; the bounds stand here.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, StrictBool, StrictInt, ValidationError, field_validator, model_validator

from chestbench.core.config_messages import explain
from chestbench.core.dataset_config import Boxes, Dataset, Masks, Published
from chestbench.core.detector_config import Detector
from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import kind_of
from chestbench.core.label_config import Labels, SplitLists
from chestbench.core.secrets import secrets_in
from chestbench.core.section import FileName, Name, PositiveInt, Section, pattern_with
from chestbench.core.task_config import Task, against_lists
from chestbench.core.unique_yaml import load_yaml, read_yaml_text

__all__ = [
    "Boxes",
    "Config",
    "Dataset",
    "Detector",
    "Evaluate",
    "External",
    "Labels",
    "Masks",
    "Preprocess",
    "Published",
    "SplitLists",
    "Train",
    "load_config",
]

Balance = Literal["upsample", "class_weight", "none"]
Fraction = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegativeFloat = Annotated[float, Field(ge=0, allow_inf_nan=False)]
NonNegativeInt = Annotated[StrictInt, Field(ge=0)]


class Split(Section):
    """Shares of the images in each split."""

    train: Fraction
    val: Fraction
    test: Fraction

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> "Split":
        total = self.train + self.val + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train + val + test that sum to 1, received a sum of {total:g}")
        return self


class Preprocess(Section):
    """What happens to every image once, before training."""

    size: Annotated[StrictInt, Field(ge=32, le=1024)]
    fit: Literal["pad", "stretch"]
    roi: Literal["none", "body", "body_crop", "lungs", "lungs_crop", "mask"]


class Model(Section):
    """The networks of this run; `name` is the group they go by. None with the task detect."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]
    variants: list[FileName]

    @field_validator("variants")
    @classmethod
    def _variants_differ(cls, value: list[str]) -> list[str]:
        if len(set(value)) != len(value):
            raise ValueError("a list of different network names")
        return value


class Train(Section):
    """A training recipe."""

    recipe: Literal["demo", "quick", "finetune", "features", "scratch", "detect", "detect_finetune"]
    weights: Literal["imagenet", "timm", "none"]
    epochs: PositiveInt
    head_epochs: NonNegativeInt
    cache_features: StrictBool
    batch_size: Annotated[StrictInt, Field(ge=1, le=4096)]
    learning_rate: PositiveFloat
    head_learning_rate: PositiveFloat
    schedule: Literal["constant", "cosine", "plateau"]
    weight_decay: NonNegativeFloat
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    mix: Literal["none", "mixup", "cutmix"]
    mix_alpha: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]
    ema: Annotated[float, Field(ge=0, lt=1)]
    warmup_epochs: NonNegativeInt
    dropout: Annotated[float, Field(ge=0, lt=1)]
    patience: NonNegativeInt
    augment: Literal["none", "light", "reference", "strong"]
    reestimate_batchnorm: StrictBool
    precision: Literal["auto", "float32", "mixed_float16", "mixed_bfloat16"]
    backend: Literal["tensorflow", "jax", "torch"]
    devices: Literal["one", "all"]
    deterministic: StrictBool
    seeds: list[StrictInt]
    random_labels: StrictBool

    @field_validator("seeds")
    @classmethod
    def _seeds_differ(cls, value: list[int]) -> list[int]:
        if len(set(value)) != len(value) or not all(0 <= seed < 2**31 for seed in value):
            raise ValueError(f"a list of different seeds, each from 0 to {2**31 - 1}")
        return value

    @model_validator(mode="after")
    def _features_need_a_frozen_backbone(self) -> "Train":
        if self.cache_features and self.head_epochs:
            raise ValueError(
                "train.head_epochs 0 when train.cache_features is true (the whole training is of the head)"
            )
        return self

    @model_validator(mode="after")
    def _pictures_are_mixed_and_not_features(self) -> "Train":
        if self.cache_features and self.mix != "none":
            raise ValueError(
                f"train.mix none when train.cache_features is true (the head never sees pictures), received {self.mix}"
            )
        return self


class External(Section):
    """A set from elsewhere that the trained networks are tried on.

    Attributes:
        name: what the set goes by in tables and paths.
        path: a folder or .zip of class folders, or conf/dataset/NAME.yaml.
        classes: their class -> ours; None: classes of equal name are the same.
        group_pattern: as dataset.group_pattern, of that set; None: what conf/dataset/NAME.yaml says, or none.
    """

    name: FileName
    path: Name
    classes: Annotated[dict[Name, Name], Field(min_length=1)] | None = None
    group_pattern: str | None = None

    @field_validator("group_pattern")
    @classmethod
    def _pattern_names_a_group(cls, value: str | None) -> str | None:
        return pattern_with("group", value)


class Evaluate(Section):
    """How the trained networks are judged."""

    bootstrap: Annotated[StrictInt, Field(ge=100, le=100_000)]
    confidence: Annotated[float, Field(ge=0.5, lt=1)]
    wished_sensitivity: Annotated[float, Field(ge=0.5, le=0.999)] | None
    gradcam_images: Annotated[StrictInt, Field(ge=0, le=64)]
    batch_size: Annotated[StrictInt, Field(ge=1, le=4096)]
    shifts: Annotated[StrictInt, Field(ge=0, le=32)]
    external: list[External] = Field(default=[])

    @field_validator("external")
    @classmethod
    def _sets_differ(cls, value: list[External]) -> list[External]:
        if len({entry.name for entry in value}) != len(value):
            raise ValueError("a list of sets with different names")
        return value


class Config(Section):
    """All of params.yaml.

    Attributes:
        task: classify (networks that name the class of a picture), detect (detectors that draw boxes on it) or both.
    """

    seed: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]
    task: Task = "classify"
    balance: Balance
    split: Split
    preprocess: Preprocess
    model: Model
    detector: Detector = Detector(name="none", variants=[], boxes=[])
    train: Train
    evaluate: Evaluate
    dataset: Dataset

    @model_validator(mode="after")
    def _lists_are_those_of_the_task(self) -> "Config":
        wrong = against_lists(self.task, self.model.variants, self.detector.variants, self.detector.boxes)
        if wrong:
            raise ValueError(wrong)
        return self

    @property
    def training_seeds(self) -> list[int]:
        """The seeds that each network is trained with; the first is the network of the table."""
        return self.train.seeds or [self.seed]


def load_config(path: Path) -> Config:
    """Read and validate a params.yaml.

    Raises:
        ChestbenchError: the file is missing, not UTF-8 or not YAML, or one or more keys are unknown, missing, of a
            wrong type or out of range. Every offending key has its own line: where, what was expected, what was
            received.
    """
    if kind_of(Path(path)) == "nothing":
        raise ChestbenchError(f"{path}: expected the parameters file, found none; run `make params` to write it")
    try:
        raw = load_yaml(read_yaml_text(Path(path)))
    except yaml.YAMLError as error:
        raise ChestbenchError(
            f"{path}: expected YAML, received something else: {error}; mend the line, or restore the default with "
            "`make params`"
        ) from None
    return parse_config(raw, str(path))


def parse_config(raw: Any, origin: str = "params.yaml") -> Config:
    """Validate already-parsed parameters; see `load_config`.

    Args:
        raw: what YAML gave.
        origin: the file's name, for the message.

    Example:
        >>> try:
        ...     parse_config({"seed": -1, "balanc": "none"})
        ... except ChestbenchError as error:
        ...     lines = str(error).splitlines()
        >>> lines[0]
        'seed: expected an integer >= 0 and <= 2147483647, received -1'
        >>> lines[-1]
        'balanc: unknown key; did you mean balance?'
    """
    if not isinstance(raw, dict):
        raise ChestbenchError(
            f"{origin}: expected a mapping of parameters, received {type(raw).__name__}; run `make params`"
        )
    told = [
        f"{key}: expected no secret, for parameters are kept in dvc.lock and in commits, received {what}; "
        "credentials belong in the environment or in ~/.netrc (SECURITY.md)"
        for key, what in secrets_in(raw)
        if key != "dataset.url"  # says what takes its place
    ]
    if told:
        raise ChestbenchError("\n".join(told))
    told = [
        f"{key}: expected another name than {key.rpartition('.')[2]!r}, which DVC's run cache leaves out of what it "
        "compares, so that the results of another value would come back"
        for key in _unseen(raw)
        if key != "preprocess.size"  # which the stages name by itself
    ]
    if told:
        raise ChestbenchError("\n".join(told))
    try:
        return Config.model_validate(raw)
    except ValidationError as error:
        lines = [explain(detail, Config) for detail in error.errors()]
        raise ChestbenchError("\n".join(lines)) from None


def _unseen(value: Any, place: str = "") -> Iterator[str]:
    """Yield the places of keys that DVC's run cache does not see inside a section (dvc/stage/cache.py, 3.67)."""
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{place}.{key}".lstrip(".")
            if place and key in ("size", "nfiles"):
                yield here
            yield from _unseen(inner, here)
    elif isinstance(value, list):
        for inner in value:
            yield from _unseen(inner, place)
