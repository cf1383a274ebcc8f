"""The rows of label tables, put together by the picture (or study) that they speak of."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from chestbench.catalog.identity import part_of
from chestbench.catalog.tables.labels.label_cells import CellReader
from chestbench.catalog.tables.reading.table import Table
from chestbench.catalog.tables.reading.table_text import plain_number
from chestbench.catalog.tables.splits.split_cells import parts_of_cells
from chestbench.catalog.tables.words.part_words import part_of_cell
from chestbench.core.errors import ChestbenchError
from chestbench.core.label_config import Labels

STRATA = ("sex", "age", "view")
Where = tuple[int, int]


@dataclass(slots=True)
class Told:
    """What all rows of one picture (or study) say.

    Attributes:
        labels, unclear, uncertain: bits, see `CellReader.labels_of`.
        where: table and line of the first row with a class; (-1, 0) for none.
        other: the first row that says another class, or None.
        by_tables: whether that row is in another table, and the tables say different things.
        patients: ids, each once; more than one contradict each other.
        study: "" for none.
        parts: bits of train, val and test.
        strata: sex, age and view, "" where nothing or different things are said.
    """

    labels: int = 0
    unclear: int = 0
    uncertain: int = 0
    where: Where = (-1, 0)
    other: Where | None = None
    by_tables: bool = False
    patients: tuple[str, ...] = ()
    study: str = ""
    parts: int = 0
    strata: tuple[str, ...] = ("", "", "")

    def hear(self, told: tuple[int, int, int], where: Where) -> None:
        """Take in the class columns of one more row of the same table."""
        labels, unclear, uncertain = told
        if self.where[0] < 0:
            self.where = where
        elif labels != self.labels:
            self.other = self.other or where
        self.labels |= labels
        self.unclear |= unclear
        self.uncertain |= uncertain

    def join(self, later: "Told") -> None:
        """Take in what a later table says of the class."""
        if self.where[0] < 0:
            self.where, self.other = later.where, later.other
            self.labels, self.unclear, self.uncertain = later.labels, later.unclear, later.uncertain
            return
        mine, theirs = (self.labels, self.unclear, self.uncertain), (later.labels, later.unclear, later.uncertain)
        if not self.by_tables and theirs != mine:
            self.other, self.by_tables = later.where, True
            self.labels |= later.labels


def ids_in(table: Table, settings: Labels) -> Iterator[tuple[int, str, list[str]]]:
    """Yield line, id and cells of each row; an id is "" where id_pattern finds none."""
    pattern = re.compile(settings.id_pattern) if settings.id_pattern else None
    place = table.columns.index(settings.id or "")
    for line, row in table.rows:
        yield line, part_of(pattern, "id", row[place]), row


def read_rows(
    tables: list[Table], settings: Labels, cells: CellReader | None, key_of: Callable[[int, str], str]
) -> dict[str, Told]:
    """Return what the tables say, by key.

    Args:
        tables: with the column of ids; those with all class columns say the class.
        settings: dataset.labels.
        cells: reads the class columns; None where the class is said elsewhere.
        key_of: number of a table and id -> key.

    Raises:
        ChestbenchError: the column of the split has words that name no part.
    """
    said: dict[str, Told] = {}
    classes = set(settings.class_columns)
    parts = split_cells(tables, settings.split)
    for number, table in enumerate(tables):
        mine: dict[str, Told] = {}
        says_class = cells is not None and classes <= set(table.columns)
        extras = _ExtraColumns(table, settings, parts)
        for line, found, row in ids_in(table, settings):
            if not found:
                continue
            key = key_of(number, found)
            if cells is not None and says_class:
                mine.setdefault(key, Told()).hear(cells.labels_of(table, row), (number, line))
            extras.read(row, said.setdefault(key, Told()))
        extras.check()
        for key, told in mine.items():
            said[key].join(told)
    return said


def split_cells(tables: list[Table], column: str | None) -> dict[str, int]:
    """Return cell -> part of the column that says the split, of all tables together; {} where words alone tell."""
    cells = Counter(
        plain_number(row[place])
        for table in tables
        if column in table.columns
        for place in [table.columns.index(column)]
        for _, row in table.rows
    )
    return parts_of_cells(column or "", cells) or {}


class _ExtraColumns:
    """Reads patient, study, split and strata of one table, as far as it has them."""

    def __init__(self, table: Table, settings: Labels, parts: Mapping[str, int]) -> None:
        def place(column: str | None) -> int:
            return table.columns.index(column) if column in table.columns else -1

        self._table = table
        self._split_column = settings.split
        self._patient, self._study, self._split = map(place, (settings.patient, settings.study, settings.split))
        self._strata = [place(getattr(settings.strata, name)) for name in STRATA]
        self._parts = parts
        self._odd: dict[str, int] = {}

    def read(self, row: list[str], told: Told) -> None:
        if self._patient >= 0 and (patient := plain_number(row[self._patient])) and patient not in told.patients:
            told.patients += (patient,)
        if self._study >= 0:
            told.study = told.study or plain_number(row[self._study])
        if self._split >= 0 and row[self._split]:
            part = self._parts.get(plain_number(row[self._split]), part_of_cell(row[self._split]))
            if part is None and self._parts:
                pass  # "none", "NA": in no part
            elif part is None:
                self._odd[row[self._split]] = self._odd.get(row[self._split], 0) + 1
            else:
                told.parts |= 1 << part
        if any(place >= 0 for place in self._strata):
            told.strata = tuple(
                (before or row[place]) if place >= 0 else before
                for before, place in zip(told.strata, self._strata, strict=True)
            )

    def check(self) -> None:
        if self._odd:
            shown = ", ".join(f"{word[:40]!r} {count}" for word, count in list(self._odd.items())[:10])
            raise ChestbenchError(
                f"dataset.labels.split: expected words (or codes 0, 1, 2) for train, val and test in the column "
                f"{self._split_column!r} of {self._table.name}, received {shown}; name the column that says the split, "
                "or set dataset.labels.split to null"
            )
