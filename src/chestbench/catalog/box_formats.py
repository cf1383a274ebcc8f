"""Tables of boxes as others write them: those that are not taken are named, with what to write instead."""

import ast
import re
from collections.abc import Iterator

from chestbench.catalog.tables.reading.table import MissingColumnsError, Table, matching, read_table
from chestbench.catalog.tables.reading.table_text import plain_text_of
from chestbench.core.config import Boxes
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

_KEY = "dataset.boxes"
# The four numbers as people call them, layout by layout, without marks and in small letters.
_SPELLINGS = {
    "xywh": ("x y width height", "x y w h", "xmin ymin width height", "xmin ymin w h", "x1 y1 w h",
             "x1 y1 width height", "x0 y0 w h", "left top width height", "bboxx bboxy bboxw bboxh"),
    "xyxy": ("xmin ymin xmax ymax", "x1 y1 x2 y2", "x0 y0 x1 y1", "left top right bottom", "minx miny maxx maxy"),
    "cxcywh": ("xcenter ycenter width height", "xcenter ycenter w h", "cx cy w h", "cx cy width height",
               "xc yc w h", "xcentre ycentre width height", "centerx centery width height"),
}  # fmt: skip
_YOLO = re.compile(r"\s*\d+(?:[ \t]+-?\d*\.?\d+(?:e-?\d+)?){4}[ \t]*(?:\r?\n|\Z)", re.IGNORECASE)


def read_rows_of_boxes(archive: Archive, settings: Boxes, columns: list[str]) -> Table:
    """Return the columns of the table of boxes.

    Args:
        archive: holds the table.
        settings: dataset.boxes.
        columns: those to read, the ids first.

    Raises:
        ChestbenchError: see `read_table`. Annotations of COCO, Pascal VOC and YOLO are named, with the table to write
            instead; where the columns of a box are called otherwise, the lines that name them.
    """
    try:
        table = read_table(archive, settings.table, columns, _KEY)
    except ChestbenchError as error:
        if kind := _foreign(archive, settings.table):
            raise ChestbenchError(_not_taken(kind, settings.table)) from None
        if isinstance(error, MissingColumnsError) and (lines := _other_names(archive, settings, error.missing)):
            raise ChestbenchError(f"{error}; {lines}") from None
        raise
    if settings.column:
        place = table.columns.index(settings.column)
        if _is_bare_list(next((cells[place] for _, cells in table.rows if cells[place].strip("[] ")), "")):
            kind = f"lists of four bare numbers, as COCO's bbox, in the column {settings.column!r}"
            raise ChestbenchError(_not_taken(kind, table.name))
    return table


def _foreign(archive: Archive, pattern: str) -> str:
    """Return which annotations the files are that a pattern names, "" for none that are known."""
    for member in matching([member for member in archive.members if not member.endswith("/")], pattern)[:10]:
        ending = member.lower().rpartition(".")[2]
        if ending not in ("json", "xml", "txt", "csv"):
            continue
        try:
            text = plain_text_of(archive, member)
        except ChestbenchError:
            continue  # the error that is told is the one of reading the table
        if ending == "json" and re.search(r'"bbox"\s*:', text):
            return "COCO JSON (bbox as a list [x, y, width, height])"
        if ending == "xml" and "<bndbox" in text:
            return "Pascal VOC XML (bndbox)"
        if ending == "txt" and _YOLO.match(text):
            return "YOLO text (class, centre and size in shares, a file a picture)"
        if ending == "csv" and _has_bare_lists(text):
            return "a column of lists of four bare numbers, as COCO's bbox"
    return ""


def _has_bare_lists(text: str) -> bool:
    header, _, rest = text[:20_000].partition("\n")
    return bool(
        re.search(r"\bbbox\b", header, re.IGNORECASE) and re.search(r"\[\s*-?[\d.]+(?:\s*,\s*-?[\d.]+){3}\s*\]", rest)
    )


def _not_taken(kind: str, table: str) -> str:
    return (
        f"{_KEY}.table: expected a table with a row for each box, received {kind} for {table!r}, which is not taken; "
        "write a CSV with the columns image,x,y,width,height (upper left corner and size in pixels; and finding, where "
        "there are several) into the archive and name it: "
        "dataset.boxes={table: boxes.csv, id: image, member_pattern: '(?P<id>[^/]+)$'} (label: finding for the latter)"
    )


def _is_bare_list(cell: str) -> bool:
    try:
        value = ast.literal_eval(cell)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], (list, tuple)):
        value = value[0]
    return (
        isinstance(value, (list, tuple)) and len(value) == 4 and all(isinstance(side, (int, float)) for side in value)
    )


def _other_names(archive: Archive, settings: Boxes, missing: list[str]) -> str:
    """Return the lines that name the columns of a box as the table calls them, "" where it has none that are known."""
    if settings.column or not set(missing) & set(settings.columns):
        return ""
    try:
        table = read_table(archive, settings.table, [], _KEY)
    except ChestbenchError:
        return ""
    lines = [f"layout: {layout}, sides: [{', '.join(sides)}]" for layout, sides in _spelt(table.others)]
    if not lines:
        return ""
    return f"the box is there under other names: add to {_KEY} {' or '.join(lines)}"


def _spelt(header: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    named = {re.sub(r"[\W_]+", "", name).casefold(): name for name in reversed(header)}
    for layout, spellings in _SPELLINGS.items():
        for spelling in spellings:
            if all(part in named for part in spelling.split()):
                yield layout, [named[part] for part in spelling.split()]
