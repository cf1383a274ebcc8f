"""Tables in the forms that sets have them in: CSV, TSV, workbooks and JSON, drawn from rows."""

import csv
import io
import json
import zipfile
from collections.abc import Collection, Mapping, Sequence
from xml.sax.saxutils import escape

_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
Rows = Sequence[Sequence[str | int | float]]


def as_csv(rows: Rows, delimiter: str = ",") -> bytes:
    """Return CSV in UTF-8."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def as_json(rows: Rows) -> bytes:
    """Return a list of records."""
    return json.dumps([dict(zip(rows[0], row, strict=True)) for row in rows[1:]]).encode()


def as_xlsx(rows: Rows, inline: bool = False, sheet: str = "worksheets/sheet1.xml") -> bytes:
    """Return a workbook of one sheet, its texts shared (as Excel writes them) or in the cells."""
    return as_book({"S": rows}, inline, parts=[sheet])


def as_book(
    sheets: Mapping[str, Rows],
    inline: bool = False,
    hidden: Collection[str] = (),
    merged: Sequence[str] = (),
    parts: Sequence[str] = (),
) -> bytes:
    """Return a workbook of several sheets.

    Args:
        sheets: name -> rows, in the order of the tabs.
        inline: whether texts stand in the cells; else they are shared, as Excel writes them.
        hidden: names of sheets that people do not see.
        merged: ranges of merged cells ("A2:A4") of every sheet.
        parts: the members that are the sheets; worksheets/sheet1.xml and so on by default.
    """
    shared: list[str] = []

    def cell(value: str | int | float, place: str) -> str:
        if not isinstance(value, str):
            return f'<c r="{place}"><v>{value}</v></c>'
        if inline:
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        if value not in shared:
            shared.append(value)
        return f'<c r="{place}" t="s"><v>{shared.index(value)}</v></c>'

    def lines(rows: Rows) -> str:
        return "".join(
            f'<row r="{line}">'
            + "".join(cell(value, f"{chr(65 + at)}{line}") for at, value in enumerate(row) if value != "")
            + "</row>"
            for line, row in enumerate(rows, 1)
        )

    numbered = list(enumerate(sheets.items(), 1))
    parts = parts or [f"worksheets/sheet{number}.xml" for number, _ in numbered]
    ranges = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as book:
        named = "".join(
            f'<sheet name="{escape(name)}"{" state=" + chr(34) + "hidden" + chr(34) if name in hidden else ""} '
            f'sheetId="{number}" r:id="rId{number}"/>'
            for number, (name, _) in numbered
        )
        book.writestr("xl/workbook.xml", f'<workbook {_NS} xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>')
        relations = "".join(f'<Relationship Id="rId{at}" Target="{part}"/>' for at, part in enumerate(parts, 1))
        book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>')
        for part, rows in zip(parts, sheets.values(), strict=True):
            text = f"<sheetData>{lines(rows)}</sheetData><mergeCells>{ranges}</mergeCells>"
            book.writestr(f"xl/{part}", f"<worksheet {_NS}>{text}</worksheet>")
        if not inline:
            texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
            book.writestr("xl/sharedStrings.xml", f"<sst {_NS}>{texts}</sst>")
    return data.getvalue()
