"""A table as a person looks at it: which column names the pictures, which may be class, patient or split."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from chestbench.catalog.class_names import short_name
from chestbench.catalog.label_cells import plain_number
from chestbench.catalog.label_extras import is_patient_column
from chestbench.catalog.override import value_line
from chestbench.catalog.part_words import part_of_cell
from chestbench.catalog.picture_index import PictureIndex
from chestbench.catalog.several_labels import parts_of, question_of, separator_of
from chestbench.catalog.table_text import header_of, text_of
from chestbench.core.label_config import can_name_a_folder
from chestbench.datasets.archive import Archive

_MOST_ROWS = 200_000
# A column names the pictures where so many of its different cells, or of the pictures, are matched.
_ENOUGH = 0.3
_MOST_CLASSES = 20
_MOST_COMBINATIONS = 2000
# A class, rather than something else of few values, first.
_LABEL_WORDS = re.compile(
    r"label|class|finding|diagnos|target|categor|disease|dx|outcome|type|pathology|result|status", re.IGNORECASE
)
_STRATA = {
    "sex": re.compile(r"(patient)?(sex|gender)", re.IGNORECASE),
    "age": re.compile(r"(patient)?age(years|inyears)?", re.IGNORECASE),
    "view": re.compile(r"(view|projection)(position|s)?|apa?pa|frontallateral", re.IGNORECASE),
}
_STUDY = re.compile(r"(study|exam|examination|accession)(instance)?(id|uid|number|no)?", re.IGNORECASE)


@dataclass(frozen=True)
class _Column:
    name: str
    cells: Counter[str]
    blank: int

    @property
    def key(self) -> str:
        return re.sub(r"[\W_]+", "", self.name)


@dataclass(frozen=True)
class Look:
    """What tables of one header are seen to hold.

    Attributes:
        settings: table and id of dataset.labels.
        extras: its keys patient, study, split and strata, as far as there are such columns.
        rest: columns that are none of these and do not say the same in every row.
    """

    settings: dict[str, Any]
    extras: dict[str, Any]
    rest: list[_Column]


def look_at(archive: Archive, tables: list[str], members: list[str], pictures: list[str]) -> Look | None:
    """Look at tables of the same columns; None where no column names pictures.

    Args:
        archive: holds them.
        tables: members with the same header.
        members: all names, so that a glob pattern fits one table alone.
        pictures: members that pose as pictures.

    Raises:
        ChestbenchError: a table is damaged or no text.
    """
    columns = _joined([_columns(text_of(archive, member, "dataset.labels.table", is_used=False)) for member in tables])
    index = PictureIndex(pictures)
    matched = {column.name: _matched(column, index) for column in columns}
    best = max(columns, key=lambda column: matched[column.name], default=None)
    if best is None or matched[best.name] < _ENOUGH * min(len(pictures), len(best.cells)) or not matched[best.name]:
        return None
    globs = [_glob(member, members) for member in tables]
    # A column that says the same in every row says nothing; in a 0/1 column nothing is 0.
    rest = [column for column in columns if column is not best and len(column.cells) + (column.blank > 0) > 1]
    kinds: dict[str, Any] = {
        "patient": lambda column: is_patient_column(column.name),
        "study": lambda column: _STUDY.fullmatch(column.key),
        "split": _is_split,
    }
    extras: dict[str, Any] = {
        key: column.name for key, fits in kinds.items() if (column := next(filter(fits, rest), None))
    }
    strata = {
        name: column.name
        for name, pattern in _STRATA.items()
        if (column := next((one for one in rest if pattern.fullmatch(one.key)), None))
    }
    used = {*extras.values(), *strata.values()}
    extras |= {"strata": strata} if strata else {}
    settings = {"table": globs if len(globs) > 1 else globs[0], "id": best.name}
    return Look(settings, extras, [column for column in rest if column.name not in used])


def label_lines(look: Look) -> list[str]:
    """Return the lines for dataset.labels that a table leads to, the likeliest first."""
    lines = []
    for column in sorted(look.rest, key=lambda one: not _LABEL_WORDS.search(one.key)):
        if found := _as_class(column):
            values, shown = found
            line = value_line("dataset.labels", {**look.settings, "column": column.name, **look.extras})
            lines.append(" ".join([line, *values]) + shown)
    if hot := _one_hot(look.rest):
        lines.append(hot_line(look.settings, hot, look.extras))
    return lines


def hot_line(settings: dict[str, Any], hot: list[_Column], extras: dict[str, Any]) -> str:
    """Return the line for 0/1 columns: all of them, or two as a question where rows have several."""
    shown = ", ".join(f"{column.name} {column.cells['1']}" for column in hot[:20])
    rule = {"uncertain": "exclude"} if any("-1" in column.cells for column in hot) else {}
    names = question_of(Counter({column.name: column.cells["1"] for column in hot}))
    line = value_line("dataset.labels", {**settings, "one_hot": names, **rule, **extras})
    return f"{line} (columns of 0 and 1, two of them as a question: {shown})"


def _columns(text: str) -> list[_Column]:
    delimiter, header = header_of(text, [])
    named = [name for name in header if name]
    if len(header) < 2 or len(set(named)) != len(named):
        return []
    counts: list[Counter[str]] = [Counter() for _ in header]
    is_header = True
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)):
            if is_header or number > _MOST_ROWS:
                is_header = is_header and not any(cell.strip() for cell in cells)
                continue
            for count, cell in zip(counts, cells, strict=False):
                count[plain_number(cell.strip())] += 1
    except csv.Error:
        return []
    blanks = [count.pop("", 0) for count in counts]
    return [_Column(*column) for column in zip(header, counts, blanks, strict=True)]


def _joined(tables: list[list[_Column]]) -> list[_Column]:
    """Return the columns that tables of one header have together, without those that hold nothing."""
    joined = [
        _Column(same[0].name, sum((column.cells for column in same), Counter()), sum(column.blank for column in same))
        for same in zip(*tables, strict=False)
    ]
    return [column for column in joined if column.name and column.cells]


def _matched(column: _Column, index: PictureIndex) -> int:
    return sum(bool(index.find(cell.replace("\\", "/").removeprefix("./"))) for cell in column.cells)


def _glob(member: str, members: list[str]) -> str:
    """Return a glob pattern of this table alone, without the folders where that is enough."""
    name = member.rpartition("/")[2]
    alone = sum(other.endswith(name) for other in members) == 1
    escaped = re.sub(r"([*?[])", r"[\1]", name if alone else member)
    return f"*{escaped}" if alone else escaped


def _is_split(column: _Column) -> bool:
    parts = {part_of_cell(cell) for cell in column.cells}
    return None not in parts and 0 in parts and len(parts) > 1


def _as_class(column: _Column) -> tuple[list[str], str] | None:
    """Return what else to set and the counts for a column that may be the class; None for others."""
    cells = column.cells
    if len(cells) > _MOST_COMBINATIONS or all(re.fullmatch(r"-?\d+[.,]\d+", cell) for cell in cells):
        return None
    separator = separator_of(cells)
    single: Counter[str] = Counter()
    for cell, count in cells.items():
        for part in parts_of(cell, separator):
            single[part] += count
    is_code = all(re.fullmatch(r"-?\d+", cell) for cell in cells)
    if not 2 <= len(single) <= _MOST_CLASSES or min(max(single.values()), sum(cells.values()) - 1) < 2:
        return None
    if is_code and not _LABEL_WORDS.search(column.key) and not set(single) <= {"-1", "0", "1", "2"}:
        return None
    shown = ", ".join(f"{name} {count}" for name, count in single.most_common(_MOST_CLASSES))
    bad = {name: short_name(name) for name in single if not can_name_a_folder(name)}
    values = [value_line("dataset.class_names", bad)] if bad else []
    if not separator:
        return values, f" ({shown})"
    question = [bad.get(name, name) for name in question_of(single)]
    values.append(value_line("dataset.classes", question))
    return values, f" (cells hold several, joined by {separator}: {shown})"


def _one_hot(columns: list[_Column]) -> list[_Column]:
    """Return the columns of 0 and 1 (and -1), where there are two or more."""
    hot = [column for column in columns if "1" in column.cells and set(column.cells) <= {"0", "1", "-1"}]
    return hot if len(hot) > 1 else []
