"""Columns that may say the patient though they are not called so: names of people, and columns without any name."""

import re
from collections.abc import Iterable

from chestbench.catalog.tables.columns.id_column import Column
from chestbench.catalog.tables.words.column_words import key_of
from chestbench.catalog.tables.words.picture_endings import has_picture_ending

_NAMES = re.compile(
    r"(full|last|first|family|sur)?names?|nachname|vorname|nom|prenom|nombre|apellidos?|nome|cognome|sobrenome|имя|фио"
    r"|фамилия|ad(i)?soyad(i)?|imie|nazwisko|이름|성명|姓名|名前|氏名"
)
_WITHOUT_NAME = re.compile(r"column \d+")
_DECIMAL = re.compile(r"-?\d+[.,]\d+")
# So many people at least; each has so many pictures on average, from and up to.
_FEWEST, _LEAST_EACH, _MOST_EACH = 5, 1.1, 50


def names_of_people(columns: Iterable[Column]) -> Column | None:
    """Return a column that is called "name" and the like and whose cells come again; not one of names of files."""
    return next(
        (column for column in columns if _NAMES.fullmatch(key_of(column.name)) and _may_be_people(column)), None
    )


def unnamed_people(columns: Iterable[Column]) -> Column | None:
    """Return a column of a table without header whose cells come again as people's ids do: "0 0000.png normal"."""
    return next((column for column in columns if _WITHOUT_NAME.fullmatch(column.name) and _may_be_people(column)), None)


def _may_be_people(column: Column) -> bool:
    cells, rows = column.cells, sum(column.cells.values())
    return (
        len(cells) >= _FEWEST
        and _LEAST_EACH * len(cells) <= rows <= _MOST_EACH * len(cells)
        and column.blank <= rows // 10
        and not any(map(has_picture_ending, cells))
        and not all(map(_DECIMAL.fullmatch, cells))
    )
