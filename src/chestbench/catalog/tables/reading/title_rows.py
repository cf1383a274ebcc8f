"""What people and programs write above a table's header: titles, dates, comments. It is left out, the header stays."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from chestbench.catalog.tables.reading.table_text import DELIMITERS
from chestbench.catalog.tables.words.column_words import is_label_column, is_patient_column
from chestbench.catalog.tables.words.id_words import FILE, trust_in
from chestbench.catalog.tables.words.picture_endings import has_picture_ending
from chestbench.datasets.text_bounds import lines_of

# So many rows are looked at; a header stands among the first of them.
_LOOKED_AT, _MOST_ABOVE = 200, 30
_COMMENTS = ("#", "//", "%", "--")


def rows_above_header(text: str) -> int:
    """Return how many lines stand above the header of a table and are no row of it; 0 for nearly all tables.

    Such lines have fewer cells than the rows, begin as comments do ("# exported 2021"), or are titles above names of
    columns. What follows them is the
    header only where it looks like none of the rows: it has a name in each cell (the first may be blank, as pandas
    writes an index), none a picture's, none a number, and none that comes again in its column.

    Example:
        >>> rows_above_header("Chest study;;\\nfile;label;age\\n1.png;tb;40\\n2.png;normal;50\\n3.png;tb;60\\n")
        1
    """
    found = [above for delimiter in DELIMITERS if (above := _above(text, delimiter))]
    return max(found, default=(0, 0, 0))[-1]


def _above(text: str, delimiter: str) -> tuple[int, int, int] | None:
    """Return rows of the table's width, this width, and lines above the header; None where it is no table so."""
    reader = csv.reader(lines_of(text), delimiter=delimiter)
    try:
        read = [(cells, reader.line_num) for cells in islice(reader, _LOOKED_AT)]
    except csv.Error:
        return None
    rows = [([cell.strip() for cell in cells], line) for cells, line in read if any(cell.strip() for cell in cells)]
    widths = Counter(told for cells, _ in rows if (told := _told(cells)) > 1)
    if not widths:
        return None
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    at = next((place for place, (cells, _) in enumerate(rows) if not _is_title(cells, width)), 0)
    while at + 1 < len(rows) and _is_above(rows[at][0], rows[at + 1][0], [cells for cells, _ in rows[at + 2 :]]):
        at += 1
    if not 0 < at <= _MOST_ABOVE or not _is_header(rows[at][0], [cells for cells, _ in rows[at + 1 :]]):
        return count, width, 0
    return count, width, rows[at - 1][1]


def _told(cells: Sequence[str]) -> int:
    return sum(cell != "" for cell in cells)


def _is_title(cells: Sequence[str], width: int) -> bool:
    is_index = cells[0] == "" and _told(cells) == width - 1 > 1 and len(cells) == width
    is_bare_comment = cells[0].startswith(_COMMENTS) and cells[0].strip("#/%- ") != "" and len(cells) == 1
    return is_bare_comment or (_told(cells) < width and not is_index)


def _is_above(cells: Sequence[str], following: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether a row as wide as the table is none of it, by the header that follows.

    A comment ("# 1 = normal, 2 = tb"), or titles of columns whose names follow ("Person;Reading" above "file;finding").
    """
    if not _is_header(following, below):
        return False
    least = 0 if cells[0].startswith(_COMMENTS) else 1
    return max(least, _known(cells)) < _known(following)


def _known(cells: Sequence[str]) -> int:
    """Return how many cells are called as columns of pictures, classes and patients are."""
    return sum(is_label_column(cell) or is_patient_column(cell) or trust_in(cell) == FILE for cell in cells)


def _is_header(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether a row names columns: distinct names, but for the first, none a picture's, none as in rows below."""
    while cells and cells[-1] == "":
        cells = cells[:-1]
    if not below or "" in cells[1:] or len(set(cells)) != len(cells) or any(map(_is_value, cells)):
        return False
    columns = zip(*(row + [""] * (len(cells) - len(row)) for row in map(list, below)), strict=False)
    return not any(cell and cell in column for cell, column in zip(cells, columns, strict=False))


def _is_value(cell: str) -> bool:
    return has_picture_ending(cell) or re.fullmatch(r"[-+]?\d+([.,]\d+)?", cell) is not None
