"""What tables of one header are seen to hold: ids, classes, patients, a split, folds, exclusions."""

from dataclasses import dataclass
from typing import Any

from chestbench.catalog.tables.columns.hot_columns import HotRows
from chestbench.catalog.tables.columns.id_column import Column, Ids
from chestbench.catalog.tables.words.id_words import FILE, NEVER, trust_in
from chestbench.catalog.tables.words.picture_endings import has_picture_ending


@dataclass(frozen=True)
class Look:
    """What tables of one header are seen to hold.

    Attributes:
        settings: table, id and, where needed, id_pattern of dataset.labels.
        extras: its keys patient, study, split and strata, as far as there are such columns.
        rest: columns that are none of these and do not say the same in every row.
        folds: columns that number the folds of a cross-validation.
        tables: the members.
        ids: the column that names the pictures.
        constant: columns that are called like a class and say the same in every row.
        hot: columns of `rest` of 0 and 1, two or more.
        hot_rows: what their rows say together.
        rivals: other columns that fit the pictures' names as well, and mean others.
        open_splits: columns that seem to say a split, and do not say which part is which.
        split_note: which cell is which part, in words, where the cells do not say so themselves.
        files: columns that seem to name files, and do not fit the pictures' names as they are written.
        exclusions: columns that say which pictures were left out, which are never classes.
    """

    settings: dict[str, Any]
    extras: dict[str, Any]
    rest: list[Column]
    folds: list[Column]
    tables: list[str]
    ids: Ids
    constant: list[Column]
    hot: list[Column]
    hot_rows: HotRows
    rivals: tuple[str, ...] = ()
    open_splits: tuple[Column, ...] = ()
    split_note: str = ""
    exclusions: tuple[Column, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The column that names the pictures."""
        return str(self.settings["id"])

    @property
    def doubt(self) -> str:
        """What speaks against the column that names the pictures, as the end of a sentence; "" for nothing."""
        name = self.id
        if self.rivals:
            others = " and ".join(map(repr, self.rivals))
            return (
                f"the pictures are found by the column {name!r}; {others} would find others for the same rows: see "
                "which of them is the file's name"
            )
        if self.ids.is_number and trust_in(name) != FILE:
            return (
                f"the pictures are found by the numbers in the column {name!r}, but for zeros before them: see that it "
                "numbers the files, not the rows or anything else" + self._files_beside()
            )
        cells = self.ids.column.cells
        are_files = 2 * sum(map(has_picture_ending, cells)) > len(cells)
        if self.ids.is_by_picture and trust_in(name) == NEVER and not (are_files or self.ids.id_pattern):
            return (
                f"the pictures are found by the column {name!r}, by its name a count, an age, a date or a measure "
                "rather than the file's name: see that it is the file's name"
            )
        return ""

    def _files_beside(self) -> str:
        if not self.files:
            return ""
        return (
            f"; {' and '.join(map(repr, self.files))} may name them, in a spelling that no picture has: if so, write "
            "what the pictures are called there, or give dataset.labels an id_pattern, and take it as the id"
        )
