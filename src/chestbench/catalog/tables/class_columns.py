"""Which columns of a table may say the class, and the lines for dataset.labels that use them."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from chestbench.catalog.override import value_line
from chestbench.catalog.tables.class_names import short_names
from chestbench.catalog.tables.column_words import is_label_column
from chestbench.catalog.tables.empty_words import says_nothing
from chestbench.catalog.tables.id_column import Column
from chestbench.catalog.tables.several_labels import parts_of, question_of, separator_of
from chestbench.catalog.tables.table_looks import Look
from chestbench.core.label_config import can_name_a_folder

_MOST_CLASSES = 20
# Of a column that is called like a class: two of them are put as a question.
_MOST_NAMED = 60
_MOST_COMBINATIONS = 2000


@dataclass(frozen=True)
class Candidate:
    """Columns that may say the class.

    Attributes:
        columns: one, or those of 0 and 1.
        separator: what joins several labels of a cell; "" for none.
        is_hot: whether each column is a class.
        is_label: whether it is surely called like a class, see `is_label_column`.
        line: the line that reads it, each override behind its -S; "" where it says the same of all pictures.
        shown: what was seen, in brackets.
    """

    columns: tuple[str, ...]
    separator: str
    is_hot: bool
    is_label: bool
    line: str
    shown: str


def candidates_of(look: Look) -> list[Candidate]:
    """Return what a table leads to, the likeliest first."""
    found = []
    hot = _one_hot(look.rest)
    alone = [column for column in look.rest if not hot or column not in hot]
    for column in sorted(alone, key=lambda one: not is_label_column(one.name)):
        if seen := _as_class(column):
            values, shown = seen
            line = value_line("dataset.labels", {**look.settings, "column": column.name, **look.extras})
            separator = separator_of(column.cells)
            is_label = is_label_column(column.name, is_sure=True)
            found.append(Candidate((column.name,), separator, False, is_label, " ".join([line, *values]), shown))
    if hot:
        line, shown = _hot_line(look.settings, hot, look.extras)
        found.append(Candidate(tuple(one.name for one in hot), "", True, True, line, shown))
    for column in look.constant:
        (cell,) = column.cells
        found.append(Candidate((column.name,), "", False, True, "", f" ({cell} {column.cells[cell]})"))
    return found


def _hot_line(settings: dict[str, Any], hot: list[Column], extras: dict[str, Any]) -> tuple[str, str]:
    """Return line and counts for 0/1 columns: all of them, or two as a question where rows have several."""
    shown = ", ".join(f"{column.name} {column.cells['1']}" for column in hot[:20])
    rule = {"uncertain": "exclude"} if any("-1" in column.cells for column in hot) else {}
    rows = max(sum(column.cells.values()) for column in hot)
    # One 1 in each row, as it seems; rows that differ are left out by the run, and counted.
    if sum(column.cells["1"] for column in hot) == rows:
        line = value_line("dataset.labels", {**settings, "one_hot": [column.name for column in hot], **rule, **extras})
        return line, f" (columns of 0 and 1, one a picture: {shown})"
    names = question_of(Counter({column.name: column.cells["1"] for column in hot}))
    line = value_line("dataset.labels", {**settings, "one_hot": names, **rule, **extras})
    return line, f" (columns of 0 and 1, two of them as a question: {shown})"


def _as_class(column: Column) -> tuple[list[str], str] | None:
    """Return what else to set and the counts for a column that may be the class; None for others."""
    cells = Counter({cell: count for cell, count in column.cells.items() if not says_nothing(cell)})
    if not cells or len(cells) > _MOST_COMBINATIONS or all(re.fullmatch(r"-?\d+[.,]\d+", cell) for cell in cells):
        return None
    separator = separator_of(cells)
    single: Counter[str] = Counter()
    for cell, count in cells.items():
        for part in parts_of(cell, separator):
            single[part] += count
    is_code = all(re.fullmatch(r"-?\d+", cell) for cell in cells)
    most = _MOST_NAMED if is_label_column(column.name) and not is_code else _MOST_CLASSES
    if not 2 <= len(single) <= most or min(max(single.values()), sum(cells.values()) - 1) < 2:
        return None
    if is_code and not is_label_column(column.name) and not set(single) <= {"-1", "0", "1", "2"}:
        return None
    shown = ", ".join(f"{name} {count}" for name, count in single.most_common(_MOST_CLASSES))
    is_long = len(single) > _MOST_CLASSES
    if is_long:
        shown += f" and {len(single) - _MOST_CLASSES} more"
    named = question_of(single) if is_long else list(single)
    good = [name for name in single if can_name_a_folder(name)]
    bad = short_names((name for name in named if not can_name_a_folder(name)), good)
    values = [value_line("dataset.class_names", bad)] if bad else []
    if not separator and not is_long:
        return values, f" ({shown})"
    question = [bad.get(name, name) for name in question_of(single)]
    values.append(value_line("dataset.classes", question))
    if not separator:
        return values, f" ({shown})"
    return values, f" (cells hold several, joined by {separator}: {shown})"


def _one_hot(columns: list[Column]) -> list[Column]:
    """Return the columns of 0 and 1 (and -1), where there are two or more."""
    hot = [column for column in columns if "1" in column.cells and set(column.cells) <= {"0", "1", "-1"}]
    return hot if len(hot) > 1 else []
