"""The first sheet of an Excel workbook (.xlsx) as the text of a CSV: cells as they are stored, without formulas.

Office Open XML, ECMA-376 part 1, 18.3 (sheets) and 18.4 (shared strings). Only what tables of labels are made of is
read: texts, numbers, truth values. The workbook of another program, or an encrypted one, is refused.
"""

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator

ENDING = ".xlsx"
# Unpacked: a sheet of a million cells has some 50 MB.
_MOST_BYTES = 256 << 20
_MOST_COLUMNS = 2000
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class NoSpreadsheet(ValueError):
    """The bytes are no workbook that can be read; says why in a few words."""


def sheet_as_csv(data: bytes) -> str:
    """Return the first sheet of a workbook as CSV with commas, one line a row; blank rows stay, so that lines are rows.

    Args:
        data: the .xlsx file.

    Raises:
        NoSpreadsheet: the file is damaged, encrypted, too large or something else.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            shared = _shared_strings(book)
            at = 0
            for row in _rows(book, _first_sheet(book)):
                number = int(row.get("r") or at + 1)
                if not at < number <= at + 100_000:
                    raise NoSpreadsheet("rows out of order")
                for _ in range(number - at - 1):
                    writer.writerow([])
                writer.writerow(_cells(row, shared))
                at = number
    except NoSpreadsheet:
        raise
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, IndexError, ValueError, RuntimeError, EOFError,
            NotImplementedError, OSError) as error:  # fmt: skip
        raise NoSpreadsheet(f"no sound workbook ({type(error).__name__})") from None
    return text.getvalue()


def _part(book: zipfile.ZipFile, name: str) -> bytes:
    if book.getinfo(name).file_size > _MOST_BYTES:
        raise NoSpreadsheet(f"more than {_MOST_BYTES >> 20} MB")
    data = book.read(name)
    if b"<!DOCTYPE" in data[:1024] or b"<!ENTITY" in data:  # entities could grow without bounds; no writer has any
        raise NoSpreadsheet("a document type")
    return data


def _first_sheet(book: zipfile.ZipFile) -> str:
    """Return the member that is the first sheet of the workbook's own order."""
    workbook = ElementTree.fromstring(_part(book, "xl/workbook.xml"))
    first = next(element for element in workbook.iter() if _tag(element) == "sheet")
    relations = ElementTree.fromstring(_part(book, "xl/_rels/workbook.xml.rels"))
    target = {element.get("Id"): element.get("Target") or "" for element in relations}[first.get(_RELATION)]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _shared_strings(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    return [_text(item) for item in ElementTree.fromstring(_part(book, "xl/sharedStrings.xml"))]


def _rows(book: zipfile.ZipFile, sheet: str) -> Iterator[ElementTree.Element]:
    for _, element in ElementTree.iterparse(io.BytesIO(_part(book, sheet))):
        if _tag(element) == "row":
            yield element
            element.clear()


def _cells(row: ElementTree.Element, shared: list[str]) -> list[str]:
    found: list[str] = []
    for cell in row:
        letters = re.match(r"[A-Z]+", cell.get("r") or "")
        place = _column(letters[0]) if letters else len(found)
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


def _column(letters: str) -> int:
    """Return the place of a column: A is 0, Z 25, AA 26."""
    place = 0
    for letter in letters:
        place = 26 * place + ord(letter) - ord("A") + 1
    return place - 1
