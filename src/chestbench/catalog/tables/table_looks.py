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
from chestbench.catalog.tables.exclusion_words import left_out_cells
from chestbench.catalog.tables.headless import table_text_of
from chestbench.catalog.tables.hot_columns import HotRows, hot_columns, read_hot_rows
from chestbench.catalog.tables.id_column import Column, Ids, find_ids
from chestbench.catalog.tables.label_rows import STRATA
from chestbench.catalog.tables.split_cells import parts_of_cells
from chestbench.catalog.tables.split_columns import note_of, split_columns
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
        open_splits: columns that seem to say a split, and do not say which part is which.
        split_note: which cell is which part, in words, where the cells do not say so themselves.
        exclusions: columns that say which pictures were left out, which are never classes.
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
    open_splits: tuple[Column, ...] = ()
    split_note: str = ""
    exclusions: tuple[Column, ...] = ()


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
    texts = [table_text_of(archive, member, "dataset.labels.table", is_used=False)[0] for member in tables]
    columns = _joined([_columns(text) for text in texts])
    ids = find_ids(columns, pictures)
    if ids is None:
        return None
    best = ids.column
    globs = [_glob(member, members) for member in tables]
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
    strata: dict[str, str] = {}
    for column in rest:
        if stratum := stratum_of(column.name):
            strata.setdefault(stratum, column.name)
    strata = {name: strata[name] for name in STRATA if name in strata}
    used = {*extras.values(), *strata.values()}
    extras |= {"strata": strata} if strata else {}
    if not ids.is_by_picture and is_patient_column(best.name):
        extras["patient"] = best.name
    settings = {"table": globs if len(globs) > 1 else globs[0], "id": best.name}
    settings |= {"encoding": archive.text_encoding} if archive.text_encoding else {}
    settings |= {"id_pattern": ids.id_pattern} if ids.id_pattern else {}
    constant = [column for column in columns if column is not best and is_label_column(column.name, is_sure=True)]
    constant = [column for column in constant if len(column.cells) + (column.blank > 0) == 1]
    used |= {column.name for column in (*splits, *open_splits)}
    rest = [column for column in rest if column.name not in used]
    note = note_of(splits[0]) if splits else ""
    hot = hot_columns(rest)
    hot_rows = read_hot_rows(texts, hot, _MOST_ROWS)
    return Look(settings, extras, rest, folds, tables, ids, constant, hot, hot_rows, tuple(open_splits), note,
                tuple(exclusions))  # fmt: skip


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
    return (
        is_fold_column(column.name)
        and len(column.cells) <= _MOST_FOLDS
        and parts_of_cells(column.name, column.cells) is None
    )
