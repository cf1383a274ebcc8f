"""Tables that are a split by their columns: names of pictures below "train", "val" and "test", or 0 and 1 there."""

import csv
import re
from collections.abc import Container, Sequence

from chestbench.catalog.tables.columns.hot_columns import truth_of
from chestbench.catalog.tables.reading.table_text import header_of
from chestbench.catalog.tables.splits.list_files import ListFile
from chestbench.catalog.tables.words.part_words import TRAIN, VAL, parts_in_name
from chestbench.datasets.text_bounds import lines_of

# What a column that only numbers the rows is called; of a row's flags, it holds the name.
_INDEX = re.compile(r"|#|unnamed: ?\d+|index|idx|no\.?|nr\.?", re.IGNORECASE)


def part_columns(header: Sequence[str]) -> dict[int, int]:
    """Return place of a column -> part, where a header consists of parts, train among them; {} for other headers.

    Example:
        >>> part_columns(["", "train", "val", "test"]), part_columns(["file", "train", "test"]), part_columns(["train"])
        ({1: 0, 2: 1, 3: 2}, {}, {})
    """
    found: dict[int, int] = {}
    for place, name in enumerate(header):
        parts, rest = parts_in_name(name)
        if parts == {TRAIN, VAL}:
            parts = {TRAIN}
        if len(parts) == 1 and not rest:
            found[place] = parts.pop()
        elif place or not _INDEX.fullmatch(name):
            return {}
    is_split = TRAIN in found.values() and len(set(found.values())) > 1
    return found if is_split and len(found) == len(set(found.values())) else {}


def lists_in_columns(member: str, text: str) -> list[ListFile]:
    """Return the lists of a table whose columns are parts, [] for other tables.

    Args:
        member: the table.
        text: of it.
    """
    delimiter, header = header_of(text, [])
    columns = part_columns(header)
    if not columns and not (columns := _flag_columns(header)):
        return []
    try:
        rows = [row for row in csv.reader(lines_of(text), delimiter=delimiter) if any(map(str.strip, row))][1:]
    except csv.Error:
        return []
    cells = [[row[place].strip() if place < len(row) else "" for place in range(len(header))] for row in rows]
    found: dict[int, list[str]] = {}
    if all(truth_of(row[place]) in ("0", "1") for row in cells for place in columns):
        at = _name_column(cells, columns)
        if at is None or any(sum(truth_of(row[place]) == "1" for place in columns) > 1 for row in cells):
            return []  # nothing names a picture, or the columns are findings of a patient
        found = {place: [row[at] for row in cells if truth_of(row[place]) == "1"] for place in columns}
    elif part_columns(header):
        found = {place: [row[place] for row in cells if row[place]] for place in columns}
    return [
        ListFile(member, frozenset({columns[place]}), (), False, tuple(names), header[place])
        for place, names in found.items()
        if names
    ]


def _flag_columns(header: Sequence[str]) -> dict[int, int]:
    """Return place -> part of the columns "is_train", "is_val", "is_test" among others; {} without two of them."""
    found: dict[int, int] = {}
    for place, name in enumerate(header):
        parts, rest = parts_in_name(name)
        if len(parts) == 1 and set(rest) <= {"is", "in", "for", "flag"}:
            found[place] = parts.pop()
    is_split = TRAIN in found.values() and len(found) > 1
    return found if is_split and len(found) == len(set(found.values())) else {}


def _name_column(cells: Sequence[Sequence[str]], columns: Container[int]) -> int | None:
    """Return the first column of which each cell is another, None for none."""
    for at in range(len(cells[0]) if cells else 0):
        if at not in columns and len({row[at] for row in cells} - {""}) == len(cells):
            return at
    return None
