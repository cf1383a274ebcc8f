"""What columns that may say the class say of each picture, and where two of them contradict each other."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, zip_longest

from chestbench.catalog.folders.words.finding_words import alike_key
from chestbench.catalog.tables.columns.hot_columns import truth_of
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.columns.table_homes import homes_of
from chestbench.catalog.tables.labels.several_labels import parts_of
from chestbench.catalog.tables.looks.class_columns import Candidate, candidates_of
from chestbench.catalog.tables.looks.table_looks import looks_at
from chestbench.catalog.tables.reading.headless import table_text_of
from chestbench.catalog.tables.reading.table_text import header_of, plain_number
from chestbench.datasets.archive import Archive

# So many columns of a table are read for what they say of each picture.
_MOST_READ = 8
_CODE = re.compile(r"-?\d+")


@dataclass(frozen=True)
class Reading:
    """One way to read the classes from tables of one header.

    Attributes:
        candidate: the columns.
        look: the tables.
        said: place of a picture -> the labels that its rows give it.
        line_of: place -> line in the table that says so.
    """

    candidate: Candidate
    look: Look
    said: dict[int, frozenset[str]] = field(default_factory=dict)
    line_of: dict[int, int] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """The first table's name without its folders."""
        return self.look.tables[0].rpartition("/")[2]

    @property
    def id(self) -> str:
        """The column that names the pictures."""
        return self.look.id

    @property
    def column(self) -> str:
        """What the classes stand in, in words."""
        columns = self.candidate.columns
        shown = ", ".join(map(repr, columns[:3])) + (", ..." if len(columns) > 3 else "")
        return f"column{'s' if len(columns) > 1 else ''} {shown}"


def read_tables(archive: Archive, tables: list[str], members: list[str], pictures: list[str]) -> list[Reading]:
    """Return the ways to read the classes from tables of one header.

    Tables that speak of the same pictures and contradict each other (two readers) are read one by one, others (one for
    train and one for test) together.

    Args:
        archive: holds them.
        tables: members of one header.
        members: all names, see `looks_at`.
        pictures: that they may name; places are of these.

    Raises:
        ChestbenchError: a table is damaged or no text.
    """
    found = homes_of(tables, pictures) if len(tables) > 1 else None
    homes = dict(zip(tables, found, strict=True)) if found else {}
    together = _read(archive, tables, members, pictures, homes)
    if len(tables) == 1 or not together:
        return together
    each = [_read(archive, [table], members, pictures, homes) for table in tables]
    by_columns: dict[tuple[str, ...], list[Reading]] = {}
    for reading in (reading for readings in each for reading in readings):
        by_columns.setdefault((reading.id, *reading.candidate.columns), []).append(reading)
    if any(differing(one, other) for same in by_columns.values() for one, other in combinations(same, 2)):
        return [reading for readings in each for reading in readings]
    return together


def differing(one: Reading, other: Reading) -> list[int]:
    """Return the places of pictures of which two readings say different classes."""
    both = sorted(one.said.keys() & other.said.keys())
    return [place for place in both if _keys(one.said[place]) != _keys(other.said[place])]


def contradictions(readings: Sequence[Reading]) -> list[str]:
    """Return a sentence for each two readings that give some pictures different labels of the same kind."""
    found = []
    for one, other in combinations(readings, 2):
        is_same_table = one.look.tables == other.look.tables and one.id != other.id
        if is_same_table or not _are_alike(one, other):
            continue
        both = len(one.said.keys() & other.said.keys())
        if differ := differing(one, other):
            first = differ[0]
            found.append(
                f"{_named(one)} and {_named(other)} contradict each other on {len(differ)} of the {both} pictures that "
                f"both name, such as line {one.line_of[first]} ({_words(one, first)}) and line "
                f"{other.line_of[first]} ({_words(other, first)}): a line takes one of them alone"
            )
    return found


def _read(
    archive: Archive, tables: list[str], members: list[str], pictures: list[str], homes: Mapping[str, set[str]]
) -> list[Reading]:
    """Return the readings of each look; of several looks the likeliest column of each first."""
    found = []
    for look in looks_at(archive, tables, members, pictures):
        readings = [Reading(candidate, look) for candidate in candidates_of(look)]
        for table in tables if look.ids.is_sure else []:
            text, added = table_text_of(archive, table, "dataset.labels.table", is_used=False)
            _add_rows(text, added, look, readings[:_MOST_READ], pictures, homes.get(table))
        found.append(readings)
    return [reading for same in zip_longest(*found) for reading in same if reading is not None]


def _add_rows(
    text: str, added: int, look: Look, readings: Sequence[Reading], pictures: Sequence[str], home: set[str] | None
) -> None:
    delimiter, header = header_of(text, [])
    at = header.index(look.settings["id"])
    columns = [[header.index(name) for name in reading.candidate.columns] for reading in readings]
    for line, cells in _rows(text, delimiter):
        cells += [""] * (len(header) - len(cells))
        places = look.ids.find(plain_number(cells[at].strip()))
        if home is not None:
            places = [place for place in places if pictures[place] in home]
        if not places or (len(places) > 1 and look.ids.is_by_picture and not _are_one(places, pictures)):
            continue
        for reading, mine in zip(readings, columns, strict=True):
            if labels := _labels(reading.candidate, [plain_number(cells[column].strip()) for column in mine]):
                for place in places:
                    reading.said[place] = reading.said.get(place, frozenset()) | labels
                    reading.line_of.setdefault(place, line - added)


def _are_one(places: Sequence[int], pictures: Sequence[str]) -> bool:
    """Tell whether pictures are of one name in folders of one name: copies, where a set stands in itself."""
    return len({tuple(pictures[place].split("/")[-2:]) for place in places}) == 1


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row below the header that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    is_header = True
    for cells in reader:
        if any(cell.strip() for cell in cells):
            if not is_header:
                yield reader.line_num, cells
            is_header = False


def _labels(candidate: Candidate, cells: list[str]) -> frozenset[str]:
    if candidate.is_hot:
        found = frozenset(name for name, cell in zip(candidate.columns, cells, strict=True) if truth_of(cell) == "1")
        return found or frozenset({candidate.zeros} if candidate.zeros and any(cells) else ())
    return frozenset(parts_of(cells[0], candidate.separator))


def _are_alike(one: Reading, other: Reading) -> bool:
    """Tell whether two readings give labels of the same kind: names that both use, or codes of columns called alike."""
    mine, theirs = ({_key(label) for said in each.said.values() for label in said} for each in (one, other))
    if all(map(_CODE.fullmatch, mine | theirs)):
        is_named_alike = _without_number(one) == _without_number(other)
        return is_named_alike or (one.look is not other.look and one.candidate.is_label and other.candidate.is_label)
    return len(mine & theirs) >= 2


def _without_number(reading: Reading) -> list[str]:
    """Return how columns are called but for a reader's number or letter."""
    return [re.sub(r"\d+|\b[a-z]\b", "", alike_key(column)) for column in reading.candidate.columns]


def _named(reading: Reading) -> str:
    return f"{reading.column} of {reading.table}"


def _words(reading: Reading, place: int) -> str:
    return " and ".join(repr(label[:40]) for label in sorted(reading.said[place])) or "none"


def _keys(labels: frozenset[str]) -> set[str]:
    return {_key(label) for label in labels}


@lru_cache(4096)
def _key(label: str) -> str:
    """Return what two spellings of a label share."""
    return label if _CODE.fullmatch(label) else alike_key(label) or label.casefold()
