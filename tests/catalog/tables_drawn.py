"""Tables in the forms that sets have them in: CSV, TSV, workbooks and JSON, drawn from rows."""

import csv
import io
import json
import zipfile
from collections.abc import Sequence
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
    shared: list[str] = []

    def cell(value: str | int | float, place: str) -> str:
        if not isinstance(value, str):
            return f'<c r="{place}"><v>{value}</v></c>'
        if inline:
            return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        if value not in shared:
            shared.append(value)
        return f'<c r="{place}" t="s"><v>{shared.index(value)}</v></c>'

    lines = [
        f'<row r="{line}">' + "".join(cell(value, f"{chr(65 + at)}{line}") for at, value in enumerate(row)) + "</row>"
        for line, row in enumerate(rows, 1)
    ]
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as book:
        book.writestr(
            "xl/workbook.xml",
            f'<workbook {_NS} xmlns:r="{_OFFICE}"><sheets><sheet name="S" r:id="rId1"/></sheets></workbook>',
        )
        relation = f'<Relationship Id="rId1" Target="{sheet}"/>'
        book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_PACKAGE}">{relation}</Relationships>')
        book.writestr(f"xl/{sheet}", f"<worksheet {_NS}><sheetData>{''.join(lines)}</sheetData></worksheet>")
        if not inline:
            texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
            book.writestr("xl/sharedStrings.xml", f"<sst {_NS}>{texts}</sst>")
    return data.getvalue()
