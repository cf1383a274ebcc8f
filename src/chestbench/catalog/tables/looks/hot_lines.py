"""The lines for dataset.labels that read columns of 0 and 1, with what their rows were seen to say."""

from collections import Counter
from collections.abc import Sequence

from chestbench.catalog.folders.words.finding_words import is_healthy
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.columns.hot_columns import are_exclusive, truth_of
from chestbench.catalog.tables.columns.id_column import Column
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.labels.several_labels import question_of
from chestbench.core.label_config import can_name_a_folder

# What rows of zeros alone are offered as.
ZEROS = "normal"


def hot_lines(look: Look, hot: Sequence[Column]) -> list[tuple[list[str], str, str, str]]:
    """Return the ways to read columns of 0 and 1 that are classes: columns, line, what was seen, class of zeros.

    All of them where each row has one; two as a question where rows have several. Where no column says healthy and
    many rows are 0 in all, these rows may be the healthy ones: that is offered first, and what is lost without it.
    """
    names = [column.name for column in hot]
    ones = Counter({column.name: sum(n for cell, n in column.cells.items() if truth_of(cell) == "1") for column in hot})
    counts = ", ".join(f"{name} {count}" for name, count in list(ones.items())[:20])
    none = look.hot_rows.by_ones(names)[0]
    has_healthy = any(map(is_healthy, names))
    is_one_each = are_exclusive(look.hot_rows, names, may_have_none=not has_healthy)
    question = question_of(ones)
    rule = {"uncertain": "exclude"} if any("-1" in column.cells for column in hot) else {}

    def line(columns: list[str], zeros: str = "") -> str:
        labels = {**look.settings, "one_hot": columns, **({"zeros": zeros} if zeros else {}), **rule, **look.extras}
        return value_line("dataset.labels", labels)

    lost = f"; {none} rows that are 0 in all have no class" if none else ""
    if is_one_each:
        without = (names, line(names), f" (columns of 0 and 1, one a picture: {counts}{lost})", "")
    else:
        shown = f" (columns of 0 and 1, two of them as a question: {counts}{lost})"
        without = (names, line(question), shown, "")
    if not none or has_healthy:
        return [without]
    said = f" (columns of 0 and 1: {counts}; {none} rows that are 0 in all, if that means {ZEROS!r})"
    with_zeros = line(names, ZEROS)
    if not is_one_each:
        chosen = value_line("dataset.classes", [ZEROS, max(ones, key=lambda name: ones[name])])
        with_zeros = f"{with_zeros} {chosen}"
    return [(names, with_zeros, said, ZEROS), without]


def names_of_truths(column: Column) -> str:
    """Return the override that names 0 and 1 (no and yes) of a column called like a finding; "" where it has no name.

    Example:
        >>> print(names_of_truths(Column("covid", Counter({"0": 3, "1": 4}), 0)))
        -S 'dataset.class_names={0:no covid,1:covid}'
    """
    name = column.name
    other = "abnormal" if is_healthy(name) else f"no {name}"
    if not can_name_a_folder(name):
        return ""
    wanted = {"1": name, "0": other}
    found = {cell: wanted[truth] for cell in sorted(column.cells) if (truth := truth_of(cell)) in wanted}
    return value_line("dataset.class_names", found)
