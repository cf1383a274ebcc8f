"""Whether two columns of ids mean the same pictures, row by row."""

import csv
from collections.abc import Iterator, Sequence

from chestbench.catalog.tables.columns.id_column import Ids
from chestbench.catalog.tables.reading.table_text import header_of, plain_number
from chestbench.datasets.text_bounds import lines_of


def different_ids(texts: Sequence[str], found: Sequence[Ids], most_rows: int) -> list[Ids]:
    """Return the columns of ids of which each means other pictures than those before it, in one row at least.

    A row in which one of two finds no picture does not tell them apart.

    Args:
        texts: of tables of one header.
        found: columns of ids, the likeliest first.
        most_rows: of all texts that are looked at.
    """
    kept: list[Ids] = []
    for ids in found:
        if all(_differ(texts, one, ids, most_rows) for one in kept):
            kept.append(ids)
    return kept


def _differ(texts: Sequence[str], one: Ids, other: Ids, most_rows: int) -> bool:
    pairs = (pair for text in texts for pair in cells_of(text, one.column.name, other.column.name))
    for _, (mine, theirs) in zip(range(most_rows), pairs, strict=False):
        found = one.find(mine)
        if found and (others := other.find(theirs)) and not set(found) & set(others):
            return True
    return False


def cells_of(text: str, *names: str) -> Iterator[list[str]]:
    """Yield the cells of some columns of each row of a table's text, without blanks around them and ".0" of numbers."""
    delimiter, header = header_of(text, [])
    at = [header.index(name) for name in names]
    is_header = True
    try:
        for cells in csv.reader(lines_of(text), delimiter=delimiter):
            if not is_header and len(cells) > max(at):
                yield [plain_number(cells[place].strip()) for place in at]
            is_header = is_header and not any(cell.strip() for cell in cells)
    except csv.Error:
        return
