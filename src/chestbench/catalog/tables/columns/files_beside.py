"""Columns that seem to name files beside the one whose numbers are taken for the files': they must be told of."""

from collections.abc import Sequence

from chestbench.catalog.tables.columns.id_column import Column, Ids, are_ids
from chestbench.catalog.tables.words.id_words import FILE, trust_in
from chestbench.catalog.tables.words.picture_endings import has_picture_ending


def files_beside(columns: Sequence[Column], ids: Ids) -> tuple[str, ...]:
    """Return the columns that seem to name files beside one that is taken for the files' numbers: a text for each row.

    Called so (image, file), or with endings of pictures.
    """
    return tuple(
        column.name
        for column in (columns if ids.is_number or not ids.is_sure else ())
        if column is not ids.column and are_ids(column) and _seems_to_name_files(column)
    )


def _seems_to_name_files(column: Column) -> bool:
    return trust_in(column.name) == FILE or 2 * sum(map(has_picture_ending, column.cells)) > len(column.cells)
