"""A class that stands in the first row of each patient only, as cells that were merged are saved: said, never filled.

Whether a blank cell means the value above it or that nothing is known, the table does not say.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence

from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.reading.headless import table_text_of
from chestbench.catalog.tables.reading.table import Table
from chestbench.catalog.tables.reading.table_text import header_of, plain_number
from chestbench.core.config import Labels
from chestbench.datasets.archive import Archive
from chestbench.datasets.text_bounds import lines_of

# So many rows of both kinds, and so great a share of all must be as described.
_FEWEST, _SHARE = 3, 0.95


def blank_below(rows: Iterable[tuple[str, str]]) -> int:
    """Return how many rows are blank below one that is filled for the same patient; 0 where no rule is seen.

    Args:
        rows: class and patient; the patient may be blank where it is that of the row above.

    Example:
        >>> blank_below([("a", "1"), ("", ""), ("b", "2"), ("", ""), ("a", "3"), ("", "3"), ("", "3")])
        4
    """
    blank = filled = odd = 0
    before: str | None = None
    for label, patient in rows:
        is_same = before is not None and patient in ("", before)
        blank += not label and is_same
        filled += bool(label) and not is_same
        odd += bool(label) is is_same
        before = patient or before
    return blank if min(blank, filled) >= _FEWEST and odd <= (1 - _SHARE) * (blank + filled) else 0


def blank_in_look(archive: Archive, look: Look, column: str) -> str:
    """Return a sentence where a column that may be the class is filled once for each patient; "" else.

    Raises:
        ChestbenchError: a table is damaged or no text.
    """
    blank = next((one.blank for one in look.rest if one.name == column), 0)
    people = look.extras.get("patient") or next(
        (one.name for one in look.rest if one.blank == blank and one.name != column), ""
    )
    if not blank or not people or people == look.id:
        return ""
    rows = (row for table in look.tables for row in _rows(archive, table, (column, people)))
    return _sentence(look.tables[0].rpartition("/")[2], column, people, blank_below(rows))


def blank_in_tables(tables: Sequence[Table], settings: Labels) -> list[str]:
    """Return a sentence on each table of dataset.labels whose class is filled once for each patient."""
    told = []
    for table in tables:
        if settings.column in table.columns and settings.patient in table.columns:
            at, who = table.columns.index(settings.column), table.columns.index(settings.patient)
            count = blank_below((row[at], plain_number(row[who])) for _, row in table.rows)
            told.append(_sentence(table.name, settings.column, settings.patient, count))
    return [text for text in told if text]


def _sentence(table: str, column: str, people: str, count: int) -> str:
    if not count:
        return ""
    return (
        f"{table}: {count:,} rows are blank in the column {column!r} and follow one that is filled for the same "
        f"{people!r}, as merged cells are saved: their pictures have no class and are left out; where it is meant "
        "for them too, write it into each row"
    )


def _rows(archive: Archive, table: str, columns: tuple[str, str]) -> Iterator[tuple[str, str]]:
    text, _ = table_text_of(archive, table, "dataset.labels.table", is_used=False)
    delimiter, header = header_of(text, [])
    at, who = map(header.index, columns)
    rows = (row for row in csv.reader(lines_of(text), delimiter=delimiter) if any(map(str.strip, row)))
    for number, row in enumerate(rows):
        if number:
            cells = [*row, *[""] * (len(header) - len(row))]
            yield cells[at].strip(), plain_number(cells[who].strip())
