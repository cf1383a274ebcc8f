"""Boxes that a table of the archive draws on pictures: checked, and written beside the catalog."""

import ast
import logging
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from chestbench.catalog.identity import part_of, shape_of
from chestbench.catalog.records import KEPT, CatalogRow, read_rows
from chestbench.catalog.tables.reading.table import Table, read_table
from chestbench.core.config import Boxes
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_csv
from chestbench.datasets.archive import open_archive

logger = logging.getLogger(__name__)

COLUMNS = ["image_id", "label", "x", "y", "width", "height"]
_SIDES = ("x", "y", "width", "height")
# Boxes may reach over the edge by rounding: that is cut off without a word.
_SLACK = 1.0
# A side below this is written as 0: no area.
_SHORTEST = 0.001

Box = tuple[float, float, float, float]


@dataclass
class BoxTable:
    """What the table holds: boxes by id, how many there are that are none, and how a picture's path gives its id."""

    name: str
    id_in_path: re.Pattern[str]
    boxes: dict[str, list[Box]] = field(default_factory=dict)
    malformed: int = 0
    first_malformed: int = 0


def read_boxes(archive_path: Path, settings: Boxes | None) -> BoxTable | None:
    """Read the box table of an archive; malformed boxes are counted and warned of. None where there is no table.

    Raises:
        ChestbenchError: the table cannot be read (see `read_table`), or its ids and those of the pictures' paths have
            nothing in common.
    """
    if settings is None:
        return None
    columns = [settings.id, *([settings.column] if settings.column else _SIDES)]
    with open_archive(archive_path) as archive:
        table = read_table(archive, settings.table, columns, "dataset.boxes")
        members = archive.members
    pattern = re.compile(settings.id_pattern) if settings.id_pattern else None
    found = BoxTable(table.name, re.compile(settings.member_pattern))
    ids = [part_of(pattern, "id", cells[0]) for _, cells in table.rows]
    _check_common(ids, {part_of(found.id_in_path, "id", member) for member in members} - {""}, table, settings)
    for name, (line, (_, *cells)) in zip(ids, table.rows, strict=True):
        if not name or not any(cells):
            continue
        boxes = _listed_boxes(cells[0]) if settings.column else [_box(table, cells)]
        good = [box for box in boxes if box is not None]
        if len(good) < len(boxes):
            found.first_malformed = found.first_malformed or line
            found.malformed += len(boxes) - len(good)
        if good:
            found.boxes.setdefault(name, []).extend(good)
    if found.malformed:
        logger.warning(
            "%s: %d boxes are no numbers x, y, width and height with an area and are left out, such as in line %d",
            table.name,
            found.malformed,
            found.first_malformed,
        )
    return found


def write_boxes(found: BoxTable | None, catalog: Path, output: Path) -> dict[str, int]:
    """Write the boxes of all kept images: image_id, label, x, y, width, height; sorted, header only when none.

    x and y are the upper left corner; all are in pixels of the picture as stored (the catalog's width and height), with
    up to three decimals. label is the picture's class. Boxes are cut off at the edge of their picture; those that
    reach more than a pixel beyond it are counted and warned of. Boxes wholly outside, and those of an id that several
    pictures have, are counted, warned of and left out.

    Args:
        found: from `read_boxes`; None: the data set has no boxes.
        catalog: data/catalog.csv of the same archive.
        output: data/boxes.csv.

    Returns:
        Counts for `Catalog.notes`, none is 0.
    """
    if found is None:
        write_csv(output, COLUMNS, [])
        return {}
    named = ((part_of(found.id_in_path, "id", row.member), row) for row in read_rows(catalog, CatalogRow))
    pictures = [(name, row) for name, row in named if row.status == KEPT and name in found.boxes]
    owners = Counter(name for name, _ in pictures)
    shared = sum(len(found.boxes[name]) for name, count in owners.items() if count > 1)
    rows, outside, cut = [], 0, 0
    for name, row in pictures:
        for box in found.boxes[name] if owners[name] == 1 else []:
            inside = _inside(box, row.width, row.height)
            outside += inside is None
            if inside:
                cut += _sticks_out(box, row.width, row.height)
                rows.append((row.image_id, row.label, *inside))
    rows.sort()
    write_csv(output, COLUMNS, ([image, label, *map(_shown, box)] for image, label, *box in rows))
    if outside:
        logger.warning("%s: %d boxes lie outside their picture and are left out", found.name, outside)
    if cut:
        logger.warning(
            "%s: %d boxes reach beyond the edge of their picture and are cut off there; where they are many, they may "
            "be in pixels of another size of the pictures",
            found.name,
            cut,
        )
    if shared:
        logger.warning(
            "%s: %d boxes of ids that several pictures have are left out; dataset.boxes.member_pattern should find "
            "an id of one picture",
            found.name,
            shared,
        )
    alone = sum(len(boxes) for name, boxes in found.boxes.items() if name not in owners)
    if alone:
        logger.warning("%s: %d boxes are of ids that no picture in use has, and are left out", found.name, alone)
    notes = {
        "boxes": len(rows),
        "boxes_malformed": found.malformed,
        "boxes_cut_at_edge": cut,
        "boxes_outside_picture": outside,
        "boxes_of_several_pictures": shared,
        "boxes_without_kept_picture": alone,
    }
    return {key: count for key, count in notes.items() if count}


def _check_common(ids: list[str], in_paths: set[str], table: Table, settings: Boxes) -> None:
    if not in_paths.isdisjoint(ids):
        return
    known = [name for name in ids if name]
    theirs = shape_of(known[0]) if known else f"nothing (its texts like {shape_of(table.rows[0][1][0])!r})"
    mine = shape_of(min(in_paths)) if in_paths else "nothing"
    raise ChestbenchError(
        f"dataset.boxes: expected the same ids in the column {settings.id!r} of {table.name} and in the pictures' "
        f"paths, found none in common: id_pattern finds {theirs!r}, member_pattern finds {mine!r}; correct them"
    )


def _listed_boxes(cell: str) -> list[Box | None]:
    """Read a list of {x, y, width, height} written as Python does; None for what is no box."""
    try:
        entries = ast.literal_eval(cell)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return [None]
    if not isinstance(entries, (list, tuple)):
        return [None]
    return [_checked([entry.get(side) for side in _SIDES]) if isinstance(entry, dict) else None for entry in entries]


def _box(table: Table, cells: list[str]) -> Box | None:
    try:
        return _checked([table.number(cell) for cell in cells])
    except ValueError:
        return None


def _checked(values: list[object]) -> Box | None:
    try:
        x, y, width, height = (float(value) for value in values if isinstance(value, (int, float)))
    except (ValueError, OverflowError):
        return None
    is_sound = all(map(math.isfinite, (x, y, width, height))) and width > 0 and height > 0
    return (x, y, width, height) if is_sound else None


def _inside(box: Box, width: int, height: int) -> Box | None:
    """Return the box cut off at the picture's edges, or None when nothing of it is inside."""
    left, top = max(box[0], 0.0), max(box[1], 0.0)
    right, bottom = min(box[0] + box[2], float(width)), min(box[1] + box[3], float(height))
    is_there = right - left >= _SHORTEST and bottom - top >= _SHORTEST
    return (left, top, right - left, bottom - top) if is_there else None


def _sticks_out(box: Box, width: int, height: int) -> bool:
    """Tell whether a box reaches further beyond the picture than rounding explains."""
    left, top, right, bottom = box[0], box[1], box[0] + box[2], box[1] + box[3]
    return left < -_SLACK or top < -_SLACK or right > width + _SLACK or bottom > height + _SLACK


def _shown(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
