"""A table as a person looks at it: which column names the pictures, which may be class, patient or split."""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from chestbench.catalog.tables.column_words import (
    is_fold_column,
    is_label_column,
    is_patient_column,
    is_study_column,
    stratum_of,
)
from chestbench.catalog.tables.headless import table_text_of
from chestbench.catalog.tables.hot_columns import HotRows, hot_columns, read_hot_rows
from chestbench.catalog.tables.id_column import Column, Ids, find_ids
from chestbench.catalog.tables.id_rows import different_ids
from chestbench.catalog.tables.id_words import NEVER, trust_in
from chestbench.catalog.tables.label_rows import STRATA
from chestbench.catalog.tables.part_words import part_of_cell
from chestbench.catalog.tables.people_columns import names_of_people
from chestbench.catalog.tables.picture_index import has_picture_ending
from chestbench.catalog.tables.table_text import header_of, plain_number
from chestbench.datasets.archive import Archive
from chestbench.datasets.text_bounds import lines_of

_MOST_ROWS, _MOST_CELLS = 200_000, 4_000_000
_MOST_FOLDS = 50


@dataclass(frozen=True)
class Look:
    """What tables of one header are seen to hold.

    Attributes:
        settings: table, id and, where needed, id_pattern of dataset.labels.
        extras: its keys patient, study, split and strata, as far as there are such columns.
        rest: columns that are none of these and do not say the same in every row.
        folds: columns that number the folds of a cross-validation.
        tables: the members.
        ids: the column that names the pictures.
        constant: columns that are called like a class and say the same in every row.
        hot: columns of `rest` of 0 and 1, two or more.
        hot_rows: what their rows say together.
        rivals: other columns that fit the pictures' names as well, and mean others.
    """

    settings: dict[str, Any]
    extras: dict[str, Any]
    rest: list[Column]
    folds: list[Column]
    tables: list[str]
    ids: Ids
    constant: list[Column]
    hot: list[Column]
    hot_rows: HotRows
    rivals: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The column that names the pictures."""
        return str(self.settings["id"])

    @property
    def doubt(self) -> str:
        """What speaks against the column that names the pictures, as the end of a sentence; "" for nothing."""
        name = self.id
        if self.rivals:
            others = " and ".join(map(repr, self.rivals))
            return (
                f"the pictures are found by the column {name!r}; {others} would find others for the same rows: see "
                "which of them is the file's name"
            )
        cells = self.ids.column.cells
        are_files = 2 * sum(map(has_picture_ending, cells)) > len(cells)
        if self.ids.is_by_picture and trust_in(name) == NEVER and not are_files:
            return (
                f"the pictures are found by the column {name!r}, by its name a count, an age, a date or a measure "
                "rather than the file's name: see that it is the file's name"
            )
        return ""


def looks_at(archive: Archive, tables: list[str], members: list[str], pictures: list[str]) -> list[Look]:
    """Look at tables of the same columns: once for each column that may name the pictures, the likeliest first.

    Columns that mean the same pictures in every row are one. None that names pictures gives [].

    Args:
        archive: holds them.
        tables: members with the same header.
        members: all names, so that a glob pattern fits one table alone.
        pictures: members that pose as pictures.

    Raises:
        ChestbenchError: a table is damaged or no text.
    """
    texts = [table_text_of(archive, member, "dataset.labels.table", is_used=False)[0] for member in tables]
    columns = _joined([_columns(text) for text in texts])
    found = different_ids(texts, find_ids(columns, pictures), _MOST_ROWS)
    globs = [_glob(member, members) for member in tables]
    settings = {"table": globs if len(globs) > 1 else globs[0]}
    names = [ids.column.name for ids in found]
    return [
        _look(archive, texts, tables, settings, columns, ids, tuple(name for name in names if name != ids.column.name))
        for ids in found
    ]


def _look(
    archive: Archive,
    texts: list[str],
    tables: list[str],
    table: dict[str, Any],
    columns: list[Column],
    ids: Ids,
    rivals: tuple[str, ...],
) -> Look:
    best = ids.column
    # A column that says the same in every row says nothing; in a 0/1 column nothing is 0.
    rest = [column for column in columns if column is not best and len(column.cells) + (column.blank > 0) > 1]
    folds = [column for column in rest if _is_fold(column)]
    rest = [column for column in rest if column not in folds]
    kinds: dict[str, Any] = {
        "patient": lambda column: is_patient_column(column.name),
        "study": lambda column: is_study_column(column.name),
        "split": _is_split,
    }
    extras: dict[str, Any] = {
        key: column.name for key, fits in kinds.items() if (column := next(filter(fits, rest), None))
    }
    if "patient" not in extras and (people := names_of_people(rest)):
        extras = {"patient": people.name, **extras}
    strata: dict[str, str] = {}
    for column in rest:
        if stratum := stratum_of(column.name):
            strata.setdefault(stratum, column.name)
    strata = {name: strata[name] for name in STRATA if name in strata}
    used = {*extras.values(), *strata.values()}
    extras |= {"strata": strata} if strata else {}
    if not ids.is_by_picture and is_patient_column(best.name):
        extras["patient"] = best.name
    settings = {**table, "id": best.name}
    settings |= {"encoding": archive.text_encoding} if archive.text_encoding else {}
    settings |= {"id_pattern": ids.id_pattern} if ids.id_pattern else {}
    constant = [column for column in columns if column is not best and is_label_column(column.name, is_sure=True)]
    constant = [column for column in constant if len(column.cells) + (column.blank > 0) == 1]
    rest = [column for column in rest if column.name not in used]
    hot = hot_columns(rest)
    hot_rows = read_hot_rows(texts, hot, _MOST_ROWS)
    return Look(settings, extras, rest, folds, tables, ids, constant, hot, hot_rows, rivals)


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


def _glob(member: str, members: list[str]) -> str:
    """Return a glob pattern of this table alone, without the folders where that is enough."""
    name = member.rpartition("/")[2]
    alone = sum(other.endswith(name) for other in members) == 1
    escaped = re.sub(r"([*?[])", r"[\1]", name if alone else member)
    return f"*{escaped}" if alone else escaped


def _is_fold(column: Column) -> bool:
    return is_fold_column(column.name) and len(column.cells) <= _MOST_FOLDS and not _is_split(column)


def _is_split(column: Column) -> bool:
    parts = {part_of_cell(cell) for cell in column.cells}
    return None not in parts and 0 in parts and len(parts) > 1
