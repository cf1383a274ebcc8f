"""What columns and lists are called that say which pictures their authors left out."""

from collections import Counter
from collections.abc import Iterable

from chestbench.catalog.folders.words.split_vocabulary import split_word
from chestbench.catalog.folders.words.words import word_set, words_of
from chestbench.catalog.tables.columns.hot_columns import truth_of
from chestbench.catalog.tables.columns.id_column import Column
from chestbench.catalog.tables.words.empty_words import says_nothing

_LEFT_OUT = word_set(
    "exclude excluded excludes exclusion exclusions excl drop dropped remove removed removal discard discarded reject "
    "rejected rejects ignore ignored skip skipped bad corrupt corrupted broken damaged unusable invalid blacklist "
    "blacklisted outlier outliers blocklist unreadable duplicate duplicates dupe dupes duplikate doppelte duplicados "
    "doublons withdrawn withdrawal nondiagnostic ausgeschlossen ausschluss exclu exclus exclue excluir excluido "
    "excluidos excluida exclusao escluso esclusi uitgesloten wykluczone исключен исключено исключить исключения "
    "제외 排除 剔除 除外 haric dikeluarkan"
)
_KEPT = word_set("keep kept include included inclusion usable useable eingeschlossen inclus incluido incluso 포함 纳入")
_BESIDE = word_set(
    "is was to be should from of the image images img imgs picture pictures file files list lists name names quality "
    "flag sample samples case cases scan scans slice slices patient patients final bild bilder data dataset set v "
    "version reason reasons grund motivo why to"
)
_MARKS = {"x", "+", "✓", "✗", "*"}


def says_left_out(name: str) -> bool:
    """Tell whether a file's name says that what it lists was left out: "exclusions", "bad_images", "train_excluded".

    "labels_outliers_removed" lists what is left, and so may a name with any other word.
    """
    words = words_of(name)
    if "quality" in words and {"low", "poor"} & set(words):
        words = ("bad", *(word for word in words if word not in ("low", "poor")))
    others = [word for word in words if word not in _LEFT_OUT]
    say_nothing = all(word in _BESIDE or word.isdigit() or split_word(word) is not None for word in others)
    # "duplicates_to_remove" is one thing said twice; "outliers_removed" are gone.
    return 1 <= len(words) - len(others) <= 1 + ("to" in words) and say_nothing


def has_left_out_column(header: Iterable[str]) -> bool:
    """Tell whether a table has a column that may say which pictures were left out."""
    return any(left_out_cells(Column(name, Counter({"0": 1, "1": 1}), 0)) for name in header)


def left_out_cells(column: Column) -> frozenset[str]:
    """Return the cells of pictures that a column says were left out; none for other columns.

    A column called "exclude", "Excluded?" or "bad quality" with yes and no (or marks, or reasons, and blanks), or one
    called "keep" or "usable" with the other side.

    Example:
        >>> sorted(left_out_cells(Column("exclude", Counter({"yes": 3, "no": 9}), 0)))
        ['yes']
        >>> sorted(left_out_cells(Column("usable", Counter({"1": 9, "0": 3}), 0)))
        ['0']
    """
    words = [word for word in words_of(column.name) if word not in _BESIDE]
    wanted = {"1"} if words and all(word in _LEFT_OUT for word in words) else set()
    wanted = {"0"} if words and all(word in _KEPT for word in words) else wanted
    truths = {cell: truth_of(cell) or ("1" if cell.casefold() in _MARKS else "") for cell in column.cells}
    if wanted == {"1"} and column.blank and not set(truths.values()) & {"0", "1"}:  # a reason, or nothing
        return frozenset(cell for cell in column.cells if not says_nothing(cell))
    are_two = len(set(truths.values())) == 2 or (len(set(truths.values())) == 1 and column.blank)
    if not wanted or not are_two or not set(truths.values()) <= {"0", "1"}:
        return frozenset()
    return frozenset(cell for cell, truth in truths.items() if {truth} == wanted)
