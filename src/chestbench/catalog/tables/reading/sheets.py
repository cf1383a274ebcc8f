"""Workbooks of several sheets: each that holds a table is a table of its own, called "labels.xlsx[Dr A]".

Sheets that are empty or hold a text only are passed over. Hidden sheets are read only where dataset.labels.sheet names
them: they mostly hold what was replaced.
"""

import csv
import io
import re
from collections.abc import Sequence

from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.tables.reading.spreadsheet import ENDING, NoSpreadsheet, Sheet, read_sheets
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive, UnreadableMember
from chestbench.datasets.text_bounds import read_text

# What the column is called that tells the sheets of one workbook apart.
COLUMN = "sheet"
_OF_SHEET = re.compile(r"(.*?\.xlsx)\[(.+)\]", re.IGNORECASE | re.DOTALL)
_MOST_SHEETS = 20


def parted(table: str) -> tuple[str, str]:
    """Return the member and the name of the sheet, "" where the table is a whole file.

    Example:
        >>> parted("data/labels.xlsx[Dr A]"), parted("labels.csv")
        (('data/labels.xlsx', 'Dr A'), ('labels.csv', ''))
    """
    match = _OF_SHEET.fullmatch(table)
    return (match[1], match[2]) if match else (table, "")


def of_sheet(member: str, sheet: str) -> str:
    """Return how the table is called that is one sheet of a workbook."""
    return f"{member}[{sheet}]"


def is_workbook(member: str) -> bool:
    """Tell by its ending whether a member is a workbook that is read."""
    return member.lower().endswith(ENDING)


def sheets_of(archive: Archive, member: str, key: str, sheet: str | None = None) -> list[Sheet]:
    """Return the sheets of a workbook, all or the one of a name.

    Raises:
        ChestbenchError: it is damaged or no workbook.
    """
    try:
        return read_sheets(read_text(archive, member, key), sheet)
    except UnreadableMember as error:
        raise ChestbenchError(
            f"{key}: expected a sound file, received {member} with {error.reason}; fetch the archive again"
        ) from None
    except NoSpreadsheet as error:
        raise ChestbenchError(
            f"{key}: expected a workbook, received {member} with {error}; save it as CSV in UTF-8"
        ) from None


def text_of_sheet(archive: Archive, table: str, key: str) -> str:
    """Return the CSV of a table "labels.xlsx[Dr A]"; of a workbook alone, its first sheet that is seen and a table.

    Raises:
        ChestbenchError: see `sheets_of`; or it has no such sheet.
    """
    member, name = parted(table)
    sheets = sheets_of(archive, member, key, name or None)
    if name and not sheets:
        names = listed([one.name for one in sheets_of(archive, member, key)])
        raise ChestbenchError(
            f"dataset.labels.sheet: expected a sheet of {member}, received {name!r}; its sheets are {names}"
        )
    seen = sheets if name else [one for one in sheets if not one.is_hidden]
    return next((one for one in seen if one.is_table), (seen or sheets)[0]).text


def tables_in(archive: Archive, member: str, key: str = "dataset.labels.table") -> list[str]:
    """Return the tables that a member holds: a workbook's sheets where several that are seen are tables, else itself.

    Raises:
        ChestbenchError: see `sheets_of`.
    """
    if not is_workbook(member):
        return [member]
    sheets = [one for one in sheets_of(archive, member, key) if one.is_table and not one.is_hidden]
    return [of_sheet(member, one.name) for one in sheets[:_MOST_SHEETS]] if len(sheets) > 1 else [member]


def sheets_in_words(archive: Archive, member: str, used: Sequence[str] = ()) -> str:
    """Return a sentence on the sheets that hold tables and are not read; "" for none.

    Args:
        archive: holds the workbook.
        member: the workbook.
        used: names of the sheets in use; without any each that is seen is looked at.

    Raises:
        ChestbenchError: see `sheets_of`.
    """
    tables = [one for one in sheets_of(archive, member, "dataset.labels.table") if one.is_table]
    seen = [one for one in tables if not one.is_hidden and one.name not in used]
    hidden = [one for one in tables if one.is_hidden and one.name not in used]
    several = f"has {len(seen)} sheets with tables: {_counted(seen)}" if len(seen) > 1 else ""
    verb = "are" if len(used) > 1 else "is"
    others = f"the sheet{'s' * (len(used) > 1)} {listed(list(used))} {verb} read, not {_counted(seen)}" if seen else ""
    said = [others if used else several, f"hidden, and not read: {_counted(hidden)}" if hidden else ""]
    name = member.rpartition("/")[2]
    words = "; ".join(filter(None, said))
    return f"{name}: {words}; dataset.labels.sheet says which is read, one or a list" if words else ""


def with_sheet_column(text: str, delimiter: str, header: Sequence[str], sheet: str) -> str:
    """Return the text of a table with one more column, which says of which sheet it is."""
    if COLUMN in header:
        return text
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
    is_header = True
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        if any(cell.strip() for cell in cells):
            cells = [*cells[: len(header)], *[""] * (len(header) - len(cells)), COLUMN if is_header else sheet]
            is_header = False
        writer.writerow(cells)
    return written.getvalue()


def _counted(sheets: Sequence[Sheet]) -> str:
    return ", ".join(f"{one.name!r} ({one.rows - 1:,} rows)" for one in sheets)
