"""Which sheets of a workbook dataset.labels means: those it names, else the only one that has its columns."""

from collections.abc import Iterable, Sequence

from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.tables.reading.headless import table_text_of
from chestbench.catalog.tables.reading.sheets import (
    is_workbook,
    of_sheet,
    parted,
    sheets_in_words,
    sheets_of,
    tables_in,
)
from chestbench.catalog.tables.reading.table_text import header_of
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive


class SeveralSheetsError(ChestbenchError):
    """Several sheets of a workbook may be meant.

    Attributes:
        sheets: their names.
    """

    def __init__(self, words: str, sheets: list[str]) -> None:
        super().__init__(words)
        self.sheets = sheets


def sheet_with(archive: Archive, member: str, columns: Sequence[str], key: str) -> str:
    """Return the table that is meant by a member: of a workbook of several the only sheet that has the columns.

    Where none has all, it is the first that has most of them.

    Raises:
        SeveralSheetsError: several sheets have them.
        ChestbenchError: the workbook is damaged.
    """
    tables = tables_in(archive, member, f"{key}.table")
    if len(tables) == 1:
        return tables[0]
    had = {table: _had(archive, table, columns, key) for table in tables}
    found = [table for table in tables if had[table] == len(columns)]
    if len(found) > 1:
        names = [parted(table)[1] for table in found]
        mend = "" if key == "dataset.labels" else "; save the one that is meant as CSV"
        raise SeveralSheetsError(
            f"{key}.table: expected one sheet of {member} with the columns {listed(list(columns))}, received "
            f"{len(found)}: {listed(names)}{mend}",
            names,
        )
    return found[0] if found else max(tables, key=lambda table: had[table])


def stated_sheets(archive: Archive, members: Sequence[str], sheets: Sequence[str]) -> list[str]:
    """Return the tables that dataset.labels.sheet means: of each workbook those it has, other files whole.

    Raises:
        ChestbenchError: no file is a workbook, or none has a sheet of these names.
    """
    names = {
        member: [one.name for one in sheets_of(archive, member, "dataset.labels.table")]
        for member in members
        if is_workbook(member)
    }
    if missing := [sheet for sheet in sheets if not any(sheet in some for some in names.values())]:
        there = "; ".join(f"{member} has {listed(some)}" for member, some in names.items())
        raise ChestbenchError(
            f"dataset.labels.sheet: expected names of sheets of an Excel workbook, received {listed(missing)}; "
            f"{there or 'no table is a workbook: set it to null'}"
        )
    found = []
    for member in members:
        mine = [of_sheet(member, sheet) for sheet in sheets if sheet in names.get(member, ())]
        found += mine or [member]
    return found


def unread_in_words(archive: Archive, tables: Iterable[str]) -> list[str]:
    """Return a sentence on each workbook in use that has other sheets with tables.

    Args:
        archive: holds them.
        tables: that are in use, sheets among them.
    """
    used: dict[str, list[str]] = {}
    for table in tables:
        member, sheet = parted(table)
        if is_workbook(member):
            used.setdefault(member, []).extend([sheet] if sheet else [])
    told = [sheets_in_words(archive, member, sheets) for member, sheets in used.items()]
    return [text for text in told if text]


def _had(archive: Archive, table: str, columns: Sequence[str], key: str) -> int:
    header = header_of(table_text_of(archive, table, f"{key}.table", is_used=False)[0], list(columns))[1]
    return sum(column in header for column in columns)
