"""The sheets of an Excel workbook (.xlsx) as the texts of CSVs: cells as they are stored, without formulas.

Office Open XML, ECMA-376 part 1, 18.3 (sheets) and 18.4 (shared strings). Only what tables of labels are made of is
read: texts, numbers, truth values. The workbook of another program, or an encrypted one, is refused.
"""

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from chestbench.catalog.tables.reading.merged_cells import MergedCells, column_of

ENDING = ".xlsx"
# Unpacked: a sheet of a million cells has some 50 MB.
_MOST_BYTES = 256 << 20
_MOST_COLUMNS = 2000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class NoSpreadsheet(ValueError):
    """The bytes are no workbook that can be read; says why in a few words."""


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook.

    Attributes:
        name: as its tab shows it.
        is_hidden: whether people do not see it.
        text: CSV with commas, one line a row; blank rows stay, so that lines are rows.
        rows: how many rows have two cells or more that are not blank.
    """

    name: str
    is_hidden: bool
    text: str
    rows: int

    @property
    def is_table(self) -> bool:
        """Whether it has a header and a row below; else it is empty, or holds a text only."""
        return self.rows > 1


def read_sheets(data: bytes, name: str | None = None) -> list[Sheet]:
    """Return the sheets of a workbook, in the order of their tabs.

    The value of cells that were merged downwards is that of each of their rows.

    Args:
        data: the .xlsx file.
        name: of the only sheet to read; None for all.

    Raises:
        NoSpreadsheet: the file is damaged, encrypted, too large or something else.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            shared = _shared_strings(book)
            named = [one for one in _named_sheets(book) if name is None or one[0] == name]
            return [Sheet(each, is_hidden, *_as_csv(_part(book, part), shared)) for each, is_hidden, part in named]
    except NoSpreadsheet:
        raise
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, IndexError, ValueError, RuntimeError, EOFError,
            NotImplementedError, OSError) as error:  # fmt: skip
        raise NoSpreadsheet(f"no sound workbook ({type(error).__name__})") from None


def _as_csv(sheet: bytes, shared: list[str]) -> tuple[str, int]:
    """Return the text of a sheet, and how many of its rows have two cells or more."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    merged = MergedCells(sheet)
    at = rows = 0
    for row in _rows(sheet):
        number = int(row.get("r") or at + 1)
        if not at < number <= at + 100_000:
            raise NoSpreadsheet("rows out of order")
        for _ in range(number - at - 1):
            writer.writerow([])
        cells = merged.filled(number, _cells(row, shared))
        rows += sum(cell.strip() != "" for cell in cells) > 1
        writer.writerow(cells)
        at = number
    return text.getvalue(), rows


def _part(book: zipfile.ZipFile, name: str) -> bytes:
    if book.getinfo(name).file_size > _MOST_BYTES:
        raise NoSpreadsheet(f"more than {_MOST_BYTES >> 20} MB")
    data = book.read(name)
    if b"<!DOCTYPE" in data[:1024] or b"<!ENTITY" in data:  # entities could grow without bounds; no writer has any
        raise NoSpreadsheet("a document type")
    return data


def _named_sheets(book: zipfile.ZipFile) -> list[tuple[str, bool, str]]:
    """Return name, whether it is hidden, and the member of each sheet, in the workbook's own order."""
    workbook = ElementTree.fromstring(_part(book, "xl/workbook.xml"))
    relations = ElementTree.fromstring(_part(book, "xl/_rels/workbook.xml.rels"))
    targets = {element.get("Id"): element.get("Target") or "" for element in relations}
    sheets = [element for element in workbook.iter() if _tag(element) == "sheet"]
    if not sheets:
        raise NoSpreadsheet("no sheet")
    parts = [targets[element.get(_RELATION)] for element in sheets]
    return [
        (
            element.get("name") or "",
            (element.get("state") or "visible") != "visible",
            part.lstrip("/") if part.startswith("/") else f"xl/{part}",
        )
        for element, part in zip(sheets, parts, strict=True)
    ]


def _shared_strings(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    return [_text(item) for item in ElementTree.fromstring(_part(book, "xl/sharedStrings.xml"))]


def _rows(sheet: bytes) -> Iterator[ElementTree.Element]:
    for _, element in ElementTree.iterparse(io.BytesIO(sheet)):
        if _tag(element) == "row":
            yield element
            element.clear()


def _cells(row: ElementTree.Element, shared: list[str]) -> list[str]:
    found: list[str] = []
    for cell in row:
        letters = re.match(r"[A-Z]+", cell.get("r") or "")
        place = column_of(letters[0]) if letters else len(found)
        if not len(found) <= place < _MOST_COLUMNS:
            raise NoSpreadsheet("cells out of order, or too many columns")
        found += [""] * (place - len(found))
        found.append(_value(cell, shared))
    return found


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        return _text(cell)
    value = next((part.text or "" for part in cell if _tag(part) == "v"), "")
    if kind == "s":
        return shared[int(value)]
    if kind == "e":
        return ""  # #N/A and the like say nothing
    if kind == "n" and re.fullmatch(r"-?\d+(\.\d+)?E[+-]?\d+", value):
        number = float(value)
        return str(int(number)) if number.is_integer() else repr(number)
    return value


def _text(element: ElementTree.Element) -> str:
    """Return the text of runs, without the small letters that tell how a word is pronounced (rPh)."""
    if _tag(element) == "t":
        return element.text or ""
    return "".join(_text(part) for part in element if _tag(part) != "rPh")


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
