"""Columns of a table that names the pictures which nothing uses: shown, for words of a split or of what was left out
are never all known."""

import logging
from collections.abc import Collection

from chestbench.catalog.layout import may_be_picture
from chestbench.catalog.tables.columns.id_column import Column
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.looks.suggestions import tables_by_header
from chestbench.catalog.tables.looks.table_looks import looks_at
from chestbench.catalog.tables.reading.table import find_table
from chestbench.core.config import Boxes, Labels
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)

# A column of more different cells is text, a measure or a date; so many columns and cells are shown.
_MOST_CELLS, _MOST_COLUMNS, _MOST_SHOWN, _MOST_LETTERS = 12, 6, 4, 24


def box_columns(archive: Archive, boxes: Boxes | None) -> tuple[str, frozenset[str]]:
    """Return the member that dataset.boxes reads and the columns of it that it uses; "" and none where it has none."""
    if boxes is None:
        return "", frozenset()
    try:
        member = find_table(archive, boxes.table, "dataset.boxes")
    except ChestbenchError:
        return "", frozenset()  # said where the boxes are read
    sides = [boxes.column] if boxes.column else [*boxes.columns]
    return member, frozenset(name for name in (boxes.id, boxes.label, boxes.reader, *sides) if name)


def other_columns(look: Look, told: Collection[str]) -> str:
    """Return a sentence on columns of few different cells that nothing else speaks of; "" where there are none.

    Args:
        look: at tables of one header, whose ids are sure.
        told: names of columns that are used, or that something was said of.

    Example: k.csv names the pictures; nothing uses its columns 'quality' (good 35, poor 1).
    """
    speaks = [column for column in look.rest if column.name not in told and _says_little(column)]
    if not speaks:
        return ""
    shown = ", ".join(f"{column.name!r} ({_cells(column)})" for column in speaks[:_MOST_COLUMNS])
    more = f" and {len(speaks) - _MOST_COLUMNS} more" if len(speaks) > _MOST_COLUMNS else ""
    table = look.tables[0].rpartition("/")[2]
    return f"{table} names the pictures; nothing uses its column{'s' if len(speaks) > 1 else ''} {shown}{more}"


def beside_the_labels(
    archive: Archive, members: list[str], pictures: list[str], labels: Labels, boxes: Boxes | None = None
) -> list[str]:
    """Return the same of tables that hold the labels in use, and of those beside them.

    Args:
        archive: holds the tables.
        members: those that dataset.exclude leaves.
        pictures: those that are read.
        labels: in use.
        boxes: dataset.boxes, whose columns are in use as well.
    """
    posing = [member for member in pictures if may_be_picture(member)]
    used = {name for name in (labels.column, labels.patient, labels.study, labels.split, *labels.class_columns) if name}
    found = []
    of_boxes, in_boxes = box_columns(archive, boxes)
    for tables in tables_by_header(archive, members)[0].values():
        try:
            looks = looks_at(archive, tables, members, posing)
        except ChestbenchError:
            continue  # the labels' own faults were said where they were read
        mine = [look for look in looks if look.ids.is_sure and look.id in (labels.id, looks[0].id)]
        own = next((look for look in mine if look.id == labels.id), next(iter(mine), None))
        if own is not None and (text := other_columns(own, used | in_boxes if of_boxes in tables else used)):
            logger.info("%s", text)
            found.append(text)
    return found


def _says_little(column: Column) -> bool:
    return len(column.cells) <= _MOST_CELLS and sum(column.cells.values()) > len(column.cells)


def _cells(column: Column) -> str:
    """Return the commonest cells with their rows: "good 35, poor 1", and how many are blank."""
    ranked = sorted(column.cells.items(), key=lambda item: (-item[1], item[0]))
    words = [f"{cell[:_MOST_LETTERS]} {count:,}" for cell, count in ranked[:_MOST_SHOWN]]
    words += [f"{len(ranked) - _MOST_SHOWN} other"] if len(ranked) > _MOST_SHOWN else []
    return ", ".join([*words, *([f"blank {column.blank:,}"] if column.blank else [])])
