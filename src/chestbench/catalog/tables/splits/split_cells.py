"""What a column says of the split: words, codes (0, 1, 2) or flags ("is_test")."""

from collections.abc import Mapping

from chestbench.catalog.folders.words.split_vocabulary import (
    ELSEWHERE_WORDS,
    TEST,
    TRAIN,
    VAL,
    WEAK_SPLIT_WORDS,
    is_development_word,
    split_tokens,
    split_word,
)
from chestbench.catalog.tables.columns.exclusion_words import says_left_out
from chestbench.catalog.tables.columns.hot_columns import truth_of
from chestbench.catalog.tables.words.column_words import key_of
from chestbench.catalog.tables.words.empty_words import says_nothing
from chestbench.catalog.tables.words.part_words import part_of_cell

NAMES = ("train", "val", "test")
# Columns that surely say a split, whatever stands in them; "set", "group" and "cohort" may hold anything.
_SPLIT_NAMES = ("split", "partition", "usage", "subset", "tvt", "traintest", "trainortest", "trainvaltest")
# What may stand in a flag's name beside its part.
_FLAG_WORDS = {
    "is",
    "in",
    "isin",
    "flag",
    "for",
    "of",
    "use",
    "used",
    "set",
    "split",
    "data",
    "sample",
    "subset",
    "the",
}
# Alone, these say that a picture can be used, or that a person was tested.
_OTHER_FLAGS = {"valid", "validated", "validation", "test", "tested", "testing", "tests", "fit", "learning"}
# Codes in their order, and the parts they stand for.
_CODES = {
    ("0", "1"): (TRAIN, TEST),
    ("1", "2"): (TRAIN, TEST),
    ("0", "1", "2"): (TRAIN, VAL, TEST),
    ("1", "2", "3"): (TRAIN, VAL, TEST),
}
_MOST_CELLS = 40
_UNUSED = {"unused", "not", "used", "no", "none", "unassigned", "extra", "other", "others", "rest", "unlabeled"}


def parts_of_cells(column: str, cells: Mapping[str, int]) -> dict[str, int] | None:
    """Return cell -> part (0 train, 1 val, 2 test) of a column that is a split; None for other columns.

    Words in any usual spelling; "development" is train where no cell says train, "external validation" is test beside
    train. Short words (tr, te) count together, or in a column called split. Codes count in a column called so, where
    the first code has half of the rows at least: 0, 1 and 2 are train, val and test, two codes train and test. A flag
    ("is_test", "in_train", "train") puts its part on one side, and on the other train, or test beside train.
    Cells that say nothing, or that a picture is unused, are in no part and not in the mapping.

    Args:
        column: its name.
        cells: cell -> rows.

    Example:
        >>> parts_of_cells("Usage", {"Training": 9, "PublicTest": 2, "PrivateTest": 2})
        {'Training': 0, 'PublicTest': 2, 'PrivateTest': 2}
        >>> parts_of_cells("split", {"0": 8, "1": 2}), parts_of_cells("is_test", {"True": 2, "False": 8})
        ({'0': 0, '1': 2}, {'True': 2, 'False': 0})
        >>> parts_of_cells("set", {"0": 8, "1": 2}), parts_of_cells("split", {"a": 8, "b": 2})
        (None, None)
    """
    told = {cell: count for cell, count in cells.items() if not says_nothing(cell)}
    if not 2 <= len(told) <= _MOST_CELLS:
        return None
    return _by_words(column, told) or _by_codes(column, told) or _by_flag(column, told)


def is_split_name(column: str) -> bool:
    """Tell whether a column is called so that it says a split, whatever its cells are."""
    key = key_of(column)
    return any(key.startswith(name) or key.endswith(name) for name in _SPLIT_NAMES)


def flagged_part(column: str) -> int | None:
    """Return the part that a flag's name says ("is_test", "split_train"), None for other names."""
    words = split_tokens(column)
    parts = [part for word in words if (part := split_word(word)) is not None]
    others = [word for word in words if split_word(word) is None]
    if len(parts) != 1 or not set(others) <= _FLAG_WORDS or (len(words) == 1 and words[0] in _OTHER_FLAGS):
        return None
    return parts[0]


def mapping_in_words(parts: Mapping[str, int], cells: Mapping[str, int]) -> str:
    """Return "0 is train (24), 1 is test (12)"."""
    return ", ".join(f"{cell} is {NAMES[part]} ({cells[cell]:,})" for cell, part in sorted(parts.items()))


def are_plain(parts: Mapping[str, int]) -> bool:
    """Tell whether each cell says its part itself, so that the mapping is worth no word."""
    return all(part_of_cell(cell) == part for cell, part in parts.items())


def _by_words(column: str, cells: Mapping[str, int]) -> dict[str, int] | None:
    parts = {cell: part_of_cell(cell) for cell in cells}
    short = {cell: WEAK_SPLIT_WORDS.get(cell.casefold()) for cell, part in parts.items() if part is None}
    if TRAIN in {*parts.values(), *short.values()} and (
        is_split_name(column) or {TRAIN, TEST} <= {*parts.values(), *short.values()}
    ):
        parts |= short
    found = {cell: part for cell, part in parts.items() if part is not None}
    if not all(cell in found or _is_unused(cell) for cell in cells):
        return None
    if TRAIN not in found.values():
        found = {cell: TRAIN if _has(cell, development=True) else part for cell, part in found.items()}
    if TRAIN in found.values():
        found = {cell: TEST if part == VAL and _has(cell) else part for cell, part in found.items()}
    return found if TRAIN in found.values() and len(set(found.values())) > 1 else None


def _is_unused(cell: str) -> bool:
    """Tell whether a cell says that its picture is in no part: "excluded", "not used"."""
    return says_left_out(cell) or all(word in _UNUSED for word in split_tokens(cell))


def _has(cell: str, development: bool = False) -> bool:
    """Tell whether a cell holds a word of data from elsewhere, or one of development."""
    return any(is_development_word(word) if development else word in ELSEWHERE_WORDS for word in split_tokens(cell))


def _by_codes(column: str, cells: Mapping[str, int]) -> dict[str, int] | None:
    codes = tuple(sorted(cells))
    parts = _CODES.get(codes)
    if parts is None or not is_split_name(column) or 2 * cells[codes[0]] < sum(cells.values()):
        return None
    if flagged_part(column) is not None:  # "split_train": 1 is train
        return None
    return dict(zip(codes, parts, strict=True))


def _by_flag(column: str, cells: Mapping[str, int]) -> dict[str, int] | None:
    part = flagged_part(column)
    if part is None or {truth_of(cell) for cell in cells} != {"0", "1"}:
        return None
    other = TEST if part == TRAIN else TRAIN
    return {cell: part if truth_of(cell) == "1" else other for cell in cells}
