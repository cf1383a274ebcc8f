"""Tables inside the archive: one CSV found by a glob pattern, checked, its columns picked by name."""

import csv
import fnmatch
import io
import re
from dataclasses import dataclass

from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive, UnreadableMember

_DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True)
class Table:
    """The columns that were asked for, as text.

    Attributes:
        name: the file's name without its folders.
        columns: their names.
        rows: (line in the file, cells in the order of `columns`).
        has_decimal_comma: whether cells may hold 0,5 for 0.5 (tables separated by semicolons).
    """

    name: str
    columns: list[str]
    rows: list[tuple[int, list[str]]]
    has_decimal_comma: bool = False

    def number(self, cell: str) -> float:
        """Return a cell as a number. Raises ValueError when it is none."""
        return float(cell.strip().replace(",", ".") if self.has_decimal_comma else cell.strip())


def read_table(archive: Archive, pattern: str, columns: list[str], key: str) -> Table:
    """Read columns of the one CSV of an archive whose path matches a glob pattern.

    Text is UTF-8, with or without a byte order mark; comma, semicolon, tab or bar separate, whichever finds most of the
    columns in the first line.

    Args:
        archive: holds the table.
        pattern: of its path; `*` matches slashes as well; case matters.
        columns: their names, in any order in the file.
        key: the parameter that names the table, for messages, such as dataset.labels.

    Raises:
        ChestbenchError: no such table or several, not UTF-8, not CSV, columns missing or there twice, or no rows.
    """
    member = _find(archive.members, pattern, key)
    text = _text(archive, member, key)
    name = member.rpartition("/")[2]
    delimiter, header = _header(text, columns)
    if not any(header):
        raise ChestbenchError(f"{key}.table: expected a header and rows in {name}, received an empty file")
    missing = [column for column in columns if column not in header]
    if missing:
        raise ChestbenchError(
            f"{key}: expected the columns {_listed(columns)} in {name}, found no {_listed(missing)}; "
            f"its columns are {_listed(header)}; correct the names in {key}"
        )
    twice = [column for column in columns if header.count(column) > 1]
    if twice:
        raise ChestbenchError(f"{key}: expected every column of {name} once, found {_listed(twice)} twice; rename one")
    rows = _rows(text, delimiter, header, [header.index(column) for column in columns], f"{key}.table: {name}")
    if not rows:
        raise ChestbenchError(f"{key}.table: expected rows in {name}, found nothing below its header")
    return Table(name, columns, rows, delimiter != ",")


def _find(members: list[str], pattern: str, key: str) -> str:
    tables = [member for member in members if member.lower().endswith(".csv")]
    found = [member for member in tables if fnmatch.fnmatchcase(member, pattern)]
    if len(found) != 1:
        what = f"several: {_listed(found)}" if found else f"none; its tables are {_listed(tables)}"
        raise ChestbenchError(
            f"{key}.table: expected one CSV in the archive whose path matches {pattern!r}, found {what}; "
            "correct the pattern"
        )
    return found[0]


def _text(archive: Archive, member: str, key: str) -> str:
    try:
        data = archive.read(member)
    except UnreadableMember as error:
        raise ChestbenchError(
            f"{key}.table: expected a sound file, received {member} with {error.reason}; fetch the archive again"
        ) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ChestbenchError(
            f"{key}.table: expected {member} in UTF-8, received other bytes in line {line}; save it as CSV in UTF-8"
        ) from None


def _header(text: str, columns: list[str]) -> tuple[str, list[str]]:
    """Return the delimiter and the names of the first line, split by the delimiter that finds most of `columns`."""
    first = text.lstrip("\r\n").splitlines()[0] if text.strip() else ""
    if len(first) > csv.field_size_limit():
        return _DELIMITERS[0], [first]
    parsed = [
        (delimiter, [name.strip() for name in next(csv.reader([first], delimiter=delimiter), [])])
        for delimiter in _DELIMITERS
    ]
    return max(parsed, key=lambda pair: (sum(column in pair[1] for column in columns), len(pair[1])))


def _rows(text: str, delimiter: str, header: list[str], places: list[int], where: str) -> list[tuple[int, list[str]]]:
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    is_header = True
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if is_header:
                is_header = False
                continue
            if any(cell.strip() for cell in cells[len(header) :]):
                raise ChestbenchError(
                    f"{where}: expected {len(header)} cells in each row, received {len(cells)} in line "
                    f"{reader.line_num}; put cells that hold the separator in quotes"
                )
            cells += [""] * (len(header) - len(cells))
            rows.append((reader.line_num, [cells[place].strip() for place in places]))
    except csv.Error as error:
        raise ChestbenchError(
            f"{where}: expected CSV, received something else in line {reader.line_num} ({error}); mend it"
        ) from None
    return rows


def _listed(names: list[str], limit: int = 20) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return (", ".join(repr(re.sub(r"[\x00-\x1f]", " ", name[:80])) for name in names[:limit]) or "none") + more
