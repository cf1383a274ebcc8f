"""What the cells of a row say of its class: names, codes, 0/1 columns, several labels a cell, and -1 for uncertain."""

import logging
import re
from collections import Counter
from collections.abc import Mapping

from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.tables.columns.hot_columns import truth_of
from chestbench.catalog.tables.labels.class_names import wanted_names
from chestbench.catalog.tables.labels.several_labels import parts_of, refuse_several, separator_of
from chestbench.catalog.tables.reading.table import Table
from chestbench.catalog.tables.reading.table_text import plain_number
from chestbench.catalog.tables.words.empty_words import says_nothing
from chestbench.catalog.tables.words.labels_line import labels_line
from chestbench.core.errors import ChestbenchError
from chestbench.core.label_config import Labels

logger = logging.getLogger(__name__)
_UNCERTAIN = "-1"
_WHOLE_NUMBER = re.compile(r"-?\d+")
# A column of more different texts is no column of classes.
_MOST_CLASSES = 100
# Bits of all classes: a row that leaves everything open.
ALL = -1


class CellReader:
    """Reads the class columns of label tables.

    Attributes:
        names: the classes by their wanted names; a row's labels are a number whose bit i stands for names[i].
        where: the columns in question, for messages.
        separator: what joins several labels of a cell; "" where cells hold one each.
        joined: rows whose cell holds several.
    """

    def __init__(
        self,
        tables: list[Table],
        settings: Labels,
        class_names: Mapping[str, str] | None,
        classes: list[str] | None,
    ) -> None:
        """Look through all rows of the tables that have the class columns.

        Raises:
            ChestbenchError: cells hold several labels and no classes are chosen, -1 stands without a rule, the mapping
                has names that are not found, or the column holds too many different texts to be one of classes.
        """
        self._settings = settings
        self._chosen = classes
        self.separator = ""
        self.joined = 0
        table_names = listed([table.name for table in tables])
        if settings.one_hot:
            self.where = "dataset.labels.one_hot"
            wanted = wanted_names(settings.one_hot, class_names, "dataset.labels.one_hot")
            self.names = list(dict.fromkeys([*wanted.values(), *([settings.zeros] if settings.zeros else [])]))
            self._bits = [1 << self.names.index(wanted[column]) for column in settings.one_hot]
            self._check_uncertain_columns(tables)
        else:
            self.where = f"column {settings.column!r}"
            cells = Counter(
                plain_number(row[table.columns.index(settings.column or "")])
                for table in tables
                for _, row in table.rows
            )
            self.names = self._read_column(cells, class_names or {}, f"the column {settings.column!r} of {table_names}")

    def labels_of(self, table: Table, row: list[str]) -> tuple[int, int, int]:
        """Return what a row says: bits of its labels, of those it leaves open, and of those it calls uncertain."""
        if not self._settings.one_hot:
            return self._told[plain_number(row[table.columns.index(self._settings.column or "")])]
        labels = unclear = uncertain = 0
        is_blank = True
        for column, bit in zip(self._settings.one_hot, self._bits, strict=True):
            cell = row[table.columns.index(column)]
            value = _truth(table, cell)
            is_blank &= not cell
            if value == -1 and self._settings.uncertain == "positive":
                value = 1
            if value == 1:
                labels |= bit
            elif value is None:
                unclear |= bit
            elif value == -1 and self._settings.uncertain == "exclude":
                uncertain |= bit
        if self._settings.zeros and not (labels or unclear or uncertain or is_blank):
            labels = 1 << self.names.index(self._settings.zeros)
        return labels, unclear, uncertain

    def _read_column(self, cells: Counter[str], class_names: Mapping[str, str], where: str) -> list[str]:
        settings = self._settings
        self._told: dict[str, tuple[int, int, int]] = {"": (0, ALL, 0)}
        cells = self._without_nothing(cells, class_names, where)
        others = [cell for cell in cells if cell and cell != _UNCERTAIN]
        has_uncertain = (
            _UNCERTAIN in cells
            and _UNCERTAIN not in class_names
            and all(_WHOLE_NUMBER.fullmatch(cell) for cell in others)
        )
        if has_uncertain and settings.uncertain is None:
            raise _no_rule(cells[_UNCERTAIN], where, settings)
        counted = Counter({cell: count for cell, count in cells.items() if not (has_uncertain and cell == _UNCERTAIN)})
        self.separator = settings.separator or separator_of(counted, class_names.keys())
        parts = {cell: [cell] if cell in class_names else parts_of(cell, self.separator) for cell in counted if cell}
        if has_uncertain and settings.uncertain != "exclude":
            parts[_UNCERTAIN] = ["1" if settings.uncertain == "positive" else "0"]
        found = sorted({part for some in parts.values() for part in some})
        wanted = wanted_names([*found, *(name for name in class_names if name in cells)], class_names, where)
        self.joined = sum(cells[cell] for cell, some in parts.items() if len(some) > 1)
        if self.joined and not self._chosen:
            refuse_several(counted, self.separator, where, wanted, class_names.keys())
        names = sorted({wanted[part] for part in found})
        if len(names) > _MOST_CLASSES and not self._chosen:
            raise ChestbenchError(
                f"dataset.labels.column: expected classes in {where}, received {len(names)} different texts, such as "
                f"{listed(names, 3)}; name the column that holds the class, or choose with dataset.classes"
            )
        code = {name: 1 << place for place, name in enumerate(names)}
        for cell, some in parts.items():
            labels = 0
            for part in some:
                labels |= code[wanted[part]]
            self._told[cell] = (labels, 0, 0)
        if has_uncertain and settings.uncertain == "exclude":
            self._told[_UNCERTAIN] = (0, 0, ALL)
        return names

    def _without_nothing(self, cells: Counter[str], class_names: Mapping[str, str], where: str) -> Counter[str]:
        """Return the cells but those that say that nothing is known ("NA", "unknown"), which are as blank, with a word.

        One that the mapping names is a class. Where `dataset.classes` chooses, they are as all it leaves out.
        """
        if self._chosen:
            return cells
        nothing = {cell: count for cell, count in cells.items() if says_nothing(cell) and cell not in class_names}
        if not nothing:
            return cells
        self._told |= dict.fromkeys(nothing, (0, ALL, 0))
        logger.warning(
            "%s: %s say that nothing is known, and their pictures are left out like those of blank cells; where one of "
            "them is a class, name it in dataset.class_names",
            where,
            ", ".join(f"{cell!r} ({count:,} rows)" for cell, count in sorted(nothing.items())),
        )
        return Counter({cell: count for cell, count in cells.items() if cell not in nothing})

    def _check_uncertain_columns(self, tables: list[Table]) -> None:
        if self._settings.uncertain is not None:
            return
        chosen = [
            column
            for column, bit in zip(self._settings.one_hot or [], self._bits, strict=True)
            if not self._chosen or self.names[bit.bit_length() - 1] in self._chosen
        ]
        for table in tables:
            places = [table.columns.index(column) for column in chosen]
            count = sum(any(_truth(table, row[place]) == -1 for place in places) for _, row in table.rows)
            if count:
                raise _no_rule(count, f"the columns {listed(chosen)} of {table.name}", self._settings)


def _truth(table: Table, cell: str) -> int | None:
    """Return 1, 0 or -1 for a cell of a 0/1 column (nothing is 0), None for what is none of these."""
    if not cell:
        return 0
    if truth := truth_of(cell):
        return int(truth)
    try:
        value = table.number(cell)
    except ValueError:
        return None
    return int(value) if value in (-1, 0, 1) else None


def _no_rule(count: int, where: str, settings: Labels) -> ChestbenchError:
    rules = {"exclude": "leaves them out", "negative": "counts them as 0", "positive": "counts them as 1"}
    lines = [f"{labels_line(settings, uncertain=rule)} {what}" for rule, what in rules.items()]
    return ChestbenchError(
        f"dataset.labels.uncertain: expected a rule for -1 (uncertain) in {where}, received none, and {count} rows "
        f"have it; {'; '.join(lines)}; or give -1 a name of its own with dataset.class_names where it is a class"
    )
