"""The tables of dataset.labels: found, read, and matched with the pictures."""

import logging
from collections import Counter
from dataclasses import dataclass

from chestbench.catalog.folders.words.wording import listed
from chestbench.catalog.identity import shape_of
from chestbench.catalog.layout import may_be_picture
from chestbench.catalog.tables.columns.table_homes import match_tables
from chestbench.catalog.tables.labels.label_cells import CellReader
from chestbench.catalog.tables.labels.label_rows import Told, ids_in, read_rows
from chestbench.catalog.tables.reading.joined_tables import read_joined
from chestbench.catalog.tables.reading.sheet_choice import SeveralSheetsError, stated_sheets, unread_in_words
from chestbench.catalog.tables.reading.table import MissingColumnsError, Table, find_table, near_name, read_table
from chestbench.catalog.tables.words.labels_line import labels_line, renamed
from chestbench.core.config import Dataset, Labels
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LabelTables:
    """What the tables say of the members.

    Attributes:
        tables: in the order of dataset.labels.table.
        cells: reads the class columns; None where the class is said elsewhere.
        members: M members that may have a row.
        keys: of these members.
        pictures: keys of members that pose as pictures.
        said: key -> what the rows say.
        in_several: keys that several tables with a class name.
        other_files: members left aside that do not pose as pictures.
        notes: counts for the report.
        unread: sentences on sheets of these workbooks that are not read.
    """

    tables: list[Table]
    cells: CellReader | None
    members: list[str]
    keys: list[str]
    pictures: set[str]
    said: dict[str, Told]
    in_several: set[str]
    other_files: int
    notes: dict[str, int]
    unread: list[str]


def read_label_tables(archive: Archive, members: list[str], dataset: Dataset) -> LabelTables:
    """Read the tables of dataset.labels and match their ids with the members.

    Raises:
        ChestbenchError: see `read_labels`.
    """
    settings = dataset.labels
    assert settings is not None
    tables = _open(archive, settings)
    where = " and ".join(table.name for table in tables)
    ids, without_id = _ids(tables, settings)
    classes = set(settings.class_columns)
    with_class = [table for table in tables if classes <= set(table.columns)]
    if not any(ids):
        raise _no_ids(tables[0], settings)
    keys = match_tables(archive, members, [table.member for table in tables], ids, settings)
    kept = [place for place, key in enumerate(keys.of_member) if key]
    left = Counter(may_be_picture(member) for member, key in zip(members, keys.of_member, strict=True) if not key)
    members, member_keys = [members[place] for place in kept], [keys.of_member[place] for place in kept]
    pictures = {key for member, key in zip(members, member_keys, strict=True) if may_be_picture(member)}
    # An id of two tables that means one picture (or none) counts once.
    meant = {(key, found) for (_, found), key in keys.of_id.items()}
    unmatched = [one for one, key in keys.of_id.items() if key not in pictures]
    missing = len({(keys.of_id[one], one[1]) for one in unmatched})
    if missing == len(meant):
        raise ChestbenchError(
            f"dataset.labels: expected the same ids in {where} and in the pictures' paths, found none in common: "
            f"the table's look like {shape_of(next(found for some in ids for found in some))!r}, the paths' like "
            f"{_picture_shape(members, settings, pictures)!r}; correct id, id_pattern or member_pattern"
        )
    if unmatched:
        number, found = unmatched[0]
        logger.warning(
            "%s: %d ids have no picture, such as the one in line %d", tables[number].name, missing, ids[number][found]
        )
    if without_id:
        why = (
            "no id that dataset.labels.id_pattern finds"
            if settings.id_pattern
            else f"nothing in the column {settings.id!r}"
        )
        logger.warning("%s: %d rows have %s", where, without_id, why)
    cells = CellReader(with_class, settings, dataset.class_names, dataset.classes) if classes else None
    said = read_rows(tables, settings, cells, lambda number, found: keys.of_id[number, found])
    with_key = {(key, number) for (number, _), key in keys.of_id.items() if tables[number] in with_class}
    by_table = Counter(key for key, _ in with_key)
    in_several = {key for key, count in by_table.items() if count > 1}
    notes = {
        "label_ids_without_picture": missing,
        "label_rows_without_id": without_id,
        "unlabelled_pictures": left[True],
    }
    notes = {key: count for key, count in notes.items() if count}
    unread = unread_in_words(archive, [table.member for table in tables])
    for text in unread:
        logger.warning("%s", text)
    return LabelTables(tables, cells, members, member_keys, pictures, said, in_several, left[False], notes, unread)


def _ids(tables: list[Table], settings: Labels) -> tuple[list[dict[str, int]], int]:
    """Return for each table id -> line of its first row, and how many rows have none."""
    ids: list[dict[str, int]] = []
    without_id = 0
    for table in tables:
        ids.append({})
        for line, found, _ in ids_in(table, settings):
            without_id += not found
            if found:
                ids[-1].setdefault(found, line)
    return ids, without_id


def _open(archive: Archive, settings: Labels) -> list[Table]:
    patterns, wanted = settings.table or [], [*settings.class_columns, *settings.extras]
    first = [settings.id or ""]
    stated: list[str] = []
    if settings.sheet:
        named = [find_table(archive, pattern, "dataset.labels") for pattern in patterns]
        stated = stated_sheets(archive, list(dict.fromkeys(named)), settings.sheet)
    pairs = [("", member) for member in stated] or [(pattern, "") for pattern in patterns]
    try:
        if len(pairs) == 1:
            ((pattern, member),) = pairs
            columns = list(dict.fromkeys([*first, *wanted]))
            return [read_table(archive, pattern, columns, "dataset.labels", of=member)]
        tables = read_joined(archive, pairs, settings)
    except SeveralSheetsError as error:
        lines = [labels_line(settings, sheet=name) for name in error.sheets]
        together = labels_line(settings, sheet=error.sheets)
        raise ChestbenchError(f"{error}; one of them: {' or '.join(lines)}; all, one after the other: {together}"
                              ) from None  # fmt: skip
    except MissingColumnsError as error:
        if len(error.near) < len(error.missing):
            raise
        raise ChestbenchError(f"{error} {labels_line(renamed(settings, error.near))}") from None
    everywhere = {column for table in tables for column in table.columns}
    names = listed([table.name for table in tables])
    for column in wanted:
        if column not in everywhere:
            near = near_name(column, [other for table in tables for other in table.others])
            raise ChestbenchError(
                f"dataset.labels: expected the column {column!r} in one of {names}, found it in none; "
                + (f"did you mean {near!r}?" if near else "correct the name")
            )
    for table in tables:
        mine = set(table.columns)
        classes = [column for column in settings.class_columns if column in mine]
        if classes and len(classes) < len(settings.class_columns):
            missing = [column for column in settings.class_columns if column not in mine]
            raise ChestbenchError(
                f"dataset.labels.one_hot: expected all of its columns in a table or none, found no "
                f"{listed(missing)} in {table.name}; correct the names, or leave the table out"
            )
        if not classes and not mine & set(settings.extras):
            raise ChestbenchError(
                f"dataset.labels.table: expected tables with a column that dataset.labels names, received "
                f"{table.name}, whose other columns are {listed(list(table.others))}; name one of them, or leave "
                "the table out"
            )
    if settings.class_columns and not any(set(settings.class_columns) <= set(table.columns) for table in tables):
        raise ChestbenchError(
            f"dataset.labels: expected one table with all of {listed(settings.class_columns)}, found none among "
            f"{names}; correct the names"
        )
    return tables


def _no_ids(table: Table, settings: Labels) -> ChestbenchError:
    if not settings.id_pattern:
        return ChestbenchError(
            f"dataset.labels.id: expected a column of ids in {table.name}, received {settings.id!r}, which is empty in "
            "every row; name the column that holds them"
        )
    text = table.rows[0][1][table.columns.index(settings.id or "")]
    return ChestbenchError(
        f"dataset.labels.id_pattern: expected a pattern that finds an id in the column {settings.id!r} of "
        f"{table.name}, received {settings.id_pattern!r}, which finds none; its texts look like {shape_of(text)!r}"
    )


def _picture_shape(members: list[str], settings: Labels, pictures: set[str]) -> str:
    key = min(pictures) if pictures else members[0] if members else ""
    return shape_of(key if settings.member_pattern else key.rpartition("/")[2].lstrip("\1"))
