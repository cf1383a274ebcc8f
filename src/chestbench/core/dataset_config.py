"""The block `dataset` of params.yaml: where the images come from and how their files are read.

The comments that explain each key to users stand in conf/dataset/_defaults.yaml; the bounds stand here.
"""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt, field_validator, model_validator

from chestbench.core.label_config import ClassNames, Labels, SplitLists
from chestbench.core.secrets import secret_part
from chestbench.core.section import FileName, Md5, Name, PositiveInt, Section, Sha256, pattern_with

# What the numbers of a box are called where nothing else is said.
LAYOUTS = {
    "xywh": ("x", "y", "width", "height"),
    "xyxy": ("x_min", "y_min", "x_max", "y_max"),
    "cxcywh": ("x_center", "y_center", "width", "height"),
}
Address = Annotated[str, Field(pattern=r"^https?://\S+$")]


class Boxes(Section):
    """A table in the archive with boxes drawn on the pictures.

    Attributes:
        table: glob pattern of the table's path in the archive; exactly one CSV member must match.
        id: its column of ids.
        id_pattern, member_pattern: as in `Labels`.
        column: the column with a list of {x, y, width, height}, or None when the table has a column for each (one box a
            row, empty cells for none).
        label: the column that says what the box is around, such as class_name; None: all are opacities.
        findings: of these, which count; None: all. Boxes of others are counted and left out.
        reader: the column that says who drew the box, where several did: their boxes of one finding are made one; None:
            each box is one of its own.
        layout: what the four numbers are: corner and size, two corners, or centre and size.
        sides: their columns (or keys in `column`); None: those of `LAYOUTS`.
        units: pixels, or shares of the picture's width and height.
        frame: width and height of the pictures that the boxes were drawn on, where the archive's are of another size.
        submission: the competition whose score is computed and whose submission.csv is written; None: none.
    """

    table: Name
    id: Name
    id_pattern: str | None = None
    member_pattern: str
    column: Name | None = None
    label: Name | None = None
    findings: Annotated[list[Name], Field(min_length=1)] | None = None
    reader: Name | None = None
    layout: Literal["xywh", "xyxy", "cxcywh"] = "xywh"
    sides: tuple[Name, Name, Name, Name] | None = None
    units: Literal["pixels", "share"] = "pixels"
    frame: tuple[PositiveInt, PositiveInt] | None = None
    submission: Literal["siim", "rsna"] | None = None

    @field_validator("id_pattern", "member_pattern")
    @classmethod
    def _patterns_name_an_id(cls, value: str | None) -> str | None:
        return pattern_with("id", value)

    @model_validator(mode="after")
    def _findings_are_read(self) -> "Boxes":
        if self.findings and not self.label:
            raise ValueError(
                "label, the column that names what a box is around, where findings says which of them count, received "
                "findings alone"
            )
        return self

    @model_validator(mode="after")
    def _shares_have_no_frame(self) -> "Boxes":
        if self.units == "share" and self.frame:
            raise ValueError("no frame where units is share, received both; a share is one of any size")
        return self

    @property
    def columns(self) -> tuple[str, str, str, str]:
        """The four columns (or keys) of a box."""
        return self.sides or LAYOUTS[self.layout]


class Masks(Section):
    """How a picture's path becomes its mask's: the last `images` in it is exchanged for `masks`."""

    images: Name
    masks: Name


class Grey(Section):
    """How stored values become grey, one way for the whole set; None: decided from what the files declare.

    Attributes:
        bits: whole-number pictures of more than 8 bits that declare no depth of their own are taken to be so deep:
            white is 2**bits - 1.
        dicom: what X-ray DICOMs are shown by: the header's window (or VOI LUT), the whole range of BitsStored, or from
            the 0.5th to the 99.5th percentile of each picture.
        signed: signed and floating-point TIFF values are Hounsfield units, also where they hold no air to tell by.
        mixed: files of several scales are read side by side, each by what it says of itself.
        window: centre and width of the window that CT in Hounsfield units is shown by.
    """

    bits: Annotated[StrictInt, Field(ge=8, le=16)] | None = None
    dicom: Literal["window", "range", "percentiles"] | None = None
    signed: Literal["hounsfield"] | None = None
    mixed: StrictBool = False
    window: tuple[float, Annotated[float, Field(gt=0)]] = (-600.0, 1500.0)


class Published(Section):
    """One figure of the project whose data these are; shown beside ours, never mixed with it.

    Attributes:
        network: as its paper calls it, with what tells it from ours in brackets: its weights, the pictures' size.
        split: of the paper.
        measure: such as accuracy, auc or f1.
        value: 0 to 1.
        source: where the figure stands, such as "Yang 2023, table 3"; None: in what dataset.citation names.
    """

    network: Name
    split: Literal["train", "validation", "test", "unknown"]
    measure: Name
    value: Annotated[float, Field(ge=0, le=1)]
    source: Name | None = None


class PublishedFile(Section):
    """One version of a set that its publisher offers as several files.

    Attributes:
        url: its address.
        md5: as the publisher states it; None: none is stated.
        pixels: side of its pictures where all are squares of one size, which is compared; None: not compared.
    """

    url: Address
    md5: Md5 | None = None
    pixels: PositiveInt | None = None


class Dataset(Section):
    """One data set: where it comes from, how its files are read, and what its reports must say of it."""

    name: FileName
    title: Name
    source: Literal["sample", "folder", "kaggle", "kaggle_competition", "url"]
    path: str | None
    handle: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)?$")] | None
    version: PositiveInt | None
    url: Address | None
    files: Annotated[dict[PositiveInt, PublishedFile], Field(min_length=1)] | None
    sha256: Sha256 | None
    md5: Md5 | None
    watch: Name
    watch_without: dict[Literal["None"], Name]
    sample_patients: Annotated[StrictInt, Field(ge=12, le=2000)]
    exclude: list[str]
    classes: list[Name] | None
    class_names: ClassNames | None
    positive: Name | None
    labels: Labels | None
    split_lists: SplitLists | None
    frames: Literal["refuse", "first", "each"]
    grey: Grey
    boxes: Boxes | None
    masks: Masks | None
    group_pattern: str | None
    study_pattern: str | None
    salt: Name
    given_split: Literal["honour", "ignore"]
    limit_per_class: dict[str, PositiveInt] | None
    allow_tiny: StrictBool
    expected_counts: dict[str, PositiveInt]
    expected_parts: dict[Literal["train", "val", "test"], dict[str, PositiveInt]]
    modality: Literal["CT", "X-ray", "unknown"]
    licence: Name
    citation: Name
    published: list[Published]

    @field_validator("url", "path", "watch")
    @classmethod
    def _url_holds_no_secret(cls, value: str | None) -> str | None:
        if value is not None and (secret := secret_part(value)):
            raise ValueError(
                f"an address without a secret, for parameters are kept in dvc.lock and in commits, received one with "
                f"{secret}; a user and password belong in ~/.netrc, a bearer token in the variable CHESTBENCH_URL_TOKEN"
            )
        return value

    @field_validator("group_pattern")
    @classmethod
    def _pattern_names_a_group(cls, value: str | None) -> str | None:
        return pattern_with("group", value)

    @field_validator("study_pattern")
    @classmethod
    def _pattern_names_a_study(cls, value: str | None) -> str | None:
        return pattern_with("study", value)

    @field_validator("positive", mode="before")
    @classmethod
    def _class_that_is_a_number(cls, value: object) -> object:
        """A class may be called 1, which YAML reads as a number."""
        return str(value) if type(value) is int else value

    @field_validator("classes")
    @classmethod
    def _two_distinct_classes(cls, value: list[str] | None) -> list[str] | None:
        if value is not None and (len(value) < 2 or len(set(value)) != len(value)):
            raise ValueError("null or a list of two or more different class names")
        return value

    @model_validator(mode="after")
    def _source_has_what_it_needs(self) -> "Dataset":
        if self.is_brought:
            return self
        if self.source == "kaggle" and not (self.handle and "/" in self.handle and self.version):
            raise ValueError(
                "dataset.handle (owner/name) and dataset.version (a number such as 1) for the source kaggle: "
                "-S dataset.handle=OWNER/NAME -S dataset.version=1"
            )
        if self.source == "kaggle_competition" and not (self.handle and "/" not in self.handle):
            raise ValueError("dataset.handle for the source kaggle_competition: the competition's name, without owner")
        if self.source == "url" and not self.url and not self.files:
            raise ValueError("dataset.url for the source url: the address of an archive, or a .zip at a pinned commit")
        if self.source == "folder" and not self.path:
            raise ValueError("dataset.path for the source folder: a folder, or a .zip, .tar.gz or .npz file")
        return self

    @model_validator(mode="after")
    def _version_is_offered(self) -> "Dataset":
        if self.files and self.version is not None and self.version not in self.files:
            offered = ", ".join(map(str, self.files))
            raise ValueError(
                f"as dataset.version one of {offered} (null: {next(iter(self.files))}, or whichever a file of your own "
                f"is), received {self.version}"
            )
        return self

    @property
    def is_brought(self) -> bool:
        """Whether `path` stands in for the download of this set: a file or folder of the user's own."""
        return self.path is not None and self.source not in ("folder", "sample")
