"""What a run inferred from names and tables, in sentences: the keys of `Layout.said` and of a plan's notes."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from chestbench.catalog.folders.splits.folds import fold_words
from chestbench.catalog.folders.splits.name_splits import split_in_names
from chestbench.catalog.glance import Glance

MOST_NAMED = 12
# Told as classes, sources, patients or left out, or warned of.
_SAID_ELSEWHERE = {
    *("classes", "sources", "sources_at", "read_from", "split_honoured", "masks_beside_pictures", "why", "masks_line"),
    *("masks_usable", "patients", "patients_hint", "joined_by", "unused_tables", "second_labels", "empty_classes"),
    *("without_class", "derived", "unused_patient_column", "pictures_with_other_labels_besides", "outside_split"),
    *("label_ids_without_picture", "label_rows_without_id", "augmented_copies", "drawn_over", "drawn_over_others"),
    *("names_of_another_class", "unused_exclusions", "unread_texts"),
}


def sentences_of(found: Glance, without: AbstractSet[str] = frozenset()) -> list[str]:
    """Return what was inferred, a sentence for each, but for what stands elsewhere in a look.

    Args:
        found: what names and tables say.
        without: keys to leave out.
    """
    said = {**found.plan.layout.said, **dict(sorted(found.plan.notes.items()))}
    told = []
    for key, value in said.items():
        if value and key not in _SAID_ELSEWHERE and key not in without:
            told += _SENTENCES.get(key, _otherwise(key))(value, said)
    return told


def short(names: Sequence[str], most: int = MOST_NAMED) -> str:
    """Return names with commas, the first of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _level(value: Mapping[str, int], said: Mapping[str, Any]) -> list[str]:
    levels = short([f"{name} ({count:,})" for name, count in value.items()])
    return [f"folders are read as {levels}" + (f": {said['why']}" if said.get("why") else "")]


def _split_words(value: Mapping[str, str], said: Mapping[str, Any]) -> list[str]:
    words = short([f"{name} is {part}" for name, part in value.items()])
    return [f"the split is in the names of folders{'' if said.get('split_honoured') else ', and not used'}: {words}"]


def _split_column(value: Mapping[str, Any], _: Mapping[str, Any]) -> list[str]:
    counts = short([f"{part} {count:,}" for part, count in value["pictures"].items()])
    cells = short([f"{cell} is {part}" for cell, part in value.get("cells", {}).items()])
    return [f"the split is in the column {value['column']!r}{f' ({cells})' if cells else ''}: {counts}"]


def _split_lists(value: Mapping[str, Any], _: Mapping[str, Any]) -> list[str]:
    lists: Mapping[str, Mapping[str, Any]] = value.get("lists", {})
    told = short([f"{name} is {each['part']} ({each['pictures']:,} pictures)" for name, each in lists.items()])
    lines = [f"the split is in lists of names: {told}"]
    faults = {"names_without_a_picture": "names that no picture has", "named_twice": "names that stand there twice"}
    for key, words in faults.items():
        if having := [f"{name} {each[key]:,}" for name, each in lists.items() if each.get(key)]:
            lines.append(f"lists with {words}: {short(having)}")
    if outside := value.get("pictures_in_no_list"):
        lines.append(f"{outside:,} pictures are in no list")
    return lines


def _masks(value: Mapping[str, int], said: Mapping[str, Any]) -> list[str]:
    counts = short([f"{name} ({count:,})" for name, count in value.items()])
    lines = [f"masks and annotations are no pictures: {counts}"]
    if line := said.get("masks_line"):
        lines.append(f"{said.get('masks_usable', 0):,} pictures can use theirs: {line}")
    return lines


def _class_names(value: Mapping[str, str], _: Mapping[str, Any]) -> list[str]:
    return ["names of classes: " + short([f"{found} is read as {wanted}" for found, wanted in value.items()])]


def _cells(value: int, said: Mapping[str, Any]) -> list[str]:
    return [f"{value:,} cells hold several labels, joined by {said.get('joined_by')!r}"]


def _otherwise(key: str) -> Callable[[Any, Mapping[str, Any]], list[str]]:
    """Return what says a key that has no sentence of its own: its words, and the value's."""
    words = key.replace("_", " ")

    def say(value: Any, _: Mapping[str, Any]) -> list[str]:
        if isinstance(value, int) and not isinstance(value, bool):
            return [f"{value:,} {words}"]
        if isinstance(value, list | tuple | set) and all(" " in str(each) for each in value):
            return [str(each) for each in value]  # sentences
        return [words if value is True else f"{words}: {_in_line(value)}"]

    return say


def _in_line(value: Any) -> str:
    """Return lists and mappings of any depth in a line; counts of 0 are no news."""
    if isinstance(value, Mapping):
        parts = [f"{str(key).replace('_', ' ')} {_in_line(each)}" for key, each in value.items() if each]
        return short(parts)
    if isinstance(value, list | tuple | set):
        return short([_in_line(each) for each in value])
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


_SENTENCES: dict[str, Callable[[Any, Mapping[str, Any]], list[str]]] = {
    "level": _level,
    "split_words": _split_words,
    "split_column": _split_column,
    "split_lists": _split_lists,
    "folds": lambda value, said: [fold_words(value, "split_in_names" in said or said.get("split_honoured", False))],
    "split_in_names": lambda value, _: [split_in_names(value)],
    "masks": _masks,
    "class_names": _class_names,
    "cells_with_several_labels": _cells,
    "tables": lambda value, _: [f"read from: {short(list(value))}"],
    "tables_read": lambda value, _: [
        f"{value:,} {'tables are' if value > 1 else 'table is'} read, beside the pictures"
    ],
    "unlabelled_pictures": lambda value, _: [f"{value:,} pictures have no label"],
}
