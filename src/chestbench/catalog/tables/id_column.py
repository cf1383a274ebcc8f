"""Which column of a table names the pictures, and how its cells find them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from chestbench.catalog.tables.outside_paths import end_of, is_outside, parts_to_keep, pattern_of_end
from chestbench.catalog.tables.picture_index import PictureIndex

# A column names the pictures where so many of its different cells, or of the pictures, are matched.
_ENOUGH = 0.3
# A column of so many cells, of which such a share differs, may be one of ids.
_FEWEST, _UNIQUE = 3, 0.9


@dataclass(frozen=True)
class Column:
    """A column: its name, its different cells with their rows, and the rows where it is blank."""

    name: str
    cells: Counter[str]
    blank: int


@dataclass(frozen=True)
class Ids:
    """The column of ids.

    Attributes:
        column: it.
        find: cell -> places of its pictures.
        is_by_picture: whether the ids are those of pictures; else of patients or studies.
        is_sure: whether the ids are names; else their numbers are those of some of the names only.
        id_pattern: dataset.labels.id_pattern where the ids are ends of paths of another machine, else "".
    """

    column: Column
    find: Callable[[str], list[int]]
    is_by_picture: bool = True
    is_sure: bool = True
    id_pattern: str = ""


def find_ids(columns: list[Column], pictures: list[str]) -> Ids | None:
    """Return the column whose cells name most pictures; of paths of another machine (/home/kim/1.png), their ends.

    Args:
        columns: of a table.
        pictures: N paths; places are of these.
    """
    index = PictureIndex(pictures)
    found = _by_names(columns, index, pictures)
    for column in columns:
        may_replace = found is None or found.column is column or not (found.is_by_picture and found.is_sure)
        if may_replace and (ids := _by_ends(column, index, pictures)):
            return ids
    return found


def _by_ends(column: Column, index: PictureIndex, pictures: list[str]) -> Ids | None:
    """Return a column of paths that are absolute, have a drive letter or climb, by what of their ends is enough."""
    outside = [cell for cell in column.cells if is_outside(cell)]
    parts = parts_to_keep(outside, index, pictures) if outside else 0
    if not parts or sum(bool(index.find(end_of(cell, parts))) for cell in outside) < _ENOUGH * len(column.cells):
        return None
    return Ids(column, lambda cell: index.find(end_of(cell, parts)), id_pattern=pattern_of_end(parts))


def _by_names(columns: list[Column], index: PictureIndex, pictures: list[str]) -> Ids | None:
    """Return the column whose cells name most pictures, as `match_ids` would match them; None where none names enough.

    Args:
        columns: of a table.
        index: of the pictures.
        pictures: N paths; places are of these.
    """
    matched = {column.name: _matched(column, index) for column in columns}
    if by_number := next(
        (ids for column in columns if (ids := _all_by_number(column, matched, index, pictures))), None
    ):
        return by_number
    if any(matched.values()):
        best, find = _best(columns, matched, len(pictures)), lambda cell: index.find(_cleaned(cell))
        if best:
            return Ids(best, find)
    elif ids := _below_other_folders(columns, index):
        return ids
    elif best := _best(columns, {one.name: _of_patients(one, index, len(pictures)) for one in columns}, len(pictures)):
        return Ids(best, index.below, is_by_picture=False)
    elif ids := _patients_by_number(columns, index):
        return ids
    numbered = {column.name: _some_by_number(column, index) for column in columns}
    best = _best(columns, {name: len(place_of) for name, place_of in numbered.items()}, len(pictures))
    return Ids(best, _finder(numbered[best.name]), is_sure=False) if best else None


def _matched(column: Column, index: PictureIndex) -> int:
    return sum(bool(index.find(_cleaned(cell))) for cell in column.cells)


def _all_by_number(column: Column, matched: dict[str, int], index: PictureIndex, pictures: list[str]) -> Ids | None:
    """Return a column whose cells mean all pictures, one each, but for zeros before numbers."""
    count = len(pictures)
    if not len(column.cells) == count > matched[column.name] or count in matched.values():
        return None
    found = index.by_number(column.cells)
    return Ids(column, _finder(found)) if len(found) == count else None


def _best(columns: list[Column], matched: dict[str, int], pictures: int) -> Column | None:
    """Return the column of most matches, None where they are too few to be meant."""
    best = max(columns, key=lambda column: matched[column.name], default=None)
    if best is None or not matched[best.name] or matched[best.name] < _ENOUGH * min(pictures, len(best.cells)):
        return None
    return best


def _some_by_number(column: Column, index: PictureIndex) -> dict[str, int]:
    """Return the cells of a column of ids, hardly any of which comes twice, that are numbers of pictures' names."""
    return index.by_number(column.cells) if _are_ids(column) else {}


def _are_ids(column: Column) -> bool:
    return len(column.cells) >= max(_FEWEST, _UNIQUE * sum(column.cells.values()))


def _below_other_folders(columns: list[Column], index: PictureIndex) -> Ids | None:
    """Return a column of paths that begin with folders of another copy of the set."""
    for column in columns:
        paths = [cell for cell in column.cells if "/" in cell or "\\" in cell]
        if 2 * len(paths) > len(column.cells) and (dropped := index.folders_to_drop(map(_cleaned, paths))):
            find = _without_folders(index, dropped)
            if sum(bool(find(cell)) for cell in column.cells) >= _ENOUGH * len(column.cells):
                return Ids(column, find)
    return None


def _patients_by_number(columns: list[Column], index: PictureIndex) -> Ids | None:
    """Return a column whose cells are all patients' folders (or beginnings of names) but for zeros before numbers."""
    for column in columns:
        found = index.below_number(column.cells) if _are_ids(column) else {}
        if found and len(found) == len(column.cells):
            return Ids(column, _below(index, found), is_by_picture=False)
    return None


def _below(index: PictureIndex, folder_of: dict[str, str]) -> Callable[[str], list[int]]:
    return lambda cell: index.below(folder_of[cell]) if cell in folder_of else []


def _without_folders(index: PictureIndex, dropped: int) -> Callable[[str], list[int]]:
    return lambda cell: index.find("/".join(_cleaned(cell).split("/")[dropped:]))


def _cleaned(cell: str) -> str:
    return cell.replace("\\", "/").removeprefix("./")


def _finder(place_of: dict[str, int]) -> Callable[[str], list[int]]:
    return lambda cell: [place_of[cell]] if cell in place_of else []


def _of_patients(column: Column, index: PictureIndex, pictures: int) -> int:
    """Return how many cells name a folder, or the beginning of names, of few pictures: a patient's or a study's."""
    counts = [len(index.below(cell)) for cell in column.cells]
    return sum(count > 0 for count in counts) if counts and max(counts) <= pictures // 4 else 0
