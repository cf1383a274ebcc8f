"""Tables that nothing uses although they name the pictures: a patient, a split, other labels, folds."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chestbench.catalog.layout import Layout, may_be_picture
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.class_readings import Reading, read_tables
from chestbench.catalog.tables.second_labels import compare
from chestbench.catalog.tables.split_compare import compare_split
from chestbench.catalog.tables.suggestions import tables_by_header, unread_sheets, unused_in_words
from chestbench.catalog.tables.table import LAST_ENDING
from chestbench.catalog.tables.table_looks import Look, look_at
from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)


@dataclass
class _Found:
    unused: list[str] = field(default_factory=list)
    second: list[str] = field(default_factory=list)
    agreeing: list[str] = field(default_factory=list)


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
        `tables_that_agree`.
    """
    found = _Found()
    labels = dataset.labels
    pattern = labels.pattern if labels else None
    is_picture = np.array([may_be_picture(member) for member in pictures], bool)
    posing = [member for member in pictures if may_be_picture(member)]
    label = layout.label[is_picture]
    used = "the names" if pattern else "the folders"
    groups, _, of_open = tables_by_header(archive, members)
    for table, error in of_open.items():
        if not table.lower().endswith(LAST_ENDING):  # a text beside the pictures is hardly a table
            logger.warning("%s", error)
            found.unused.append(str(error))
    for tables in groups.values():
        try:
            readings = read_tables(archive, tables, members, posing)
            look = readings[0].look if readings else look_at(archive, tables, members, posing)
        except ChestbenchError as error:
            logger.warning("%s", error)
            continue
        if look is None:
            continue
        if not look.ids.is_sure:
            _unsure(found, look, readings)
            continue
        if layout.is_split and (text := compare_split(archive, look, layout.given[is_picture])):
            logger.warning("%s", text)
            found.unused.append(text)
        _unused_columns(found, look, () if labels and labels.table else wanted, pattern)
        for reading in readings:
            if compared := compare(reading, layout.classes, label, dataset.class_names or {}, used):
                (found.second if compared.differ else found.agreeing).append(compared.text)
                logger.log(logging.WARNING if compared.differ else logging.INFO, "%s", compared.text)
    for text in unread_sheets(archive, members):
        logger.warning("%s", text)
        found.unused.append(text)
    said = {"unused_tables": found.unused, "second_labels": found.second, "tables_that_agree": found.agreeing}
    return {key: texts for key, texts in said.items() if texts}


def _unsure(found: _Found, look: Look, readings: Sequence[Reading]) -> None:
    if readings and readings[0].candidate.line:
        text = (
            f"{look.tables[0].rpartition('/')[2]} may label these pictures too: the numbers of its column "
            f"{look.settings['id']!r} are those of some of their names, not of all; it is not used: "
            f"{readings[0].candidate.line} shows how they can be read"
        )
        logger.warning("%s", text)
        found.unused.append(text)


def _unused_columns(found: _Found, look: Look, wanted: tuple[str, ...], pattern: str | None) -> None:
    table = look.tables[0].rpartition("/")[2]
    texts = unused_in_words(look) if "split" in wanted else []
    if columns := {key: look.extras[key] for key in wanted if key in look.extras}:
        shown = " and ".join(f"the {key} ({column!r})" for key, column in columns.items())
        line = value_line("dataset.labels", {**({"pattern": pattern} if pattern else {}), **look.settings, **columns})
        note = f" (the split: {look.split_note})" if look.split_note and "split" in columns else ""
        texts.insert(0, f"{table} names the pictures and seems to say {shown}{note}, unused: {line}")
    for text in texts:
        logger.warning("%s", text)
    found.unused += texts
