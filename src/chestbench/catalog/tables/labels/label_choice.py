"""From what rows say to one class a picture: the classes to read, and why a picture gets none."""

import logging
from collections import Counter
from difflib import get_close_matches
from typing import Any

from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.layout import NO_CLASS
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.labels.class_names import check_folder_names
from chestbench.catalog.tables.labels.label_rows import Told
from chestbench.catalog.tables.labels.label_tables import LabelTables
from chestbench.catalog.tables.labels.several_labels import question_of
from chestbench.catalog.tables.words.labels_line import labels_line
from chestbench.catalog.tables.words.part_words import part_of_cell
from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError

logger = logging.getLogger(__name__)

# Reasons of exclusion, each beginning as verdicts.KINDS does; {} is the table.
FAULTS = (
    "",
    "no label in {}",
    "two labels for one picture in {}",
    "no or several classes in {}",
    "not in dataset.classes",
    "no or several classes in {}: uncertain (-1)",
)
_NONE, _NO_LABEL, _TWO, _UNCLEAR, _NOT_CHOSEN, _UNCERTAIN = range(6)
# From so many pictures whose rows differ on, and so great a share, the table holds several labels a picture.
_FEW, _SHARE = 3, 0.05


def choose(names: list[str], seen: list[str], classes: list[str] | None, where: str) -> list[str]:
    """Return the classes to read, in the order of their codes.

    Args:
        names: that `where` may give, in their order.
        seen: those of them that pictures have.
        classes: dataset.classes; None: all that pictures have.
        where: for messages.

    Raises:
        ChestbenchError: a chosen class that no picture has, or fewer than two.
    """
    if classes:
        missing = [name for name in classes if name not in seen]
        if missing:
            hints = [f"did you mean {near[0]!r}?" for name in missing if (near := get_close_matches(name, seen, n=1))]
            raise ChestbenchError(
                f"dataset.classes: expected names that the label table gives to pictures, found none for "
                f"{listed(missing)}; {where} has {listed(seen)}; {' '.join(hints) or 'correct dataset.classes'}"
            )
    chosen = classes or [name for name in names if name in seen]
    if len(chosen) < 2:
        raise ChestbenchError(
            f"dataset.labels: expected two classes or more in {where}, received {listed(chosen)}; "
            "name the column that holds the class"
        )
    if all(part_of_cell(name) is not None for name in chosen):
        raise ChestbenchError(
            f"dataset.labels: expected classes in {where}, received {listed(chosen)}, which are the parts of a split; "
            "name the column (or pattern) that says the class, and this one as dataset.labels.split"
        )
    return list(chosen)


class Judge:
    """Gives each picture a class or a fault.

    Attributes:
        classes: in the order of their codes.
        faults: FAULTS with the table's name.
    """

    def __init__(self, tables: LabelTables, dataset: Dataset) -> None:
        """Choose the classes and look for contradictions.

        Raises:
            ChestbenchError: see `choose`, `check_folder_names`; or tables or rows contradict each other for most.
        """
        assert tables.cells is not None and dataset.labels is not None
        self._tables, self._settings, cells = tables, dataset.labels, tables.cells
        self._said = {key: told for key, told in tables.said.items() if key in tables.pictures}
        name = " and ".join(table.name for table in tables.tables)
        self.faults = [words.format(name) for words in FAULTS]
        seen = 0
        for told in self._said.values():
            seen |= told.labels
        # All columns of one_hot are classes, whether any picture has them or not: check_classes names an empty one.
        is_listed = dataset.labels.one_hot is not None
        present = [name for place, name in enumerate(cells.names) if is_listed or seen >> place & 1]
        self.classes = choose(cells.names, present, dataset.classes, cells.where)
        check_folder_names(self.classes, cells.where, dataset.class_names)
        self._code = {1 << cells.names.index(name): place for place, name in enumerate(self.classes)}
        self._mask = sum(self._code)
        self._several = 0
        self._check_tables()
        if not dataset.classes:
            self._check_rows(is_listed)

    def of(self, key: str) -> tuple[int, int]:
        """Return the class and the fault of a key."""
        told = self._tables.said.get(key)
        if told is None or told.where[0] < 0:
            return NO_CLASS, _NO_LABEL
        labels = told.labels & self._mask
        if told.by_tables:
            return NO_CLASS, _TWO
        if told.uncertain & self._mask:
            return NO_CLASS, _UNCERTAIN
        if told.unclear & self._mask or not told.labels:
            return NO_CLASS, _UNCLEAR
        if not labels:
            return NO_CLASS, _NOT_CHOSEN
        if labels not in self._code:
            return NO_CLASS, _TWO if told.other else _UNCLEAR
        self._several += labels != told.labels
        return self._code[labels], _NONE

    def said(self) -> dict[str, Any]:
        """Return what is worth telling after all pictures were judged."""
        cells = self._tables.cells
        assert cells is not None
        found: dict[str, Any] = {}
        if cells.joined:
            found |= {"cells_with_several_labels": cells.joined, "joined_by": cells.separator}
        if self._several:
            found["pictures_with_other_labels_besides"] = self._several
            logger.warning(
                "%d pictures have further labels besides the one of %s, and count as that one",
                self._several,
                listed(self.classes),
            )
        return found

    def _check_tables(self) -> None:
        clashes = [told for told in self._said.values() if told.by_tables]
        if not clashes:
            return
        both = sum(1 for key in self._said if key in self._tables.in_several)
        example = self._lines(clashes[0])
        if 2 * len(clashes) >= both:
            raise ChestbenchError(
                f"dataset.labels.table: expected tables that agree, received different classes for {len(clashes)} of "
                f"{both} pictures that several of them name, such as {example}; take one of the tables alone: "
                f"{' or '.join(self._alone())}"
            )
        logger.warning("two tables say different classes of %d pictures, such as %s", len(clashes), example)

    def _alone(self) -> list[str]:
        """Return a line for each table with the classes, without the others that have them."""
        patterns = dict(zip(self._settings.table or [], self._tables.tables, strict=True))
        with_class = [p for p, table in patterns.items() if set(self._settings.class_columns) <= set(table.columns)]
        left = {pattern: [p for p in patterns if p == pattern or p not in with_class] for pattern in with_class}
        return [labels_line(self._settings, table=tables) for tables in left.values()]

    def _check_rows(self, is_listed: bool) -> None:
        """Refuse a table of which many pictures have rows of different classes, as one row a finding gives them."""
        differ = [told for told in self._said.values() if told.other and not told.by_tables]
        share = len(differ) / max(1, len(self._said))
        if not differ or (share <= 0.5 if is_listed else len(differ) < _FEW or share <= _SHARE):
            return
        cells = self._tables.cells
        assert cells is not None
        single = Counter(
            name for told in self._said.values() for place, name in enumerate(cells.names) if told.labels >> place & 1
        )
        shown = ", ".join(f"{name!r} {count}" for name, count in single.most_common(20))
        raise ChestbenchError(
            "dataset.labels: expected one class for each picture, received rows of different classes for "
            f"{len(differ)} of {len(self._said)}, such as {self._lines(differ[0])}: either the table contradicts "
            "itself, or a picture has a row for each of its labels; the labels and their pictures are "
            f"{shown}; in the second case choose the classes of one question: "
            f"{value_line('dataset.classes', question_of(single))} uses the pictures that have exactly one of them"
        )

    def _lines(self, told: Told) -> str:
        places = [told.where, told.other or told.where]
        return " and ".join(f"line {line} of {self._tables.tables[number].name}" for number, line in places)
