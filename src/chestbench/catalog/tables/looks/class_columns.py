"""Which columns of a table may say the class, and the lines for dataset.labels that use them."""

import re
from collections import Counter
from dataclasses import dataclass

from chestbench.catalog.override import value_line
from chestbench.catalog.tables.columns.hot_columns import is_flag, is_whole_label, of_one_kind
from chestbench.catalog.tables.columns.id_column import Column
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.labels.class_names import short_names
from chestbench.catalog.tables.labels.several_labels import parts_of, question_of, separator_of
from chestbench.catalog.tables.looks.hot_lines import hot_lines, names_of_truths
from chestbench.catalog.tables.reading.sheets import COLUMN as SHEET
from chestbench.catalog.tables.words.column_words import is_label_column
from chestbench.catalog.tables.words.empty_words import says_nothing
from chestbench.catalog.tables.words.id_words import is_no_class
from chestbench.catalog.tables.words.picture_endings import has_picture_ending
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
        zeros: the class of rows in which all columns are 0; "" for none.
    """

    columns: tuple[str, ...]
    separator: str
    is_hot: bool
    is_label: bool
    line: str
    shown: str
    zeros: str = ""


def candidates_of(look: Look) -> list[Candidate]:
    """Return what a table leads to, the likeliest first."""
    hot = of_one_kind(look.hot, look.hot_rows) if look.hot else []
    # What stands beside classes in columns of 0 and 1 is none; a single finding among them is a question of its own.
    others = [column for column in look.hot if hot and not is_whole_label(column.name)]
    alone = [column for column in look.rest if column not in others or hot == [column]]
    found = []
    for column in sorted(alone, key=lambda one: not is_label_column(one.name)):
        if seen := _as_class(column):
            values, shown = seen
            rule = {"uncertain": "exclude"} if column in hot and "-1" in column.cells else {}
            line = value_line("dataset.labels", {**look.settings, "column": column.name, **rule, **look.extras})
            is_label = is_label_column(column.name, is_sure=True)
            names = [names_of_truths(column)] if column in hot else []
            line = " ".join(filter(None, [line, *values, *names]))
            found.append(Candidate((column.name,), separator_of(column.cells), False, is_label, line, shown))
    if len(hot) > 1:
        lines = hot_lines(look, hot)
        found += [Candidate(tuple(names), "", True, True, line, shown, zeros) for names, line, shown, zeros in lines]
    for column in look.constant:
        (cell,) = column.cells
        found.append(Candidate((column.name,), "", False, True, "", f" ({cell} {column.cells[cell]})"))
    found = [one for one in found if one.columns != (SHEET,)] or found
    return [one for one in found if not _is_beside(one)] or found


def _is_beside(candidate: Candidate) -> bool:
    """Tell whether a column says something of people or pictures ("quality"): no class where others may be."""
    return len(candidate.columns) == 1 and not candidate.is_label and is_flag(candidate.columns[0])


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
    if is_no_class(column.name) or any(map(has_picture_ending, cells)):
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
