"""Tables inside the archive: found by a glob pattern, checked, their columns picked by name."""

import csv
import fnmatch
import hashlib
import re
from dataclasses import dataclass
from difflib import get_close_matches

from chestbench.catalog.tables.reading.headless import table_text_of
from chestbench.catalog.tables.reading.sheet_choice import sheet_with
from chestbench.catalog.tables.reading.table_text import header_of, text_of
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive
from chestbench.datasets.text_bounds import Counted, lines_of

# What a table's name ends in; a .txt may as well be anything else, so it counts where nothing better matches.
ENDINGS = (".csv", ".tsv", ".tab")
# Where no text of these matches, a workbook, JSON or XML does.
OTHER_ENDINGS = (".xlsx", ".json", ".jsonl", ".xml")
LAST_ENDING = ".txt"
# Asked for as a column that a table does not have, it is the table's own name: tb.txt, normal.txt.
OWN_NAME = "table"


class MissingColumnsError(ChestbenchError):
    """A table lacks columns.

    Attributes:
        near: name that was asked for -> the column that may be meant; those without one are not in it.
        missing: all of them.
    """

    def __init__(self, words: str, near: dict[str, str], missing: list[str]) -> None:
        super().__init__(words)
        self.near, self.missing = near, missing


@dataclass(frozen=True)
class Table:
    """The columns that were asked for, as text.

    Attributes:
        name: the file's name without its folders.
        columns: their names.
        rows: (line in the file, cells in the order of `columns`).
        has_decimal_comma: whether cells may hold 0,5 for 0.5 (tables separated by semicolons).
        others: the names of its other columns.
        member: its path in the archive.
    """

    name: str
    columns: list[str]
    rows: list[tuple[int, list[str]]]
    has_decimal_comma: bool = False
    others: tuple[str, ...] = ()
    member: str = ""

    def number(self, cell: str) -> float:
        """Return a cell as a number. Raises ValueError when it is none."""
        return float(cell.strip().replace(",", ".") if self.has_decimal_comma else cell.strip())


def read_table(
    archive: Archive, pattern: str, columns: list[str], key: str, wished: tuple[str, ...] = (), of: str = ""
) -> Table:
    """Read columns of the one table of an archive whose path matches a glob pattern.

    Encodings: see `text_of`. Comma, semicolon, tab or bar separate, whichever finds most of the columns in the header.
    A table without a header has "column 1", "column 2" and so on, see `table_text_of`. The column "table" is its own
    name, up to the first dot, where it has no such column.

    Args:
        archive: holds the table.
        pattern: of its path, or of its name alone; `*` matches slashes as well; case matters.
        columns: their names, in any order in the file.
        key: the parameter that names the table, for messages, such as dataset.labels.
        wished: columns to read besides where the table has them.
        of: the table itself where it is found already: a member, or one sheet of it.

    Raises:
        SeveralSheetsError: several sheets of a workbook have the columns.
        ChestbenchError: no such table or several, no text, not CSV, columns missing or there twice, or no rows.
    """
    member = of or sheet_with(archive, find_table(archive, pattern, key), columns, key)
    text, added = table_text_of(archive, member, f"{key}.table")
    name = member.rpartition("/")[2]
    delimiter, header = header_of(text, [*columns, *wished])
    if not any(header):
        raise ChestbenchError(f"{key}.table: expected a header and rows in {name}, received an empty file")
    is_named = OWN_NAME in (*columns, *wished) and OWN_NAME not in header
    columns = [column for column in columns if column != OWN_NAME or not is_named]
    missing = [column for column in columns if column not in header]
    if missing:
        alike = {column: near for column in missing if (near := near_name(column, header))}
        hints = [f"did you mean {near!r}?" for near in alike.values()]
        raise MissingColumnsError(
            f"{key}: expected the columns {_listed(columns)} in {name}, found no {_listed(missing)}; "
            f"its columns are {_listed(header)}; {' '.join(hints) or f'correct the names in {key}'}",
            alike,
            missing,
        )
    columns = [*columns, *(column for column in dict.fromkeys(wished) if column in header and column not in columns)]
    twice = [column for column in columns if header.count(column) > 1]
    if twice:
        raise ChestbenchError(f"{key}: expected every column of {name} once, found {_listed(twice)} twice; rename one")
    rows = _rows(text, delimiter, header, [header.index(column) for column in columns], f"{key}.table: {name}", added)
    if not rows:
        raise ChestbenchError(f"{key}.table: expected rows in {name}, found nothing below its header")
    if is_named:
        columns, rows = [*columns, OWN_NAME], [(line, [*cells, own_name(member)]) for line, cells in rows]
    others = tuple(name for name in header if name and name not in columns)
    return Table(name, columns, rows, delimiter != ",", others, member)


def find_table(archive: Archive, pattern: str, key: str) -> str:
    """Return the one member that is a table and whose path matches a glob pattern; copies of it count once.

    Raises:
        ChestbenchError: none, or several that differ.
    """
    tiers = [
        [member for member in archive.members if member.lower().endswith(endings)]
        for endings in (ENDINGS, OTHER_ENDINGS, (LAST_ENDING,))
    ]
    tables = tiers[0] or tiers[1]
    found = next((some for tier in tiers if (some := matching(tier, pattern))), [])
    if len(found) > 1 and _are_copies(archive, found):
        found = [min(found, key=lambda member: (member.count("/"), member))]
    if len(found) != 1:
        what = f"several: {_listed(found)}" if found else f"none; its tables are {_listed(tables)}"
        raise ChestbenchError(
            f"{key}.table: expected one table in the archive whose path matches {pattern!r}, found {what}; "
            f"correct the pattern{', or give a list of patterns, each of one table' if found else ''}"
        )
    return found[0]


def matching(members: list[str], pattern: str) -> list[str]:
    """Return the members whose path matches a glob pattern; where none does, those whose file name does."""
    found = [member for member in members if fnmatch.fnmatchcase(member, pattern)]
    return found or [member for member in members if fnmatch.fnmatchcase(member.rpartition("/")[2], pattern)]


def own_name(member: str) -> str:
    """Return what a table is called, up to the first dot: "a/COVID.metadata.csv" gives "COVID"."""
    return member.rpartition("/")[2].partition(".")[0]


def near_name(name: str, names: list[str]) -> str:
    """Return what may have been meant by a name that is not among `names`: another case or blank, or a typing error."""
    folded = {re.sub(r"[\W_]+", "", known).casefold(): known for known in reversed(names) if known}
    key = re.sub(r"[\W_]+", "", name).casefold()
    near = get_close_matches(key, folded, n=1, cutoff=0.75)
    return folded.get(key) or (folded[near[0]] if near else "")


def _are_copies(archive: Archive, members: list[str]) -> bool:
    """Tell whether all have the same name and content, as in a set that stands in its archive twice."""
    if len({member.rpartition("/")[2] for member in members}) > 1:
        return False
    return len({hashlib.sha256(text_of(archive, member, "table").encode()).digest() for member in members}) == 1


def _rows(
    text: str, delimiter: str, header: list[str], places: list[int], where: str, added: int
) -> list[tuple[int, list[str]]]:
    rows = []
    counted = Counted(where.partition(":")[0])
    reader = csv.reader(lines_of(text), delimiter=delimiter, strict=True)
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
                    f"{reader.line_num - added}; put cells that hold the separator in quotes"
                )
            cells += [""] * (len(header) - len(cells))
            counted.add(len(places), where.partition(": ")[2])
            rows.append((reader.line_num - added, [cells[place].strip() for place in places]))
    except csv.Error as error:
        raise ChestbenchError(
            f"{where}: expected CSV, received something else in line {reader.line_num - added} ({error}); mend it"
        ) from None
    return rows


def _listed(names: list[str], limit: int = 20) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return (", ".join(repr(re.sub(r"[\x00-\x1f]", " ", name[:80])) for name in names[:limit]) or "none") + more
