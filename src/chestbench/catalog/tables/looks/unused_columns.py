"""Columns of a table that a run does not use, in words: folds of a cross-validation, splits that are open."""

from chestbench.catalog.tables.columns.look import Look


def unused_in_words(look: Look) -> list[str]:
    """Return a sentence on each column of a cross-validation, and on those of a split that are open."""
    return [*folds_in_words(look), *_open_splits(look)]


def _open_splits(look: Look) -> list[str]:
    """Return a sentence on columns that seem to say a split, and do not say which part is which."""
    names = " and ".join(
        f"{column.name!r} ({', '.join(f'{cell} {count}' for cell, count in sorted(column.cells.items())[:6])})"
        for column in look.open_splits
    )
    if not names:
        return []
    table = look.tables[0].rpartition("/")[2]
    return [
        f"{table}: {names} seem{'s' if len(look.open_splits) == 1 else ''} to say a split, which is not used, for it "
        "is open which part is which: add a column whose cells say train, val and test, and name it as "
        "dataset.labels.split"
    ]


def folds_in_words(look: Look) -> list[str]:
    """Return a sentence on each column that numbers the folds of a cross-validation: it is no train, val and test."""
    return [
        f"{look.tables[0].rpartition('/')[2]}: the column {column.name!r} "
        f"({', '.join(f'{name} {count}' for name, count in sorted(column.cells.items())[:12])}) numbers the folds of a "
        "cross-validation, and is not used: the split is cut anew; to keep one of its divisions, add a column whose "
        "cells say train, val and test, and name it as dataset.labels.split"
        for column in look.folds
    ]
