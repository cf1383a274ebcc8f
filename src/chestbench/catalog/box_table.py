"""The table of boxes of an archive: read, and what is no box left out and counted."""

import ast
import math
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from chestbench.catalog.box_findings import refuse_spellings
from chestbench.catalog.box_formats import read_rows_of_boxes
from chestbench.catalog.box_left_out import MALFORMED, OTHER_FINDINGS, REPEATED, BoxesLeftOut, findings_in_words
from chestbench.catalog.identity import part_of, shape_of
from chestbench.catalog.tables.reading.table import Table, near_name
from chestbench.core.config import Boxes
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import open_archive

# What a box is around where the table has no column for it.
OPACITY = "opacity"

Numbers = tuple[float, float, float, float]


class Drawn(NamedTuple):
    """One box as the table has it: four numbers, what it is around, who drew it ("" where not asked), and its line."""

    numbers: Numbers
    finding: str
    reader: str = ""
    line: int = 0


@dataclass
class BoxTable:
    """What the table holds: boxes by id, what was left out of it, its findings, and how a path gives its id.

    `tried` are the ids of which some row is a box that was asked for, sound or not.
    """

    name: str
    archive: Path
    settings: Boxes
    id_in_path: re.Pattern[str]
    boxes: dict[str, list[Drawn]] = field(default_factory=dict)
    left_out: BoxesLeftOut = field(default_factory=BoxesLeftOut)
    findings: Counter[str] = field(default_factory=Counter)
    tried: set[str] = field(default_factory=set)

    @property
    def counted(self) -> dict[str, int]:
        """Boxes of each finding that is asked for."""
        asked = self.settings.findings
        return {name: count for name, count in self.findings.items() if not asked or name in asked}

    @property
    def sound(self) -> str:
        """What a box has, in words."""
        name = f" and a name in the column {self.settings.label!r}" if self.settings.label else ""
        return "numbers {}, {}, {} and {} with an area".format(*self.settings.columns) + name


def read_boxes(archive_path: Path, settings: Boxes | None) -> BoxTable | None:
    """Read the box table of an archive; what is no box is counted. None where the data set has no table.

    A row that repeats another (the same id, finding, reader and numbers) is one box. A row without numbers is none,
    and is counted where its finding has boxes in other rows: "No finding" has none.

    Raises:
        ChestbenchError: the table cannot be read (see `read_rows_of_boxes`), its ids and those of the pictures' paths
            have nothing in common, a finding that is asked for is nowhere in it, or one is spelt in several ways.
    """
    if settings is None:
        return None
    sides = [settings.column] if settings.column else [*settings.columns]
    columns = list(dict.fromkeys(filter(None, [settings.id, settings.label, settings.reader, *sides])))
    with open_archive(archive_path) as archive:
        table = read_rows_of_boxes(archive, settings, columns)
        members = archive.members
    pattern = re.compile(settings.id_pattern) if settings.id_pattern else None
    found = BoxTable(table.name, archive_path, settings, re.compile(settings.member_pattern))
    ids = [part_of(pattern, "id", cells[0]) for _, cells in table.rows]
    _check_common(ids, {part_of(found.id_in_path, "id", member) for member in members} - {""}, table, settings)
    _check_findings(table, settings)
    seen: set[tuple[str, Drawn]] = set()
    empty: list[tuple[str, str, int]] = []
    for name, (line, cells) in zip(ids, table.rows, strict=True):
        cell = dict(zip(table.columns, cells, strict=True))
        numbers, finding = [cell[side] for side in sides], cell[settings.label].strip() if settings.label else OPACITY
        if not name or not any(numbers):
            empty += [(name, finding, line)] if name and settings.label else []
            continue
        reader = cell[settings.reader].strip() if settings.reader else ""
        boxes = _listed_boxes(numbers[0], settings) if settings.column else [_box(table, numbers, settings)]
        found.findings[finding] += len(boxes)
        for box in boxes:
            if settings.findings and finding and finding not in settings.findings:
                found.left_out.add(OTHER_FINDINGS, line, box or numbers)
                continue
            found.tried.add(name)
            if box is None or not finding:
                found.left_out.add(MALFORMED, line, box or numbers)
            elif (name, one := Drawn(box, finding, reader)) in seen:
                found.left_out.add(REPEATED, line, box)
            else:
                seen.add((name, one))
                found.boxes.setdefault(name, []).append(one._replace(line=line))
    for name, finding, line in empty:
        if found.counted.get(finding):
            found.left_out.add(MALFORMED, line, [finding, "no number"])
            found.tried.add(name)
    if settings.label:
        refuse_spellings(found.counted, found.name, settings.label)
    return found


def _check_findings(table: Table, settings: Boxes) -> None:
    """Refuse a finding that is asked for and that no row has."""
    if not (settings.findings and settings.label):
        return
    place = table.columns.index(settings.label)
    there = Counter(cells[place].strip() for _, cells in table.rows if cells[place].strip())
    missing = [name for name in settings.findings if name not in there]
    if not missing:
        return
    hints = [f"did you mean {near!r}?" for name in missing if (near := near_name(name, list(there)))]
    raise ChestbenchError(
        f"dataset.boxes.findings: expected findings of the column {settings.label!r} of {table.name}, received "
        f"{', '.join(map(repr, missing))}, which no row has; there {'is' if len(there) == 1 else 'are'} "
        f"{findings_in_words(there)}; {' '.join(hints) or 'correct the names'}"
    )


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
