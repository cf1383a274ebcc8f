"""Which column of a table names the pictures, and how its cells find them."""

from collections import Counter
from collections.abc import Callable, Set
from dataclasses import dataclass

from chestbench.catalog.tables.columns.id_choice import Fit, likeliest
from chestbench.catalog.tables.columns.outside_paths import end_of, is_outside, parts_to_keep, pattern_of_end
from chestbench.catalog.tables.columns.picture_index import PictureIndex
from chestbench.catalog.tables.columns.uploaded_names import pattern_of_stems, pattern_of_upload, uploaded

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
        is_number: whether the ids are the pictures' numbers without the zeros before them.
    """

    column: Column
    find: Callable[[str], list[int]]
    is_by_picture: bool = True
    is_sure: bool = True
    id_pattern: str = ""
    is_number: bool = False


def find_ids(columns: list[Column], pictures: list[str]) -> list[Ids]:
    """Return the columns whose cells name pictures, the likeliest first; several where it is open which is meant.

    Of paths of another machine (/home/kim/1.png) their ends are taken.

    Args:
        columns: of a table.
        pictures: N paths; places are of these.
    """
    index = PictureIndex(pictures)
    found = _by_names(columns, index, pictures)
    names = {ids.column.name for ids in found}
    is_certain = any(ids.is_by_picture and ids.is_sure and not ids.is_number for ids in found)
    of_ends = [
        (ids, sum(bool(ids.find(cell)) for cell in column.cells))
        for column in columns
        if (not is_certain or column.name in names) and (ids := _by_ends(column, index, pictures, column.name in names))
    ]
    return _likeliest(of_ends, pictures) if of_ends else found


def _by_ends(column: Column, index: PictureIndex, pictures: list[str], is_found: bool) -> Ids | None:
    """Return a column of other machines' paths, of names as tools write them, or (unless found) of texts with names."""
    outside = [cell for cell in column.cells if is_outside(cell)]
    parts = parts_to_keep(outside, index, pictures) if outside else 0
    if not parts or sum(bool(index.find(end_of(cell, parts))) for cell in outside) < _ENOUGH * len(column.cells):
        pattern = pattern_of_upload(column.cells, index)
        pattern = pattern or ("" if is_found else pattern_of_stems(column.cells, index, pictures))
        return Ids(column, lambda cell: uploaded(cell, pattern, index), id_pattern=pattern) if pattern else None
    return Ids(column, lambda cell: index.find(end_of(cell, parts)), id_pattern=pattern_of_end(parts))


def _by_names(columns: list[Column], index: PictureIndex, pictures: list[str]) -> list[Ids]:
    """Return the columns whose cells name enough pictures, as `match_ids` would match them."""
    matched = {column.name: _matched(column, index) for column in columns}

    def by_name(cell: str) -> list[int]:
        return index.find(_cleaned(cell))

    found = [
        (Ids(column, by_name), matched[column.name])
        for column in columns
        if _is_enough(column, matched[column.name], pictures)
    ]
    found += [
        (ids, len(ids.column.cells)) for column in columns if (ids := _all_by_number(column, matched, index, pictures))
    ]
    if found or any(matched.values()):
        if found:
            return _likeliest(found, pictures)
    elif ids := _below_other_folders(columns, index):
        return [ids]
    elif people := [
        (Ids(column, index.below, is_by_picture=False), count)
        for column in columns
        if _is_enough(column, count := _of_patients(column, index, len(pictures)), pictures)
    ]:
        return _likeliest(people, pictures)
    elif ids := _patients_by_number(columns, index):
        return [ids]
    numbered = {column.name: _some_by_number(column, index) for column in columns}
    return _likeliest(
        [
            (Ids(column, _finder(place_of), is_sure=False), len(place_of))
            for column in columns
            if _is_enough(column, len(place_of := numbered[column.name]), pictures)
        ],
        pictures,
    )


def _likeliest(found: list[tuple[Ids, int]], pictures: list[str]) -> list[Ids]:
    """Return the columns that may be meant, see `likeliest`, of those with how many of their cells mean pictures."""
    files = {picture.rpartition("/")[2] for picture in pictures} if len(found) > 1 else set()
    fits = [_fit(ids, matched, files) for ids, matched in found] if len(found) > 1 else []
    return [found[place][0] for place in likeliest(fits)] if fits else [ids for ids, _ in found]


def _fit(ids: Ids, matched: int, files: Set[str]) -> Fit:
    """Judge how exactly a column fits; its cells are looked up once more, where several columns fit only."""
    ends = [_cleaned(cell).rpartition("/")[2] for cell in ids.column.cells]
    level = 1 if ids.is_number else 3 if 2 * sum(end in files for end in ends) > matched else 2
    several = sum(len(ids.find(cell)) > 1 for cell in ids.column.cells) if ids.is_by_picture else 0
    return Fit(ids.column.name, matched, level, 2 * several <= matched, ids.is_by_picture)


def _matched(column: Column, index: PictureIndex) -> int:
    return sum(bool(index.find(_cleaned(cell))) for cell in column.cells)


def _all_by_number(column: Column, matched: dict[str, int], index: PictureIndex, pictures: list[str]) -> Ids | None:
    """Return a column whose cells mean all pictures, one each, but for zeros before numbers."""
    count = len(pictures)
    if not len(column.cells) == count > matched[column.name]:
        return None
    found = index.by_number(column.cells)
    return Ids(column, _finder(found), is_number=True) if len(found) == count else None


def _is_enough(column: Column, matched: int, pictures: list[str]) -> bool:
    """Tell whether so many matches are more than chance."""
    return matched > 0 and matched >= _ENOUGH * min(len(pictures), len(column.cells))


def _some_by_number(column: Column, index: PictureIndex) -> dict[str, int]:
    """Return the cells of a column of ids, hardly any of which comes twice, that are numbers of pictures' names."""
    return index.by_number(column.cells) if are_ids(column) else {}


def are_ids(column: Column) -> bool:
    """Tell whether hardly any cell of a column comes twice."""
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
        found = index.below_number(column.cells) if are_ids(column) else {}
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
