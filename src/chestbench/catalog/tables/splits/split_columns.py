"""Which columns of a table say the split, and which seem to and do not say which part is which."""

from collections.abc import Mapping, Sequence

from chestbench.catalog.folders.words.roles import Role, role_of
from chestbench.catalog.folders.words.split_vocabulary import ELSEWHERE_WORDS
from chestbench.catalog.folders.words.words import words_of
from chestbench.catalog.tables.columns.hot_columns import truth_of
from chestbench.catalog.tables.columns.id_column import Column
from chestbench.catalog.tables.splits.split_cells import (
    are_plain,
    flagged_part,
    is_split_name,
    mapping_in_words,
    parts_of_cells,
)
from chestbench.catalog.tables.words.part_words import TRAIN, VAL, part_of_cell

_MOST_CELLS = 50
_MOST_PARTS = 4


def split_columns(columns: Sequence[Column]) -> tuple[list[Column], list[Column]]:
    """Return the columns that say a split, and those that seem to and do not say which part is which.

    Flags of several parts ("is_train", "is_val", "is_test") say one together and none of them alone, but for two that
    are each other's opposite. A column called "split" whose cells are neither words nor codes in order is open, unless
    they are findings.
    """
    found = [column for column in columns if parts_of_cells(column.name, column.cells) is not None]
    flags = [column for column in found if _is_flag(column)]
    unclear = [] if len({flagged_part(column.name) for column in flags}) < 2 or _are_opposite(flags) else flags
    unclear += [column for column in columns if column not in found and _is_open(column)]
    return [column for column in found if column not in unclear], unclear


def note_of(column: Column) -> str:
    """Return which cell is which part, in words; "" where the cells say so themselves."""
    parts = _parts(column)
    return "" if are_plain(parts) else mapping_in_words(parts, column.cells)


def _parts(column: Column) -> Mapping[str, int]:
    return parts_of_cells(column.name, column.cells) or {}


def _is_flag(column: Column) -> bool:
    return flagged_part(column.name) is not None and not are_plain(_parts(column))


def _are_opposite(flags: Sequence[Column]) -> bool:
    """Tell "is_train" and "is_test" of which each row has one at 1, as far as their counts show."""
    rows = {sum(column.cells.values()) for column in flags}
    ones = sum(count for column in flags for cell, count in column.cells.items() if truth_of(cell) == "1")
    return len(flags) == 2 and rows == {ones} and VAL not in [flagged_part(column.name) for column in flags]


def _is_open(column: Column) -> bool:
    """Tell a column called like a split, one that marks a part and leaves the others blank, and one where a cell is a
    part ("discovery" beside "replication")."""
    if any(role_of(cell) is Role.FINDING for cell in column.cells):
        return False
    if len(column.cells) == 1:
        return column.blank > 0 and flagged_part(column.name) is not None
    is_few = 2 <= len(column.cells) <= _MOST_CELLS
    parts = [part_of_cell(cell) for cell in column.cells] if len(column.cells) <= _MOST_PARTS else []
    says_where = any(word in ELSEWHERE_WORDS for cell in column.cells for word in words_of(cell)) and bool(parts)
    return is_few and (is_split_name(column.name) or TRAIN in parts or len({*parts} - {None}) > 1 or says_where)
