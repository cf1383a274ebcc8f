"""The keys dataset.labels, dataset.class_names and dataset.split_lists: where classes, patients and splits are said.

The comments that explain each key to users stand in conf/dataset/_defaults.yaml; the bounds stand here.
"""

import re
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from chestbench.core.section import Name, Section, pattern_with


class Strata(Section):
    """Columns of the label table by which measures can be told apart."""

    sex: Name | None = None
    age: Name | None = None
    view: Name | None = None


class Labels(Section):
    """Where the class of each picture or study is said: in its path, or in tables of the archive.

    In params.yaml a text alone is the pattern.

    Attributes:
        pattern: regular expression on a picture's path whose part (?P<label>...) is the class, or None.
        table: glob pattern of a table's path in the archive, or several; each matches one table. Tables with the
            class columns are read one after the other, others bring what else they have (patient, split, strata).
        id: the tables' column of ids; None without tables.
        id_pattern: regular expression on the id's text whose part (?P<id>...) is the id, or None for the whole text.
        member_pattern: regular expression on a picture's path whose part (?P<id>...) is the same id; pictures that it
            does not match have no label and no say (SIIM's `test/`). None: the id is the picture's file name, with or
            without its ending, or the end of its path.
        column: the column that holds the class name (or a code, see dataset.class_names).
        one_hot: columns of 0 and 1, named as the classes.
        zeros: the class of rows in which all columns of one_hot are 0; None: these rows have no class.
        separator: what stands between several labels of a cell; None: found out.
        uncertain: what -1 in a class column means; None: the run stops where there is any.
        patient, study, split: columns with the patient, the study and train, val or test.
        strata: columns to keep for measures per subgroup.
        encoding: in which tables are written that are not UTF-8, such as cp949; None: found out where it can be.
        sheet: names of the sheets of a workbook that are read, one after the other as several tables are; None: the
            only one that is not hidden, holds a table and has the columns.
    """

    pattern: Name | None = None
    table: list[Name] | None = None
    id: Name | None = None
    id_pattern: str | None = None
    member_pattern: str | None = None
    column: Name | None = None
    one_hot: list[Name] | None = None
    zeros: Name | None = None
    separator: Name | None = None
    uncertain: Literal["exclude", "positive", "negative"] | None = None
    patient: Name | None = None
    study: Name | None = None
    split: Name | None = None
    strata: Strata = Strata()
    encoding: Name | None = None
    sheet: list[Name] | None = None

    @model_validator(mode="before")
    @classmethod
    def _text_is_a_pattern(cls, value: Any) -> Any:
        return {"pattern": value} if isinstance(value, str) else value

    @field_validator("table", "sheet", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @field_validator("table", "one_hot", "sheet")
    @classmethod
    def _named_once(cls, value: list[str] | None) -> list[str] | None:
        if value is not None and (not value or len(set(value)) != len(value)):
            raise ValueError("a list that names each once")
        return value

    @field_validator("pattern")
    @classmethod
    def _pattern_names_a_label(cls, value: str | None) -> str | None:
        return pattern_with("label", value)

    @field_validator("id_pattern", "member_pattern")
    @classmethod
    def _patterns_name_an_id(cls, value: str | None) -> str | None:
        return pattern_with("id", value)

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        try:
            "".encode(value or "utf-8")
        except LookupError:
            raise ValueError("an encoding of texts that Python knows, such as cp949, gb18030 or cp1250") from None
        return value

    @model_validator(mode="after")
    def _one_way_to_the_class(self) -> "Labels":
        ways = sum(way is not None for way in (self.pattern, self.column, self.one_hot))
        if ways > 1 or (ways == 0 and not self.extras):
            raise ValueError(
                "either column (class names) or one_hot (a 0/1 column per class), or pattern (the class in the path)"
            )
        if self.table is None and (self.id or self.column or self.one_hot or self.extras):
            raise ValueError("table, a glob pattern of the table that has these columns")
        if self.table is None and self.pattern is None:
            raise ValueError("table (a glob pattern) or pattern (the class in the path)")
        if self.table is not None and self.id is None:
            raise ValueError("id, the table's column that names the pictures")
        return self

    @model_validator(mode="after")
    def _two_classes_in_columns(self) -> "Labels":
        if self.zeros is not None and not self.one_hot:
            raise ValueError("zeros beside one_hot: it names the class of rows in which all of these columns are 0")
        if self.one_hot and len(self.one_hot) + (self.zeros is not None) < 2:
            raise ValueError("one_hot with two columns or more, or one beside zeros (the class where it is 0)")
        return self

    @property
    def extras(self) -> list[str]:
        """Columns that say something else than the class, each once."""
        strata = (self.strata.sex, self.strata.age, self.strata.view)
        found = [self.patient, self.study, self.split, *strata]
        return list(dict.fromkeys(column for column in found if column))

    @property
    def class_columns(self) -> list[str]:
        """Columns that say the class; none where the path does."""
        return list(self.one_hot or ([self.column] if self.column else []))


class SplitLists(Section):
    """Lists of file names that are the split, or its pictures: glob patterns of members of the archive, by part.

    None: lists whose own name says a part (train_list.txt) and whose lines name pictures are found by themselves.
    """

    train: list[Name] = Field(default=[])
    val: list[Name] = Field(default=[])
    test: list[Name] = Field(default=[])

    @field_validator("train", "val", "test", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _train_and_another(self) -> "SplitLists":
        if not self.train or not (self.val or self.test):
            raise ValueError("lists for train and for val or test (or both)")
        return self


def can_name_a_folder(name: str) -> bool:
    """Tell whether a class can be called so: its name becomes a folder of data/split."""
    is_reserved = name in ("", ".", "..") or name != name.strip()
    return not is_reserved and not re.search(r"[/\\\x00-\x1f\x7f]", name) and len(name.encode()) <= 200


def folded(name: str) -> str:
    """Return a name without what people do not tell apart: case and blanks, `_` and `-` among them."""
    return re.sub(r"(?<=\w)[\s_-]+(?=\w)", " ", name).strip().casefold()


def _as_texts(value: Any) -> Any:
    """Let codes stand as YAML reads them ({0: normal}); what YAML takes for true or false must be quoted.

    A text is YAML: `-S` has no other way to write keys of other letters than Latin, or with brackets in them.
    """
    if isinstance(value, str):
        try:
            value = yaml.safe_load(value)
        except yaml.YAMLError:
            raise ValueError("a mapping {found: wanted}, or a text of YAML that is one") from None
    if not isinstance(value, dict):
        return value
    if any(isinstance(part, bool) for pair in value.items() for part in pair):
        raise ValueError('a mapping of texts; put Yes, No, On and Off in quotes ("No": normal)')
    return {_as_text(found): _as_text(wanted) for found, wanted in value.items()}


def _as_text(value: Any) -> Any:
    """Return a number as tables are read: 1.0 as 1."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else value


def _clear(value: dict[str, str]) -> dict[str, str]:
    for name in value.values():
        if not can_name_a_folder(name):
            raise ValueError(
                f"wanted names that can name a folder (no slash, no control character, no blank at an end, at most "
                f"200 bytes), received {name[:80]!r}"
            )
    seen: dict[str, str] = {}
    for found, wanted in value.items():
        other = seen.setdefault(folded(found), found)
        if value[other] != wanted:
            raise ValueError(
                f"each found name once, received {other!r} and {found!r}, which differ in case, blanks or "
                f"hyphens only, for {value[other]!r} and {wanted!r}"
            )
    spelled: dict[str, str] = {}
    for name in value.values():
        if spelled.setdefault(folded(name), name) != name:
            raise ValueError(
                f"one spelling of each wanted name, received {spelled[folded(name)]!r} and {name!r}, which differ in "
                "case, blanks or hyphens only"
            )
    return value


ClassNames = Annotated[dict[Name, Name], Field(min_length=1), BeforeValidator(_as_texts), AfterValidator(_clear)]
