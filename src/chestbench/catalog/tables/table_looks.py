"""A table as a person looks at it: which column names the pictures, which may be class, patient or split."""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from chestbench.catalog.tables.label_cells import plain_number
from chestbench.catalog.tables.label_extras import is_patient_column
from chestbench.catalog.tables.part_words import part_of_cell
from chestbench.catalog.tables.picture_index import PictureIndex
from chestbench.catalog.tables.table_text import header_of, text_of
from chestbench.datasets.archive import Archive
from chestbench.datasets.text_bounds import lines_of

_MOST_ROWS, _MOST_CELLS = 200_000, 4_000_000
# A column names the pictures where so many of its different cells, or of the pictures, are matched.
_ENOUGH = 0.3
_STRATA = {
    "sex": re.compile(r"(patient)?(sex|gender)", re.IGNORECASE),
    "age": re.compile(r"(patient)?age(years|inyears)?", re.IGNORECASE),
    "view": re.compile(r"(view|projection)(position|s)?|apa?pa|frontallateral", re.IGNORECASE),
}
_STUDY = re.compile(r"(study|exam|examination|accession)(instance)?(id|uid|number|no)?", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
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
    rest: list[Column]


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
    if by_patients := not any(matched.values()):
        matched = {column.name: _patients_matched(column, index, len(pictures)) for column in columns}
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
    if by_patients and is_patient_column(best.name):
        extras["patient"] = best.name
    settings = {"table": globs if len(globs) > 1 else globs[0], "id": best.name}
    return Look(settings, extras, [column for column in rest if column.name not in used])


def _columns(text: str) -> list[Column]:
    delimiter, header = header_of(text, [])
    named = [name for name in header if name]
    if len(header) < 2 or len(set(named)) != len(named):
        return []
    counts: list[Counter[str]] = [Counter() for _ in header]
    is_header = True
    try:
        most_rows = min(_MOST_ROWS, _MOST_CELLS // len(header))
        for number, cells in enumerate(csv.reader(lines_of(text), delimiter=delimiter)):
            if is_header or number > most_rows:
                is_header = is_header and not any(cell.strip() for cell in cells)
                continue
            for count, cell in zip(counts, cells, strict=False):
                count[plain_number(cell.strip())] += 1
    except csv.Error:
        return []
    blanks = [count.pop("", 0) for count in counts]
    return [Column(*column) for column in zip(header, counts, blanks, strict=True)]


def _joined(tables: list[list[Column]]) -> list[Column]:
    """Return the columns that tables of one header have together, without those that hold nothing."""
    joined = [
        Column(same[0].name, sum((column.cells for column in same), Counter()), sum(column.blank for column in same))
        for same in zip(*tables, strict=False)
    ]
    return [column for column in joined if column.name and column.cells]


def _matched(column: Column, index: PictureIndex) -> int:
    return sum(bool(index.find(cell.replace("\\", "/").removeprefix("./"))) for cell in column.cells)


def _patients_matched(column: Column, index: PictureIndex, pictures: int) -> int:
    """Return how many cells name a folder, or the beginning of names, of few pictures: a patient's or a study's."""
    counts = [len(index.below(cell)) for cell in column.cells]
    return sum(count > 0 for count in counts) if counts and max(counts) <= pictures // 4 else 0


def _glob(member: str, members: list[str]) -> str:
    """Return a glob pattern of this table alone, without the folders where that is enough."""
    name = member.rpartition("/")[2]
    alone = sum(other.endswith(name) for other in members) == 1
    escaped = re.sub(r"([*?[])", r"[\1]", name if alone else member)
    return f"*{escaped}" if alone else escaped


def _is_split(column: Column) -> bool:
    parts = {part_of_cell(cell) for cell in column.cells}
    return None not in parts and 0 in parts and len(parts) > 1
