"""A table as a person looks at it: which column names the pictures, which may be class, patient or split."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
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
from chestbench.catalog.tables.label_rows import STRATA
from chestbench.catalog.tables.part_words import part_of_cell
from chestbench.catalog.tables.picture_index import PictureIndex
from chestbench.catalog.tables.table_text import header_of, plain_number
from chestbench.datasets.archive import Archive

_MOST_ROWS = 200_000
# A column names the pictures where so many of its different cells, or of the pictures, are matched.
_ENOUGH = 0.3
_MOST_FOLDS = 50
# A column of so many cells, of which such a share differs, may be one of ids.
_FEWEST, _UNIQUE = 3, 0.9


@dataclass(frozen=True)
class Column:
    name: str
    cells: Counter[str]
    blank: int


@dataclass(frozen=True)
class Look:
    """What tables of one header are seen to hold.

    Attributes:
        settings: table and id of dataset.labels.
        extras: its keys patient, study, split and strata, as far as there are such columns.
        rest: columns that are none of these and do not say the same in every row.
        folds: columns that number the folds of a cross-validation.
        tables: the members.
        find: cell of the column of ids -> places of its pictures.
        constant: columns that are called like a class and say the same in every row.
        is_by_picture: whether the ids are those of pictures; else of patients or studies.
        is_sure: whether the ids are names; else their numbers are those of some of the names only.
    """

    settings: dict[str, Any]
    extras: dict[str, Any]
    rest: list[Column]
    folds: list[Column]
    tables: list[str]
    find: Callable[[str], list[int]]
    constant: list[Column]
    is_by_picture: bool = True
    is_sure: bool = True


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
    columns = _joined(
        [_columns(table_text_of(archive, member, "dataset.labels.table", is_used=False)[0]) for member in tables]
    )
    index = PictureIndex(pictures)
    find: Callable[[str], list[int]] = index.find
    matched = {column.name: _matched(column, index) for column in columns}
    numbers = next((found for column in columns if (found := _all_by_number(column, matched, index, pictures))), None)
    by_patients = False
    if numbers:
        name, place_of = numbers
        matched, find = {column.name: 0 for column in columns} | {name: len(place_of)}, _finder(place_of)
    elif not any(matched.values()) and (packed := _below_other_folders(columns, index)):
        name, find = packed
        matched[name] = _found(columns, name, find)
    elif by_patients := not any(matched.values()):
        matched, find = (
            {column.name: _patients_matched(column, index, len(pictures)) for column in columns},
            index.below,
        )
    best = _best(columns, matched, len(pictures))
    is_sure = best is not None
    if best is None:
        numbered = {column.name: _some_by_number(column, index) for column in columns}
        matched = {name: len(place_of) for name, place_of in numbered.items()}
        if (best := _best(columns, matched, len(pictures))) is None:
            return None
        find, by_patients = _finder(numbered[best.name]), False
    globs = [_glob(member, members) for member in tables]
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
    strata: dict[str, str] = {}
    for column in rest:
        if stratum := stratum_of(column.name):
            strata.setdefault(stratum, column.name)
    strata = {name: strata[name] for name in STRATA if name in strata}
    used = {*extras.values(), *strata.values()}
    extras |= {"strata": strata} if strata else {}
    if by_patients and is_patient_column(best.name):
        extras["patient"] = best.name
    settings = {"table": globs if len(globs) > 1 else globs[0], "id": best.name}
    constant = [column for column in columns if column is not best and is_label_column(column.name, is_sure=True)]
    constant = [column for column in constant if len(column.cells) + (column.blank > 0) == 1]
    rest = [column for column in rest if column.name not in used]
    return Look(settings, extras, rest, folds, tables, find, constant, not by_patients, is_sure)


def _columns(text: str) -> list[Column]:
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
    return [Column(*column) for column in zip(header, counts, blanks, strict=True)]


def _joined(tables: list[list[Column]]) -> list[Column]:
    """Return the columns that tables of one header have together, without those that hold nothing."""
    joined = [
        Column(same[0].name, sum((column.cells for column in same), Counter()), sum(column.blank for column in same))
        for same in zip(*tables, strict=False)
    ]
    return [column for column in joined if column.name and column.cells]


def _matched(column: Column, index: PictureIndex) -> int:
    return sum(bool(index.find(_cleaned(cell))) for cell in column.cells)


def _all_by_number(
    column: Column, matched: dict[str, int], index: PictureIndex, pictures: list[str]
) -> tuple[str, dict[str, int]] | None:
    """Return the name of a column, and its cells' places, where all mean all pictures but for zeros before numbers."""
    if not len(column.cells) == len(pictures) > matched[column.name] or any(
        count == len(pictures) for count in matched.values()
    ):
        return None
    found = index.by_number(column.cells)
    return (column.name, found) if len(found) == len(pictures) else None


def _best(columns: list[Column], matched: dict[str, int], pictures: int) -> Column | None:
    """Return the column of most matches, None where they are too few to be meant."""
    best = max(columns, key=lambda column: matched[column.name], default=None)
    if best is None or not matched[best.name] or matched[best.name] < _ENOUGH * min(pictures, len(best.cells)):
        return None
    return best


def _some_by_number(column: Column, index: PictureIndex) -> dict[str, int]:
    """Return the cells of a column of ids, hardly any of which comes twice, that are numbers of pictures' names."""
    if len(column.cells) < max(_FEWEST, _UNIQUE * sum(column.cells.values())):
        return {}
    return index.by_number(column.cells)


def _below_other_folders(columns: list[Column], index: PictureIndex) -> tuple[str, Callable[[str], list[int]]] | None:
    """Return a column of paths that begin with folders of another copy of the set, and what finds its pictures."""
    for column in columns:
        paths = [cell for cell in column.cells if "/" in cell or "\\" in cell]
        if 2 * len(paths) > len(column.cells) and (dropped := index.folders_to_drop(map(_cleaned, paths))):
            return column.name, _without_folders(index, dropped)
    return None


def _without_folders(index: PictureIndex, dropped: int) -> Callable[[str], list[int]]:
    return lambda cell: index.find("/".join(_cleaned(cell).split("/")[dropped:]))


def _found(columns: list[Column], name: str, find: Callable[[str], list[int]]) -> int:
    return next(sum(bool(find(cell)) for cell in column.cells) for column in columns if column.name == name)


def _cleaned(cell: str) -> str:
    return cell.replace("\\", "/").removeprefix("./")


def _finder(place_of: dict[str, int]) -> Callable[[str], list[int]]:
    return lambda cell: [place_of[cell]] if cell in place_of else []


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


def _is_fold(column: Column) -> bool:
    return is_fold_column(column.name) and len(column.cells) <= _MOST_FOLDS and not _is_split(column)


def _is_split(column: Column) -> bool:
    parts = {part_of_cell(cell) for cell in column.cells}
    return None not in parts and 0 in parts and len(parts) > 1
