"""Pictures that a column or a list of the set says were left out, and that a run would take."""

import logging
import re
from collections.abc import Iterable, Sequence

from chestbench.catalog.layout import may_be_picture
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.columns.exclusion_words import has_left_out_column, left_out_cells, says_left_out
from chestbench.catalog.tables.columns.picture_index import PictureIndex
from chestbench.catalog.tables.looks.suggestions import tables_by_header
from chestbench.catalog.tables.looks.table_looks import looks_at
from chestbench.catalog.tables.splits.list_files import LIST_ENDINGS, ListFile
from chestbench.catalog.tables.splits.list_lines import read_lines
from chestbench.catalog.tables.unused.split_compare import rows_of
from chestbench.catalog.tables.words.part_words import TRAIN
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)

# So many paths stand in the line.
_MOST_IN_LINE = 40
_MOST_LISTS = 20


def point_out_exclusions(archive: Archive, members: Sequence[str], pictures: Sequence[str]) -> list[str]:
    """Say which pictures a column ("exclude") or list ("bad_images.txt") says were left out, with the line that does.

    Args:
        archive: holds the tables and lists.
        members: those that dataset.exclude leaves.
        pictures: those that are read.

    Returns:
        A sentence for each column and list.
    """
    posing = [member for member in pictures if may_be_picture(member)]
    if not posing:
        return []
    tables = _tables(archive, members)
    lists = [member for member in members if member not in {table for some in tables for table in some}]
    found = [*_of_lists(archive, lists, posing), *_of_columns(archive, tables, members, posing)]
    for text in found:
        logger.warning("%s", text)
    return found


def _of_lists(archive: Archive, members: Sequence[str], pictures: list[str]) -> Iterable[str]:
    index = None
    named = [member for member in members if member.lower().endswith(LIST_ENDINGS)]
    named = [member for member in named if says_left_out(member.rpartition("/")[2].rpartition(".")[0])]
    for member in named[:_MOST_LISTS]:
        index = index or PictureIndex(pictures)
        try:
            reading = read_lines(archive, ListFile(member, frozenset({TRAIN}), (), False), index, pictures)
        except ChestbenchError:
            continue  # none of these pictures, or of several: nothing to leave out
        if reading and reading.places:
            yield _sentence(f"{member} lists", [pictures[place] for place in reading.places])


def _tables(archive: Archive, members: Sequence[str]) -> list[list[str]]:
    """Return the tables of one header that have a column which may say what was left out."""
    groups, _, _ = tables_by_header(archive, list(members))
    return [tables for header, tables in groups.items() if has_left_out_column(header)]


def _of_columns(
    archive: Archive, groups: list[list[str]], members: Sequence[str], pictures: list[str]
) -> Iterable[str]:
    for tables in groups:
        try:
            look = next(iter(looks_at(archive, tables, list(members), pictures)), None)
        except ChestbenchError:
            continue  # said where tables are looked at
        for column in look.exclusions if look else ():
            cells = left_out_cells(column)
            rows = rows_of(archive, look, column.name) if look and look.ids.is_sure else []
            places = dict.fromkeys(place for _, places, cell in rows if cell in cells for place in places)
            if places:
                table = tables[0].rpartition("/")[2]
                what = f"{table}: by its column {column.name!r} ({', '.join(sorted(cells))})"
                yield _sentence(what, [pictures[place] for place in places], verb="were left out")


def _sentence(what: str, pictures: Sequence[str], verb: str = "as left out") -> str:
    count = f"{len(pictures):,} picture{'' if len(pictures) == 1 else 's'}"
    said = f"{what} {count} {verb}" if verb == "as left out" else f"{what} {count} {verb} by the set's authors"
    patterns = [re.sub(r"([*?[])", r"[\1]", picture) for picture in pictures]
    if len(patterns) <= _MOST_IN_LINE:
        return f"{said}, which a run takes all the same: {value_line('dataset.exclude', patterns)} leaves them out"
    some = value_line("dataset.exclude", patterns[:2])
    return (
        f"{said}, which a run takes all the same: dataset.exclude leaves out what it names; write all paths into "
        f"`exclude` of a file in conf/dataset/ (of two it would be {some})"
    )
