"""Typed, validated view of params.yaml: unknown keys, wrong types and wrong ranges are refused before any work.

The comments that explain each key to users stand in conf/; the bounds stand here.
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    ValidationError,
    field_validator,
    model_validator,
)

from chestbench.core.config_messages import explain
from chestbench.core.errors import ChestbenchError

Balance = Literal["upsample", "class_weight", "none"]
Fraction = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NonNegativeFloat = Annotated[float, Field(ge=0, allow_inf_nan=False)]
PositiveInt = Annotated[StrictInt, Field(ge=1)]
NonNegativeInt = Annotated[StrictInt, Field(ge=0)]
Name = Annotated[str, Field(min_length=1)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Section(BaseModel):
    """A block of params.yaml: no unknown keys, no change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _pattern_with(part: str, value: str | None) -> str | None:
    """Return a regular expression unchanged when it is one and has a part named `part`."""
    if value is not None:
        try:
            compiled = re.compile(value)
        except re.error as error:
            raise ValueError(f"a regular expression ({error})") from None
        if part not in compiled.groupindex:
            raise ValueError(f"a regular expression with a part named (?P<{part}>...)")
    return value


class Labels(Section):
    """A table in the archive that says the class of each picture or study.

    Attributes:
        table: glob pattern of the table's path in the archive; exactly one CSV member must match.
        id: its column of ids.
        id_pattern: regular expression on the id's text whose part (?P<id>...) is the id, or None for the whole text.
        member_pattern: regular expression on a picture's path whose part (?P<id>...) is the same id; pictures that it
            does not match have no label and no say (SIIM's `test/`).
        column: the column that holds the class name, or None when the table has a 0/1 column per class.
        one_hot: columns of 0 and 1, named as the classes, or None when `column` is given.
    """

    table: Name
    id: Name
    id_pattern: str | None = None
    member_pattern: str
    column: Name | None = None
    one_hot: Annotated[list[Name], Field(min_length=2)] | None = None

    @field_validator("id_pattern", "member_pattern")
    @classmethod
    def _patterns_name_an_id(cls, value: str | None) -> str | None:
        return _pattern_with("id", value)

    @model_validator(mode="after")
    def _one_way_to_the_class(self) -> "Labels":
        if (self.column is None) == (self.one_hot is None):
            raise ValueError("either column (class names) or one_hot (a 0/1 column per class)")
        return self


class Boxes(Section):
    """A table in the archive with boxes drawn on the pictures.

    Attributes:
        table: glob pattern of the table's path in the archive; exactly one CSV member must match.
        id: its column of ids.
        id_pattern, member_pattern: as in `Labels`.
        column: the column with a list of {x, y, width, height} in pixels of the picture, or None when the table has
            columns x, y, width and height (one box a row, empty cells for none).
    """

    table: Name
    id: Name
    id_pattern: str | None = None
    member_pattern: str
    column: Name | None = None

    @field_validator("id_pattern", "member_pattern")
    @classmethod
    def _patterns_name_an_id(cls, value: str | None) -> str | None:
        return _pattern_with("id", value)


class Masks(Section):
    """How a picture's path becomes its mask's: the last `images` in it is exchanged for `masks`."""

    images: Name
    masks: Name


class Published(Section):
    """One figure of the project whose data these are; shown beside ours, never mixed with it."""

    network: Name
    split: Literal["train", "validation", "test", "unknown"]
    measure: Name
    value: Annotated[float, Field(ge=0, le=1)]


class Dataset(Section):
    """One data set: where it comes from, how its files are read, and what its reports must say of it."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    title: Name
    source: Literal["sample", "folder", "kaggle", "kaggle_competition", "url"]
    path: str | None
    handle: Annotated[str, Field(pattern=r"^[\w-]+(/[\w-]+)?$")] | None
    version: PositiveInt | None
    url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None
    sha256: Sha256 | None
    watch: Name
    sample_patients: Annotated[StrictInt, Field(ge=12, le=2000)]
    exclude: list[str]
    classes: list[Name] | None
    labels: Labels | None
    boxes: Boxes | None
    masks: Masks | None
    group_pattern: str | None
    study_pattern: str | None
    salt: Name
    given_split: Literal["honour", "ignore"]
    limit_per_class: dict[str, PositiveInt] | None
    expected_counts: dict[str, PositiveInt]
    modality: Literal["CT", "X-ray", "unknown"]
    licence: Name
    citation: Name
    published: list[Published]

    @field_validator("group_pattern")
    @classmethod
    def _pattern_names_a_group(cls, value: str | None) -> str | None:
        return _pattern_with("group", value)

    @field_validator("study_pattern")
    @classmethod
    def _pattern_names_a_study(cls, value: str | None) -> str | None:
        return _pattern_with("study", value)

    @field_validator("classes")
    @classmethod
    def _two_distinct_classes(cls, value: list[str] | None) -> list[str] | None:
        if value is not None and (len(value) < 2 or len(set(value)) != len(value)):
            raise ValueError("null or a list of two or more different class names")
        return value

    @model_validator(mode="after")
    def _source_has_what_it_needs(self) -> "Dataset":
        if self.source == "kaggle" and not (self.handle and "/" in self.handle and self.version):
            raise ValueError(
                "dataset.handle (owner/name) and dataset.version (a number such as 1) for the source kaggle: "
                "-S dataset.handle=OWNER/NAME -S dataset.version=1"
            )
        if self.source == "kaggle_competition" and not (self.handle and "/" not in self.handle):
            raise ValueError("dataset.handle for the source kaggle_competition: the competition's name, without owner")
        if self.source == "url" and not self.url:
            raise ValueError("dataset.url for the source url: the address of a .zip at a pinned commit")
        if self.source == "folder" and not self.path:
            raise ValueError("dataset.path for the source folder: a folder or a .zip file")
        return self


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
    """The networks of this run; `name` is the group they go by."""

    name: Name
    variants: Annotated[list[Name], Field(min_length=1)]

    @field_validator("variants")
    @classmethod
    def _variants_differ(cls, value: list[str]) -> list[str]:
        if len(set(value)) != len(value):
            raise ValueError("a list of different network names")
        return value


class Train(Section):
    """A training recipe."""

    recipe: Literal["demo", "quick", "finetune", "features", "scratch"]
    weights: Literal["imagenet", "none"]
    epochs: PositiveInt
    head_epochs: NonNegativeInt
    cache_features: StrictBool
    batch_size: Annotated[StrictInt, Field(ge=1, le=4096)]
    learning_rate: PositiveFloat
    head_learning_rate: PositiveFloat
    schedule: Literal["constant", "cosine", "plateau"]
    weight_decay: NonNegativeFloat
    label_smoothing: Annotated[float, Field(ge=0, lt=1)]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    patience: NonNegativeInt
    augment: Literal["none", "light", "reference"]
    reestimate_batchnorm: StrictBool
    precision: Literal["auto", "float32", "mixed_float16", "mixed_bfloat16"]
    backend: Literal["tensorflow", "jax", "torch"]
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


class External(Section):
    """A set from elsewhere that the trained networks are tried on.

    Attributes:
        name: what the set goes by in tables and paths.
        path: a folder or .zip of class folders, or conf/dataset/NAME.yaml.
        classes: their class -> ours; None: classes of equal name are the same.
        group_pattern: as dataset.group_pattern, of that set; None: what conf/dataset/NAME.yaml says, or none.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    path: Name
    classes: Annotated[dict[Name, Name], Field(min_length=1)] | None = None
    group_pattern: str | None = None

    @field_validator("group_pattern")
    @classmethod
    def _pattern_names_a_group(cls, value: str | None) -> str | None:
        return _pattern_with("group", value)


class Evaluate(Section):
    """How the trained networks are judged."""

    bootstrap: Annotated[StrictInt, Field(ge=100, le=100_000)]
    confidence: Annotated[float, Field(ge=0.5, lt=1)]
    wished_sensitivity: Annotated[float, Field(ge=0.5, le=0.999)] | None
    gradcam_images: Annotated[StrictInt, Field(ge=0, le=64)]
    batch_size: Annotated[StrictInt, Field(ge=1, le=4096)]
    external: list[External] = []

    @field_validator("external")
    @classmethod
    def _sets_differ(cls, value: list[External]) -> list[External]:
        if len({entry.name for entry in value}) != len(value):
            raise ValueError("a list of sets with different names")
        return value


class Config(Section):
    """All of params.yaml."""

    seed: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]
    balance: Balance
    split: Split
    preprocess: Preprocess
    model: Model
    train: Train
    evaluate: Evaluate
    dataset: Dataset

    @property
    def training_seeds(self) -> list[int]:
        """The seeds that each network is trained with; the first is the network of the table."""
        return self.train.seeds or [self.seed]


def load_config(path: Path) -> Config:
    """Read and validate a params.yaml.

    Raises:
        ChestbenchError: the file is missing or not YAML, or one or more keys are unknown, missing, of a wrong type
            or out of range. Every offending key has its own line: where, what was expected, what was received.
    """
    try:
        raw = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ChestbenchError(
            f"{path}: expected the parameters file, found none; run `make params` to write it"
        ) from None
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
    try:
        return Config.model_validate(raw)
    except ValidationError as error:
        lines = [explain(detail, Config) for detail in error.errors()]
        raise ChestbenchError("\n".join(lines)) from None
