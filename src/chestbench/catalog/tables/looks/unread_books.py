"""Workbooks and sheets of them that are not read, in words."""

from chestbench.catalog.tables.reading.sheets import is_workbook, sheets_in_words
from chestbench.catalog.tables.reading.table_text import text_of
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

_SPREADSHEETS = (".xls", ".xlsb", ".ods", ".xlsx")
_MOST = 20


def unread_books(archive: Archive, members: list[str]) -> list[str]:
    """Return a word on the first spreadsheet of a format that is not read."""
    sheets = [member for member in members if member.lower().endswith(_SPREADSHEETS)]
    unread = [member for member in sheets if not member.lower().endswith(".xlsx") or not _is_read(archive, member)]
    return (
        [f"{unread[0]} may hold the classes (or patients): save it as CSV (UTF-8) beside the pictures"]
        if unread
        else []
    )


def books_in_words(archive: Archive, members: list[str]) -> list[str]:
    """Return a sentence on each workbook of several sheets, or with a table that is hidden."""
    books = [member for member in members if is_workbook(member) and _is_read(archive, member)]
    return [text for member in books[:_MOST] if (text := sheets_in_words(archive, member))]


def _is_read(archive: Archive, member: str) -> bool:
    try:
        text_of(archive, member, "dataset.labels.table", is_used=False)
    except ChestbenchError:
        return False
    return True
