"""Which columns of a table may say the class, and the lines for dataset.labels that use them."""

import re
from collections import Counter
from typing import Any

from chestbench.catalog.override import value_line
from chestbench.catalog.tables.class_names import short_name
from chestbench.catalog.tables.several_labels import parts_of, question_of, separator_of
from chestbench.catalog.tables.table_looks import Column, Look
from chestbench.core.label_config import can_name_a_folder

_MOST_CLASSES = 20
# Of a column that is called like a class: two of them are put as a question.
_MOST_NAMED = 60
_MOST_COMBINATIONS = 2000
# A class, rather than something else of few values, first.
_LABEL_WORDS = re.compile(
    r"label|class|finding|diagnos|target|categor|disease|dx|outcome|type|pathology|result|status", re.IGNORECASE
)


def label_lines(look: Look) -> list[str]:
    """Return the lines for dataset.labels that a table leads to, the likeliest first."""
    lines = []
    hot = _one_hot(look.rest)
    alone = [column for column in look.rest if not hot or column not in hot]
    for column in sorted(alone, key=lambda one: not _LABEL_WORDS.search(one.key)):
        if found := _as_class(column):
            values, shown = found
            line = value_line("dataset.labels", {**look.settings, "column": column.name, **look.extras})
            lines.append(" ".join([line, *values]) + shown)
    if hot:
        lines.append(hot_line(look.settings, hot, look.extras))
    return lines


def hot_line(settings: dict[str, Any], hot: list[Column], extras: dict[str, Any]) -> str:
    """Return the line for 0/1 columns: all of them, or two as a question where rows have several."""
    shown = ", ".join(f"{column.name} {column.cells['1']}" for column in hot[:20])
    rule = {"uncertain": "exclude"} if any("-1" in column.cells for column in hot) else {}
    rows = max(sum(column.cells.values()) for column in hot)
    # One 1 in each row, as it seems; rows that differ are left out by the run, and counted.
    if sum(column.cells["1"] for column in hot) == rows:
        line = value_line("dataset.labels", {**settings, "one_hot": [column.name for column in hot], **rule, **extras})
        return f"{line} (columns of 0 and 1, one a picture: {shown})"
    names = question_of(Counter({column.name: column.cells["1"] for column in hot}))
    line = value_line("dataset.labels", {**settings, "one_hot": names, **rule, **extras})
    return f"{line} (columns of 0 and 1, two of them as a question: {shown})"


def _as_class(column: Column) -> tuple[list[str], str] | None:
    """Return what else to set and the counts for a column that may be the class; None for others."""
    cells = column.cells
    if len(cells) > _MOST_COMBINATIONS or all(re.fullmatch(r"-?\d+[.,]\d+", cell) for cell in cells):
        return None
    separator = separator_of(cells)
    single: Counter[str] = Counter()
    for cell, count in cells.items():
        for part in parts_of(cell, separator):
            single[part] += count
    is_code = all(re.fullmatch(r"-?\d+", cell) for cell in cells)
    most = _MOST_NAMED if _LABEL_WORDS.search(column.key) and not is_code else _MOST_CLASSES
    if not 2 <= len(single) <= most or min(max(single.values()), sum(cells.values()) - 1) < 2:
        return None
    if is_code and not _LABEL_WORDS.search(column.key) and not set(single) <= {"-1", "0", "1", "2"}:
        return None
    shown = ", ".join(f"{name} {count}" for name, count in single.most_common(_MOST_CLASSES))
    is_long = len(single) > _MOST_CLASSES
    if is_long:
        shown += f" and {len(single) - _MOST_CLASSES} more"
    named = question_of(single) if is_long else list(single)
    bad = {name: short_name(name) for name in named if not can_name_a_folder(name)}
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
