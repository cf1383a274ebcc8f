"""Boxes that a table of the archive draws on pictures: checked, and written beside the catalog."""

import ast
import logging
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from chestbench.catalog.box_places import Place, placed_in
from chestbench.catalog.box_readers import OfReader, one_of_each
from chestbench.catalog.identity import part_of, shape_of
from chestbench.catalog.records import KEPT, CatalogRow, read_rows
from chestbench.catalog.tables.reading.table import Table, read_table
from chestbench.core.config import Boxes
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import write_csv
from chestbench.datasets.archive import open_archive

logger = logging.getLogger(__name__)

COLUMNS = ["image_id", "label", "finding", "x", "y", "width", "height"]
# What a box is around where the table has no column for it.
OPACITY = "opacity"

Numbers = tuple[float, float, float, float]


class Drawn(NamedTuple):
    """One box as the table has it: four numbers, what it is around, and who drew it ("" where that is not asked)."""

    numbers: Numbers
    finding: str
    reader: str = ""


@dataclass
class BoxTable:
    """What the table holds: boxes by id, how many are none or of other findings, and how a path gives its id."""

    name: str
    archive: Path
    settings: Boxes
    id_in_path: re.Pattern[str]
    boxes: dict[str, list[Drawn]] = field(default_factory=dict)
    malformed: int = 0
    first_malformed: int = 0
    other_findings: int = 0


def read_boxes(archive_path: Path, settings: Boxes | None) -> BoxTable | None:
    """Read the box table of an archive; malformed boxes are counted and warned of. None where there is no table.

    Raises:
        ChestbenchError: the table cannot be read (see `read_table`), or its ids and those of the pictures' paths have
            nothing in common.
    """
    if settings is None:
        return None
    sides = [settings.column] if settings.column else [*settings.columns]
    columns = list(dict.fromkeys(filter(None, [settings.id, settings.label, settings.reader, *sides])))
    with open_archive(archive_path) as archive:
        table = read_table(archive, settings.table, columns, "dataset.boxes")
        members = archive.members
    pattern = re.compile(settings.id_pattern) if settings.id_pattern else None
    found = BoxTable(table.name, archive_path, settings, re.compile(settings.member_pattern))
    ids = [part_of(pattern, "id", cells[0]) for _, cells in table.rows]
    _check_common(ids, {part_of(found.id_in_path, "id", member) for member in members} - {""}, table, settings)
    for name, (line, cells) in zip(ids, table.rows, strict=True):
        cell = dict(zip(table.columns, cells, strict=True))
        numbers, finding = [cell[side] for side in sides], cell[settings.label].strip() if settings.label else OPACITY
        if not name or not any(numbers):
            continue
        reader = cell[settings.reader].strip() if settings.reader else ""
        boxes = _listed_boxes(numbers[0], settings) if settings.column else [_box(table, numbers, settings)]
        if settings.findings and finding and finding not in settings.findings:
            found.other_findings += len(boxes)
            continue
        good = [Drawn(box, finding, reader) for box in boxes if box is not None and finding]
        if len(good) < len(boxes):
            found.first_malformed = found.first_malformed or line
            found.malformed += len(boxes) - len(good)
        if good:
            found.boxes.setdefault(name, []).extend(good)
    if found.malformed:
        logger.warning(
            "%s: %d boxes are no numbers %s with an area%s and are left out, such as in line %d",
            table.name,
            found.malformed,
            "{}, {}, {} and {}".format(*settings.columns),
            " and a name in the column " + repr(settings.label) if settings.label else "",
            found.first_malformed,
        )
    return found


def write_boxes(found: BoxTable | None, catalog: Path, output: Path) -> dict[str, int]:
    """Write the boxes of all kept images, with `COLUMNS`; sorted, header only when none.

    x and y are the upper left corner; all are in pixels of the picture as stored, upright (the catalog's width and
    height, exchanged where EXIF turns the picture by a quarter), with up to three decimals. label is the picture's
    class, finding what the box is around. Boxes are cut off at the edge of their picture; those that reach more than a
    pixel beyond it are counted and warned of, as are those that are the whole picture. Boxes wholly outside, and those
    of an id that several pictures have, are counted, warned of and left out. Those of pictures that are not used, and
    of findings that are not asked for, are counted. What several readers drew around one finding is one box
    (`box_readers.one_of_each`); how many more they drew is counted.

    Args:
        found: from `read_boxes`; None: the data set has no boxes.
        catalog: data/catalog.csv of the same archive.
        output: data/boxes.csv.

    Returns:
        Counts for `Catalog.notes`, none is 0.

    Raises:
        ChestbenchError: layout, units or size cannot be those that are stated (see `box_units`).
    """
    if found is None:
        write_csv(output, COLUMNS, [])
        return {}
    every = [(part_of(found.id_in_path, "id", row.member), row) for row in read_rows(catalog, CatalogRow)]
    pictures = [(name, row) for name, row in every if row.status == KEPT and name in found.boxes]
    owners = Counter(name for name, _ in pictures)
    shared = sum(len(found.boxes[name]) for name, count in owners.items() if count > 1)
    entries = [(row, box) for name, row in pictures if owners[name] == 1 for box in found.boxes[name]]
    with open_archive(found.archive) as archive:
        placed = placed_in(archive, [(row, box.numbers) for row, box in entries], found.settings, found.name)
    ways = Counter(place.said for place in placed.places)
    drawn = list(_rows(entries, placed.places))
    asked = found.settings.reader is not None
    rows = sorted(one_of_each(drawn) if asked else ((key, box) for key, box, _ in drawn))
    write_csv(output, COLUMNS, ([*texts, *map(_shown, box)] for texts, box in rows))
    in_archive = {name for name, _ in every}
    unused = {name: len(boxes) for name, boxes in found.boxes.items() if name not in owners}
    notes = {
        "boxes": len(rows),
        "boxes_of_further_readers": len(drawn) - len(rows),
        "boxes_of_other_findings": found.other_findings,
        "boxes_malformed": found.malformed + ways["malformed"],
        "boxes_cut_at_edge": ways["cut"],
        "boxes_outside_picture": ways["outside"],
        "boxes_whole_picture": ways["whole"],
        "boxes_of_turned_pictures": placed.turned,
        "boxes_of_several_pictures": shared,
        "boxes_of_excluded_pictures": sum(count for name, count in unused.items() if name in in_archive),
        "boxes_without_kept_picture": sum(count for name, count in unused.items() if name not in in_archive),
    }
    for said in (*placed.doubts, *_warnings(notes, ways)):
        logger.warning("%s: %s", found.name, said)
    if asked:
        logger.info("%s: %d boxes of several readers are %d", found.name, len(drawn), len(rows))
    if notes["boxes_of_other_findings"]:
        logger.info("%s: %d boxes are of other findings", found.name, notes["boxes_of_other_findings"])
    if notes["boxes_of_excluded_pictures"]:
        logger.info("%s: %d boxes are of excluded pictures", found.name, notes["boxes_of_excluded_pictures"])
    return {key: count for key, count in notes.items() if count}


def _rows(entries: list[tuple[CatalogRow, Drawn]], places: list[Place]) -> Iterator[OfReader]:
    for (row, box), place in zip(entries, places, strict=True):
        if place.box:
            yield OfReader((row.image_id, row.label, box.finding), place.box, box.reader)


def _warnings(notes: dict[str, int], ways: Counter[str]) -> Iterator[str]:
    """Yield what is warned of, of what was counted while boxes were placed."""
    says = {
        "malformed": "boxes have no area and are left out",
        "outside": "boxes lie outside their picture and are left out",
        "cut": "boxes reach beyond the edge of their picture and are cut off there; where they are many, they may be "
        "in pixels of another size of the pictures",
        "whole": "boxes are the whole picture: they say where nothing is",
    }
    yield from (f"{ways[way]} {words}" for way, words in says.items() if ways[way])
    if notes["boxes_of_turned_pictures"]:
        yield (
            f"{notes['boxes_of_turned_pictures']} boxes are of pictures that their file turns (EXIF); they are taken "
            "to be drawn on the picture as it is shown, upright"
        )
    if notes["boxes_of_several_pictures"]:
        yield (
            f"{notes['boxes_of_several_pictures']} boxes of ids that several pictures have are left out; "
            "dataset.boxes.member_pattern should find an id of one picture"
        )
    if notes["boxes_without_kept_picture"]:
        yield f"{notes['boxes_without_kept_picture']} boxes are of ids that no picture has, and are left out"


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


def _listed_boxes(cell: str, settings: Boxes) -> list[Numbers | None]:
    """Read a list of {x, y, width, height} written as Python does; None for what is no box."""
    try:
        entries = ast.literal_eval(cell)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return [None]
    if not isinstance(entries, (list, tuple)):
        return [None]
    sides = settings.columns
    return [
        _checked([entry.get(side) for side in sides], settings) if isinstance(entry, dict) else None
        for entry in entries
    ]


def _box(table: Table, cells: list[str], settings: Boxes) -> Numbers | None:
    try:
        return _checked([table.number(cell) for cell in cells], settings)
    except ValueError:
        return None


def _checked(values: list[object], settings: Boxes) -> Numbers | None:
    """Return four finite numbers, of which sizes are above 0; None for others."""
    try:
        a, b, c, d = (float(value) for value in values if isinstance(value, (int, float)))
    except (ValueError, OverflowError):
        return None
    is_sound = all(map(math.isfinite, (a, b, c, d))) and (settings.layout == "xyxy" or (c > 0 and d > 0))
    return (a, b, c, d) if is_sound else None


def _shown(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
