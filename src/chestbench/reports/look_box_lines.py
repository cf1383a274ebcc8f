"""Tables that plainly hold boxes and of which nothing is used: the lines that would use them."""

import ast
import glob
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from typing import Any

from chestbench.catalog.box_units import Reading
from chestbench.catalog.identity import part_of
from chestbench.catalog.layout import may_be_picture
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.looks.suggestions import tables_by_header
from chestbench.catalog.tables.reading.sheets import parted
from chestbench.catalog.tables.reading.table import Table, read_table
from chestbench.core.dataset_config import LAYOUTS, Boxes
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

Trial = Callable[[Boxes], bool]

# Names of four columns, in small letters without signs and without "bbox" before them, and what they may be.
_NAMES: tuple[tuple[tuple[str, str, str, str], tuple[str, ...]], ...] = (
    (("x", "y", "width", "height"), ("xywh", "cxcywh")),
    (("x", "y", "w", "h"), ("xywh", "cxcywh")),
    (("xmin", "ymin", "width", "height"), ("xywh",)),
    (("xmin", "ymin", "w", "h"), ("xywh",)),
    (("left", "top", "width", "height"), ("xywh",)),
    (("xmin", "ymin", "xmax", "ymax"), ("xyxy",)),
    (("x1", "y1", "x2", "y2"), ("xyxy",)),
    (("x0", "y0", "x1", "y1"), ("xyxy",)),
    (("left", "top", "right", "bottom"), ("xyxy",)),
    (("xcenter", "ycenter", "width", "height"), ("cxcywh",)),
    (("xcenter", "ycenter", "w", "h"), ("cxcywh",)),
    (("cx", "cy", "w", "h"), ("cxcywh",)),
    (("cx", "cy", "width", "height"), ("cxcywh",)),
)
# Of columns that name what a box is around, the likeliest first.
_LABELS = (
    *("finding", "findings", "classname", "lesion", "lesiontype", "pathology", "abnormality"),
    *("label", "class", "category", "disease", "diagnosis", "type"),
)
_IN_ONE = {"bbox", "bboxes", "box", "boxes", "boundingbox", "boundingboxes"}
# From the whole path to the name without its ending.
_PATTERNS = ("(?P<id>.+)", "(?P<id>[^/]+)$", r"(?P<id>[^/]+)\.[^./]+$")
_ENOUGH = 0.3
_MOST_ROWS = 20_000


def box_lines(archive: Archive, members: list[str], fits: Trial) -> list[str]:
    """Return a sentence for each table of boxes, with a line for each reading that a run would take.

    Args:
        archive: holds them.
        members: those that are read.
        fits: tells whether a run would read boxes on the pictures so.
    """
    pictures = [member for member in members if may_be_picture(member)]
    told: list[str] = []
    for header, tables in tables_by_header(archive, archive.members)[0].items():
        for member in tables:
            try:
                told += _of_table(archive, member, list(header), pictures, fits)
            except ChestbenchError:
                continue  # what cannot be read is told of where tables are looked at for labels
    return told


def _of_table(archive: Archive, member: str, header: list[str], pictures: list[str], fits: Trial) -> Iterator[str]:
    names = [name for name in header if name]
    if len(set(names)) < len(names) or parted(member)[1]:
        return
    found = list(_sides_in(names))
    lists = [name for name in names if _plain(name, keep=True) in _IN_ONE]
    if not found and not lists:
        return
    table = read_table(archive, glob.escape(member), names, "dataset.boxes", of=member)
    rows = table.rows[:_MOST_ROWS]
    cells = {name: [row[place] for _, row in rows] for place, name in enumerate(table.columns)}
    readings = [reading for sides, layouts in found for reading in _readings(table, sides, layouts, cells)]
    for name in lists:
        if keys := _keys_in(cells[name]):
            readings += [
                {"column": name, **rest}
                for sides, layouts in _sides_in(keys)
                for rest in _stated(sides, layouts, _listed(cells[name], sides))
            ]
        elif any(re.fullmatch(r"[\[(]?\s*(-?[\d.]+[,;\s]+){3}-?[\d.]+\s*[\])]?", cell) for cell in cells[name]):
            yield (
                f"{table.name} seems to hold boxes in its column {name!r}, as four numbers in one cell, which are not "
                "read: give each number a column of its own"
            )
    used = {name for sides, _ in found for name in sides} | set(lists)
    ids = _ids(cells, [name for name in table.columns if name not in used], pictures)
    ways = [
        {"table": glob.escape(member), "id": column, **label, "member_pattern": pattern, **reading}
        for column, pattern in ids
        for label in [_label_of(cells, used | {name for name, _ in ids})]
        for reading in readings
    ]
    ways = [way for way in ways if fits(Boxes(**way))]
    if ways:
        lines = " or ".join(value_line("dataset.boxes", way) for way in ways)
        open_which = " (several readings are possible: choose)" if len(ways) > 1 else ""
        yield f"{table.name} seems to hold boxes, which nothing uses{open_which}: {lines}"


def _label_of(cells: dict[str, list[str]], used: Set[str]) -> dict[str, str]:
    """Return {"label": the column that names what each box is around} by its name and texts; {} where there is none."""
    for wanted in _LABELS:
        for name, texts in cells.items():
            filled = [text for text in texts if text.strip()]
            is_text = bool(filled) and not any(re.fullmatch(r"[-+.\d\s]+", text) for text in filled)
            if name not in used and _plain(name, keep=True) == wanted and is_text:
                return {"label": name}
    return {}


def _plain(name: str, keep: bool = False) -> str:
    plain = re.sub(r"[\W_]+", "", name).casefold().replace("centre", "center")
    return plain if keep else re.sub(r"^(bbox|box|bb)(?=.)", "", plain)


def _sides_in(names: Sequence[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield four of the names that may be a box, as they are written, with the layouts that they may have."""
    written = {_plain(name): name for name in reversed(names)}
    for four, layouts in _NAMES:
        if all(name in written for name in four):
            yield tuple(written[name] for name in four), layouts


def _readings(
    table: Table, sides: tuple[str, ...], layouts: Sequence[str], cells: dict[str, list[str]]
) -> list[dict[str, Any]]:
    numbers = []
    for cell in (cell for side in sides for cell in cells[side] if cell):
        try:
            numbers.append(table.number(cell))
        except ValueError:
            continue
    return _stated(sides, layouts, numbers)


def _stated(sides: tuple[str, ...], layouts: Sequence[str], numbers: Sequence[float]) -> list[dict[str, Any]]:
    """Return what dataset.boxes says of layout, sides and units, without what is its default."""
    if not numbers:
        return []
    units = {"units": "share"} if max(numbers) <= 1 else {}
    return [
        ({} if layout == "xywh" else {"layout": layout})
        | ({} if LAYOUTS[layout] == sides else {"sides": list(sides)})
        | units
        for layout in layouts
    ]


def _keys_in(cells: Sequence[str]) -> list[str]:
    """Return the keys of the first box of cells that list them as Python writes them."""
    return next((list(map(str, entries[0])) for entries in map(_entries, cells) if entries), [])


def _listed(cells: Sequence[str], sides: Sequence[str]) -> list[float]:
    values = [entry.get(side) for cell in cells for entry in _entries(cell) for side in sides]
    return [float(value) for value in values if isinstance(value, (int, float))]


def _entries(cell: str) -> list[dict[str, Any]]:
    try:
        entries = ast.literal_eval(cell)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return []
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list | tuple) else []


def _ids(cells: dict[str, list[str]], names: Sequence[str], pictures: Sequence[str]) -> list[tuple[str, str]]:
    """Return columns that name single pictures, each with the pattern of their paths; several where all fit as well."""
    found: dict[tuple[str, str], int] = {}
    for pattern in _PATTERNS:
        compiled = re.compile(pattern)
        owners = Counter(part_of(compiled, "id", picture) for picture in pictures)
        for name in names:
            filled = [cell for cell in cells[name] if cell]
            count = sum(owners[cell] == 1 for cell in filled)
            if (
                count
                and count >= _ENOUGH * len(filled)
                and count > max((others for (column, _), others in found.items() if column == name), default=0)
            ):
                found = {key: others for key, others in found.items() if key[0] != name} | {(name, pattern): count}
    best = max(found.values(), default=0)
    return [key for key, count in found.items() if count == best]


def other_readings(settings: Boxes, fits: Trial) -> list[str]:
    """Return the lines of dataset.boxes in another layout or other units that a run would take, to be set.

    Args:
        settings: dataset.boxes, which it would not take.
        fits: tells whether it would.
    """
    stated = settings.model_dump(exclude_defaults=True)
    lines = []
    for layout in LAYOUTS:
        for units in ("pixels", "share"):
            if Reading(layout, units) == Reading(settings.layout, settings.units) or (
                units == "share" and settings.frame
            ):
                continue
            way = {**stated, "layout": layout, "units": units, "sides": list(settings.columns)}
            if fits(Boxes(**way)):
                lines.append(value_line("dataset.boxes", way))
    return lines
