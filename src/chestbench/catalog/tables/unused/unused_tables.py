"""Tables that nothing uses although they name the pictures: a patient, a split, other labels, folds."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chestbench.catalog.layout import Layout, may_be_picture
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.looks.class_readings import Reading, read_tables
from chestbench.catalog.tables.looks.folders_or_table import refuse_unnamed_folders
from chestbench.catalog.tables.looks.patient_column import in_several, patients_in
from chestbench.catalog.tables.looks.second_labels import Compared, compare
from chestbench.catalog.tables.looks.suggestions import tables_by_header
from chestbench.catalog.tables.looks.table_looks import looks_at
from chestbench.catalog.tables.looks.unread_books import unread_books
from chestbench.catalog.tables.looks.unused_columns import unused_in_words
from chestbench.catalog.tables.reading.table import LAST_ENDING
from chestbench.catalog.tables.unused.other_columns import box_columns, other_columns
from chestbench.catalog.tables.unused.split_compare import compare_split
from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)


@dataclass
class _Found:
    unused: list[str] = field(default_factory=list)
    second: list[str] = field(default_factory=list)
    agreeing: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Seen:
    """What tables of one header are seen to say: one look for each column of ids that may be meant."""

    looks: list[Look]
    readings: list[Reading]
    compared: list[tuple[Reading, Compared]]

    def doubt_of(self, look: Look) -> str:
        """Return what speaks against its column of ids, unless the classes in use speak for it."""
        return look.doubt if len(self.looks) > 1 or not look.rivals else ""


def point_out_tables(
    archive: Archive,
    members: list[str],
    pictures: list[str],
    layout: Layout,
    wanted: tuple[str, ...],
    dataset: Dataset,
) -> dict[str, Any]:
    """Warn of tables that name the pictures and say something that nothing uses.

    Args:
        archive: holds the tables.
        members: those that dataset.exclude leaves.
        pictures: those that are read, as the layout counts them.
        layout: their classes, by folders or by a pattern.
        wanted: "patient" and "split", as far as nothing else says them.
        dataset: its labels, whose pattern stays in the lines, and its class_names are used.

    Returns:
        For Layout.said, as far as there are any, sentences: `unused_tables`, columns of patients, splits and folds;
        `second_labels`, columns that label these pictures differently: how many, and the line that takes them;
        `tables_that_agree`; `other_columns`, which nothing else speaks of.

    Raises:
        ChestbenchError: the folders or a table may be the classes, see `refuse_unnamed_folders`.
    """
    found = _Found()
    labels = dataset.labels
    pattern = labels.pattern if labels else None
    is_picture = np.array([may_be_picture(member) for member in pictures], bool)
    posing = [member for member in pictures if may_be_picture(member)]
    label = layout.label[is_picture]
    people = [name for name, poses in zip(layout.patient, is_picture.tolist(), strict=bool(layout.patient)) if poses]
    groups, _, of_open = tables_by_header(archive, members)
    for table, error in of_open.items():
        if not table.lower().endswith(LAST_ENDING):  # a text beside the pictures is hardly a table
            logger.warning("%s", error)
            found.unused.append(str(error))
    seen = [
        one for tables in groups.values() if (one := _see(archive, tables, members, posing, layout, label, dataset))
    ]
    if not (dataset.classes or dataset.class_names or labels):
        codes = np.bincount(label[label >= 0], minlength=len(layout.classes)).tolist()
        counts = dict(zip(layout.classes, codes, strict=True))
        refuse_unnamed_folders(counts, [pair for one in seen for pair in one.compared])
    wanted = () if labels and labels.table else wanted
    of_boxes, in_boxes = box_columns(archive, dataset.boxes)
    for one in seen:
        for look in one.looks:
            if not look.ids.is_sure:
                _unsure(found, look, one.readings)
                continue
            if layout.is_split and (text := compare_split(archive, look, layout.given[is_picture])):
                logger.warning("%s", text)
                found.unused.append(text)
            joins = _joins(archive, look, people) if people and "patient" in wanted else ""
            mine = wanted if joins or not people else tuple(key for key in wanted if key != "patient")
            _unused_columns(found, look, mine, pattern, "; ".join(filter(None, [joins, one.doubt_of(look)])))
            used = in_boxes if of_boxes in look.tables else frozenset()
            if text := other_columns(look, _told(look, one.compared) | used):
                logger.info("%s", text)
                found.others.append(text)
        for reading, told in one.compared:
            _second(found, told, one.doubt_of(reading.look))
    for text in unread_books(archive, members):
        logger.warning("%s", text)
        found.unused.append(text)
    said = {"unused_tables": found.unused, "second_labels": found.second, "tables_that_agree": found.agreeing}
    said |= {"other_columns": found.others}
    return {key: texts for key, texts in said.items() if texts}


def _see(
    archive: Archive,
    tables: list[str],
    members: list[str],
    pictures: list[str],
    layout: Layout,
    label: np.ndarray,
    dataset: Dataset,
) -> _Seen | None:
    """Return what tables of one header say, by the columns of ids that may be meant; None where they cannot be read.

    Of several columns that fit the pictures' names only the right one gives every picture the class that it has.
    """
    used = "the names" if dataset.labels and dataset.labels.pattern else "the folders"
    of_boxes, in_boxes = box_columns(archive, dataset.boxes)
    try:
        readings = read_tables(archive, tables, members, pictures)
        looks = [reading.look for reading in readings] or looks_at(archive, tables, members, pictures)
    except ChestbenchError as error:
        logger.warning("%s", error)
        return None
    compared = [
        (reading, told)
        for reading in readings
        if reading.look.ids.is_sure
        and not (of_boxes in tables and in_boxes.issuperset(reading.candidate.columns))
        and (told := compare(reading, layout.classes, label, dataset.class_names or {}, used))
    ]
    agreeing = {reading.id for reading, told in compared if not told.differ}
    first_of: dict[str, Look] = {}
    for look in looks:
        if not agreeing or look.id in agreeing:
            first_of.setdefault(look.id, look)
    compared = [(reading, told) for reading, told in compared if reading.id in first_of]
    return _Seen(list(first_of.values()), readings, compared)


def _told(look: Look, compared: Sequence[tuple[Reading, Compared]]) -> set[str]:
    """Return the columns that were compared with the classes in use."""
    return {name for reading, _ in compared if reading.look is look for name in reading.candidate.columns}


def _joins(archive: Archive, look: Look, people: Sequence[str]) -> str:
    """Return what a table says against folders that were taken for patients; "" where it names no more than these."""
    if "patient" not in look.extras:
        return ""
    several, count = in_several(patients_in(archive, look, look.extras["patient"]), people)
    if not several:
        return ""
    return (
        f"the {len(set(people) - {''})} numbered folders are taken for patients, but by this column {several} of "
        f"{count} patients have several of them, and may come into several parts of the split"
    )


def _second(found: _Found, told: Compared, doubt: str) -> None:
    text = "; ".join(filter(None, [told.text, doubt]))
    (found.second if told.differ else found.agreeing).append(text)
    logger.log(logging.WARNING if told.differ else logging.INFO, "%s", text)


def _unsure(found: _Found, look: Look, readings: Sequence[Reading]) -> None:
    mine = [reading for reading in readings if reading.look is look]
    if mine and mine[0].candidate.line:
        text = (
            f"{look.tables[0].rpartition('/')[2]} may label these pictures too: the numbers of its column "
            f"{look.settings['id']!r} are those of some of their names, not of all; it is not used: "
            f"{mine[0].candidate.line} shows how they can be read"
        )
        logger.warning("%s", text)
        found.unused.append(text)


def _unused_columns(found: _Found, look: Look, wanted: tuple[str, ...], pattern: str | None, rest: str) -> None:
    table = look.tables[0].rpartition("/")[2]
    texts = unused_in_words(look) if "split" in wanted else []
    if columns := {key: look.extras[key] for key in wanted if key in look.extras}:
        shown = " and ".join(f"the {key} ({column!r})" for key, column in columns.items())
        line = value_line("dataset.labels", {**({"pattern": pattern} if pattern else {}), **look.settings, **columns})
        note = f" (the split: {look.split_note})" if look.split_note and "split" in columns else ""
        texts.insert(
            0,
            f"{table} names the pictures and seems to say {shown}{note}, unused: {line}"
            + (f"; {rest}" if rest else ""),
        )
    for text in texts:
        logger.warning("%s", text)
    found.unused += texts
