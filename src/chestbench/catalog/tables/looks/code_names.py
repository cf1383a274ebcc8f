"""Names of codes that the set brings: a small table "0,normal", a sheet, or a comment "# 1 = normal, 2 = tb"."""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice, permutations

from chestbench.catalog.override import value_line
from chestbench.catalog.tables.looks.class_readings import Reading
from chestbench.catalog.tables.reading.table_text import header_of, plain_number, text_of
from chestbench.catalog.tables.reading.title_rows import rows_above_header
from chestbench.catalog.tables.words.empty_words import says_nothing
from chestbench.catalog.tables.words.picture_endings import has_picture_ending
from chestbench.core.label_config import can_name_a_folder, folded
from chestbench.datasets.archive import Archive
from chestbench.datasets.text_bounds import lines_of

_CODE = re.compile(r"-?\d+")
_PAIR = re.compile(r"(?<![\w.])(-?\d+)\s*[=:]\s*([^,;|\t\n=:]*[^,;|\t\n=:\s])")
# A legend names few codes more than are used.
_MOST_ROWS, _MOST_COLUMNS, _MORE = 60, 4, 3


def with_names(archive: Archive, reading: Reading, tables: Sequence[str]) -> Iterator[str]:
    """Yield the line of a column of codes with the names that the set gives them, and where from.

    Args:
        archive: holds the tables.
        reading: whose candidate has a line.
        tables: all that are read, sheets among them.

    Raises:
        ChestbenchError: a table is damaged or no text.
    """
    column = next((one for one in reading.look.rest if (one.name,) == reading.candidate.columns), None)
    codes = {cell for cell in column.cells if not says_nothing(cell)} if column else set()
    if not codes or not all(map(_CODE.fullmatch, codes)) or "dataset.class_names" in reading.candidate.line:
        return
    mine = reading.look.tables
    for table in [*mine, *(table for table in tables if table not in mine)]:
        text = text_of(archive, table, "dataset.labels.table", is_used=False)
        if names := _in_comments(text, codes) if table in mine else _in_rows(text, codes):
            line = value_line("dataset.class_names", {code: names[code] for code in sorted(codes)})
            shown = ", ".join(f"{name} {column.cells[code]}" for code, name in names.items() if column)
            yield f"{reading.candidate.line} {line} ({shown}; names by {table.rpartition('/')[2]})"
            return


def _in_comments(text: str, codes: set[str]) -> dict[str, str]:
    above = "".join(islice(lines_of(text), rows_above_header(text)))
    return _fitting(_PAIR.findall(above), codes)


def _in_rows(text: str, codes: set[str]) -> dict[str, str]:
    """Return the names of a table that has a row for each code and little else."""
    delimiter, header = header_of(text, [])
    if not 2 <= len(header) <= _MOST_COLUMNS:
        return {}
    rows = list(islice(csv.reader(lines_of(text), delimiter=delimiter), _MOST_ROWS + 1))
    rows = [[plain_number(cell.strip()) for cell in row] for row in rows if len(row) == len(header)]
    if len(rows) > _MOST_ROWS:
        return {}
    for at, of in permutations(range(len(header)), 2):
        if names := _fitting([(row[at], row[of]) for row in rows if _CODE.fullmatch(row[at])], codes):
            return names
    return {}


def _fitting(pairs: Sequence[tuple[str, str]], codes: set[str]) -> dict[str, str]:
    """Return the pairs as a mapping where each code has one name, and each name one code; {} else."""
    names = dict(pairs)
    is_clear = len(names) == len(pairs) and len(set(map(folded, names.values()))) == len(names)
    good = all(
        can_name_a_folder(name) and not (_CODE.fullmatch(name) or has_picture_ending(name)) for name in names.values()
    )
    is_clear &= len(names) <= 2 * len(codes) + _MORE
    return {code: names[code] for code in sorted(codes)} if is_clear and good and codes <= names.keys() else {}
