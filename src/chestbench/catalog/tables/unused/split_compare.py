"""A column that says the split, beside a split that folders, names or lists give: how far they agree."""

import csv
from collections import Counter
from collections.abc import Sequence

import numpy as np

from chestbench.catalog.records import SPLITS
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.reading.headless import table_text_of
from chestbench.catalog.tables.reading.table_text import header_of, plain_number
from chestbench.catalog.tables.splits.split_cells import parts_of_cells
from chestbench.datasets.archive import Archive
from chestbench.datasets.text_bounds import lines_of


def compare_split(archive: Archive, look: Look, given: np.ndarray) -> str:
    """Return a sentence where a table's split column puts pictures into other parts; "" where it does not.

    Args:
        archive: holds the table.
        look: at it, with a split column among its extras.
        given: int8 (P,), 0 train, 1 val, 2 test, -1 none: the split in use, of the pictures that the look counts.
    """
    column = look.extras.get("split")
    if column is None or not look.ids.is_sure:
        return ""
    said: dict[int, int] = {}
    first, rows = 0, rows_of(archive, look, column)
    parts = parts_of_cells(column, Counter(cell for _, _, cell in rows)) or {}
    differ: Counter[tuple[int, int]] = Counter()
    for line, places, cell in rows:
        for place in places:
            if cell in parts and given[place] >= 0 and place not in said:
                said[place] = parts[cell]
                if parts[cell] != given[place]:
                    first = first or line
                    differ[int(given[place]), parts[cell]] += 1
    if not differ:
        return ""
    shown = "; ".join(
        f"{count:,} of {SPLITS[used]} are in {SPLITS[stated]} by the column"
        for (used, stated), count in sorted(differ.items())
    )
    return (
        f"{look.tables[0].rpartition('/')[2]} contradicts the split in use: by its column {column!r} "
        f"{differ.total():,} of {len(said):,} pictures are in another part ({shown}; such as line {first}); the split "
        "in use is kept: correct one of the two, or set -S dataset.given_split=ignore to split anew"
    )


def rows_of(archive: Archive, look: Look, column: str) -> list[tuple[int, Sequence[int], str]]:
    """Return line, places of the pictures that it names, and a column's cell, of each row of the tables looked at."""
    found: list[tuple[int, Sequence[int], str]] = []
    for table in look.tables:
        text, added = table_text_of(archive, table, "dataset.labels.table", is_used=False)
        delimiter, header = header_of(text, [])
        at, of = header.index(look.settings["id"]), header.index(column)
        reader = csv.reader(lines_of(text), delimiter=delimiter)
        for number, cells in enumerate(row for row in reader if any(map(str.strip, row))):
            if number and len(cells) > max(at, of):
                places = look.ids.find(plain_number(cells[at].strip()))
                found.append((reader.line_num - added, places, plain_number(cells[of].strip())))
    return found
