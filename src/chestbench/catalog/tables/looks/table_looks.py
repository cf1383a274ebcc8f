"""A table as a person looks at it: which column names the pictures, which may be class, patient or split."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from chestbench.catalog.tables.columns.exclusion_words import left_out_cells
from chestbench.catalog.tables.columns.files_beside import files_beside
from chestbench.catalog.tables.columns.hot_columns import hot_columns, read_hot_rows
from chestbench.catalog.tables.columns.id_column import Column, Ids, find_ids
from chestbench.catalog.tables.columns.id_rows import different_ids
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.labels.label_rows import STRATA
from chestbench.catalog.tables.looks.people_columns import names_of_people
from chestbench.catalog.tables.reading.headless import table_text_of
from chestbench.catalog.tables.reading.sheets import parted
from chestbench.catalog.tables.reading.table_text import header_of, plain_number
from chestbench.catalog.tables.splits.split_cells import parts_of_cells
from chestbench.catalog.tables.splits.split_columns import note_of, split_columns
from chestbench.catalog.tables.words.column_words import (
    is_fold_column,
    is_label_column,
    is_patient_column,
    is_study_column,
    stratum_of,
)
from chestbench.datasets.archive import Archive
from chestbench.datasets.text_bounds import lines_of

_MOST_ROWS, _MOST_CELLS = 200_000, 4_000_000
_MOST_FOLDS = 50


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
    settings = tables_in_settings(tables, members)
    names = [ids.column.name for ids in found]
    return [
        _look(archive, texts, tables, settings, columns, ids, tuple(name for name in names if name != ids.column.name))
        for ids in found
    ]


def look_at_people(archive: Archive, tables: list[str], column: str, find: Callable[[str], list[int]]) -> Look | None:
    """Look at tables that have a row for each patient, whose pictures another table names; None without such a column.

    Args:
        archive: holds them.
        tables: members with the same header.
        column: of the patients.
        find: patient -> places of the pictures.

    Raises:
        ChestbenchError: a table is damaged or no text.
    """
    texts = [table_text_of(archive, member, "dataset.labels.table", is_used=False)[0] for member in tables]
    columns = _joined([_columns(text) for text in texts])
    people = next((one for one in columns if one.name == column), None)
    if people is None:
        return None
    return _look(archive, texts, tables, {}, columns, Ids(people, find, is_by_picture=False), ())


def tables_in_settings(tables: Sequence[str], members: list[str]) -> dict[str, Any]:
    """Return the keys table and sheet of dataset.labels for tables.

    Args:
        tables: members, or sheets of them.
        members: all names, so that a glob pattern fits one table alone.
    """
    globs = list(dict.fromkeys(_glob(parted(table)[0], members) for table in tables))
    settings: dict[str, Any] = {"table": globs if len(globs) > 1 else globs[0]}
    if sheets := list(dict.fromkeys(sheet for table in tables if (sheet := parted(table)[1]))):
        settings["sheet"] = sheets if len(sheets) > 1 else sheets[0]
    return settings


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
    exclusions = [column for column in rest if left_out_cells(column)]
    rest = [column for column in rest if column not in exclusions]
    splits, open_splits = split_columns(rest)
    kinds: dict[str, Any] = {
        "patient": lambda column: is_patient_column(column.name),
        "study": lambda column: is_study_column(column.name),
        "split": lambda column: column in splits[:1],
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
    used |= {column.name for column in (*splits, *open_splits)}
    rest = [column for column in rest if column.name not in used]
    note = note_of(splits[0]) if splits else ""
    hot = hot_columns(rest)
    hot_rows = read_hot_rows(texts, hot, _MOST_ROWS)
    return Look(settings, extras, rest, folds, tables, ids, constant, hot, hot_rows, rivals, tuple(open_splits), note,
                tuple(exclusions), files_beside(columns, ids))  # fmt: skip


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
            if cells and len(cells) < len(header):  # workbooks end a row with its last cell
                cells += [""] * (len(header) - len(cells))
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
    return (
        is_fold_column(column.name)
        and len(column.cells) <= _MOST_FOLDS
        and parts_of_cells(column.name, column.cells) is None
    )
