"""Tables and lists of names whose own names are the classes: pneumonia.txt and normal.txt, COVID.csv and Normal.csv."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from chestbench.catalog.override import value_line
from chestbench.catalog.tables.columns.exclusion_words import says_left_out
from chestbench.catalog.tables.columns.id_rows import cells_of
from chestbench.catalog.tables.columns.look import Look
from chestbench.catalog.tables.columns.picture_index import PictureIndex
from chestbench.catalog.tables.looks.table_looks import tables_in_settings
from chestbench.catalog.tables.reading.headless import table_text_of
from chestbench.catalog.tables.reading.table import OWN_NAME, own_name
from chestbench.catalog.tables.words.part_words import parts_in_name
from chestbench.datasets.archive import Archive

_MOST_CLASSES, _FEWEST, _NEARLY = 20, 2, 0.9


def lines_of_class_lists(
    archive: Archive,
    groups: Mapping[tuple[str, ...], Sequence[str]],
    looks: Mapping[tuple[str, ...], Sequence[Look]],
    members: list[str],
    pictures: list[str],
) -> Iterator[str]:
    """Yield the line for tables of one header that name other pictures each, by the tables' names.

    Args:
        archive: holds them.
        groups: header -> tables, of which no column is a class.
        looks: header -> the looks at them, none where they have one column only.
        members: all names.
        pictures: that they may name.

    Raises:
        ChestbenchError: a table is damaged or no text.
    """
    index = PictureIndex(pictures)
    for header, tables in groups.items():
        named = [table for table in tables if not _says_part(own_name(table))]
        if not _FEWEST <= len(named) <= _MOST_CLASSES or OWN_NAME in header:
            continue
        look = next(iter(looks.get(header, ())), None)
        if (look is None and len(header) > 1) or (look and not (look.ids.is_sure and look.ids.is_by_picture)):
            continue
        column = look.id if look else header[0]
        found = {table: _named(archive, table, column, look.ids.find if look else index.find) for table in named}
        found = {table: places for table, places in found.items() if len(places) >= _FEWEST}
        counts: dict[str, int] = {}
        for table, places in found.items():
            counts[own_name(table)] = counts.get(own_name(table), 0) + len(places)
        if len(counts) < _FEWEST or len(set().union(*found.values())) < sum(map(len, found.values())):
            continue
        settings = {**(look.settings if look else {"id": column}), **tables_in_settings(list(found), members)}
        settings = {"table": settings.pop("table"), **settings, "column": OWN_NAME, **(look.extras if look else {})}
        shown = ", ".join(f"{name} {count}" for name, count in counts.items())
        yield f"{value_line('dataset.labels', settings)} ({shown}, by the names of the tables)"


def _says_part(name: str) -> bool:
    return bool(parts_in_name(name)[0]) or says_left_out(name)


def _named(archive: Archive, table: str, column: str, find: Callable[[str], list[int]]) -> set[int]:
    """Return the places of the pictures that a column names; none where it names other things too."""
    text, _ = table_text_of(archive, table, "dataset.labels.table", is_used=False)
    cells = [cell for (cell,) in cells_of(text, column) if cell]
    places = [find(cell.replace("\\", "/").removeprefix("./")) for cell in cells]
    one_each = [some[0] for some in places if len(some) == 1]
    return set(one_each) if len(one_each) >= _NEARLY * len(cells) else set()
