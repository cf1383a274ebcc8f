"""One file that holds the lists of all parts: JSON or YAML of names by part, a table with a column of names a part."""

import json
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from chestbench.catalog.folders.splits.folds import counts_repeats
from chestbench.catalog.override import value_line
from chestbench.catalog.tables.reading.table_text import plain_text_of
from chestbench.catalog.tables.splits.list_files import ListFile
from chestbench.catalog.tables.splits.part_columns import lists_in_columns
from chestbench.catalog.tables.words.part_words import TRAIN, VAL, parts_in_name
from chestbench.catalog.tables.words.picture_endings import has_picture_ending
from chestbench.core.errors import ChestbenchError
from chestbench.core.unique_yaml import load_yaml
from chestbench.datasets.archive import Archive

logger = logging.getLogger(__name__)

_JSON, _YAML, _TABLES = (".json",), (".yaml", ".yml"), (".csv", ".tsv", ".tab")
# More of one ending in a folder are records of pictures; PyYAML takes seconds for a million bytes.
_MOST_IN_FOLDER, _MOST_FILES, _MOST_YAML = 20, 40, 1_000_000
_KEY = re.compile(r"[\"']?([\w .\-]{2,40})[\"']?\s*:")
_DEEPEST = 3
# Keys of a record that names a picture.
_NAME_KEYS = ("image", "img", "file", "filename", "file_name", "path", "image_path", "name", "id", "image_id")


def lists_in_files(archive: Archive, candidates: Sequence[str]) -> list[ListFile]:
    """Return the lists that stand together in one file, as if each were a file of its own.

    Read are {"train": ["a.png", ...], "test": [...]} in JSON and YAML, whatever the keys are called ("train_ids"),
    with records ({"image": "a.png"}) or names by class instead of names, below other keys or not; and tables that have
    a column of names for each part. Several such files that differ in a number, and several divisions in one file, are
    the folds of a cross-validation: said, and not used.

    Args:
        archive: holds them.
        candidates: members that may be such files.
    """
    found: dict[str, list[ListFile]] = {}
    for member in _few_in_folder(candidates):
        if lists := _lists_of(archive, member):
            found[member] = lists
    alike: dict[str, list[str]] = {}
    for member in found:
        alike.setdefault(re.sub(r"\d+", "#", member), []).append(member)
    for members in alike.values():
        if len(members) > 1:
            others = value_line("dataset.exclude", [f"*{member}" for member in members[1:]])
            logger.warning(
                "%s and %d more files like it each bring a split, as the folds of a cross-validation do: none is used; "
                "%s takes %s alone",
                members[0],
                len(members) - 1,
                others,
                members[0],
            )
            for member in members:
                del found[member]
    return [one for lists in found.values() for one in lists]


def _few_in_folder(candidates: Sequence[str]) -> list[str]:
    named = [member for member in candidates if member.lower().endswith((*_JSON, *_YAML, *_TABLES))]
    places = [(member.rpartition("/")[0], member.rpartition(".")[2].lower()) for member in named]
    counts = Counter(places)
    few = [member for member, place in zip(named, places, strict=True) if counts[place] <= _MOST_IN_FOLDER]
    return sorted(few, key=lambda member: (member.count("/"), member))[:_MOST_FILES]


def _lists_of(archive: Archive, member: str) -> list[ListFile]:
    is_yaml = member.lower().endswith(_YAML)
    if is_yaml and archive.size_of(member) > _MOST_YAML:
        return []
    try:
        text = plain_text_of(archive, member)
    except ChestbenchError:
        return []  # a damaged table is named where tables are looked at
    if member.lower().endswith(_TABLES):
        return lists_in_columns(member, text)
    # Most of JSON speaks of something else; letters may be escaped in keys.
    is_escaped = "\\u" in text or "\\x" in text
    if not is_escaped and len({part for key in set(_KEY.findall(text)) for part in parts_in_name(key)[0]}) < 2:
        return []
    try:
        value = load_yaml(text) if is_yaml else json.loads(text)
    except (ValueError, RecursionError, yaml.YAMLError):
        return []
    divisions = list(_divisions(value, (), _DEEPEST))
    if not divisions:
        _warn_of_numbers(member, value)
        return []
    if len(divisions) > 1 and _are_folds(divisions):
        logger.warning(
            "%s brings %d splits, as the folds of a cross-validation do: none is used; put the names of one into lists "
            "of their own (train.txt, test.txt)",
            member,
            len(divisions),
        )
        return []
    return [one for words, mapping in divisions for one in _lists(member, words, mapping)]


def _divisions(value: Any, words: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yield the mappings that have a list for train and for another part, each with the keys above it."""
    if isinstance(value, Mapping):
        parts = {part for key, names in value.items() if (part := _part_of(key)) is not None and _names(names)}
        if TRAIN in parts and len(parts) > 1:
            yield words, value
            return
        children = [(str(key), child) for key, child in value.items()]
    elif isinstance(value, list):
        children = [(f"fold {place}", child) for place, child in enumerate(value) if isinstance(child, Mapping)]
    else:
        return
    if depth:
        for key, child in children[:200]:
            yield from _divisions(child, (*words, key), depth - 1)


def _warn_of_numbers(member: str, value: Any) -> None:
    """Say that numbers by part, which may count the pictures in any order, are not used."""
    lists = {key: each for key, each in value.items() if _part_of(key) is not None} if isinstance(value, dict) else {}
    numbers = [number for each in lists.values() if isinstance(each, list) for number in each if type(number) is int]
    total = sum(len(each) if isinstance(each, list) else 1 for each in lists.values())
    if len({_part_of(key) for key in lists}) > 1 and len(set(numbers)) == len(numbers) == total > 1:
        logger.warning(
            "%s holds numbers for %s, which may count the pictures in any order and are not used: a split of names of "
            "files would be",
            member,
            " and ".join(map(str, lists)),
        )


def _are_folds(divisions: Sequence[tuple[tuple[str, ...], Mapping[str, Any]]]) -> bool:
    """Tell folds from the classes that some keep a split each of."""
    keys = [words[-1] for words, _ in divisions if words]
    return len(keys) != len(divisions) or any(counts_repeats(key) or key.isdigit() for key in keys)


def _part_of(key: Any) -> int | None:
    """Return the part of a key such as "train_ids", None for others; "train_val" is train."""
    parts, _ = parts_in_name(str(key))
    if parts == {TRAIN, VAL}:
        return TRAIN
    return next(iter(parts)) if len(parts) == 1 else None


def _lists(member: str, words: tuple[str, ...], mapping: Mapping[str, Any]) -> Iterator[ListFile]:
    for key, value in mapping.items():
        if (part := _part_of(key)) is None:
            continue
        hints = [parts_in_name(str(key))[1], *(parts_in_name(word)[1] for word in reversed(words))]
        for label, names in _names(value).items():
            mine = (parts_in_name(label)[1], *hints) if label else tuple(hints)
            shown = "/".join(filter(None, (*words, str(key), label)))
            yield ListFile(member, frozenset({part}), mine, False, tuple(names), shown)


def _names(value: Any) -> dict[str, list[str]]:
    """Return the names of a list ("" -> names), or of lists by class; {} for what holds none."""
    if isinstance(value, list):
        names = [name for each in value if (name := _name(each))]
        return {"": names} if names and 2 * len(names) > len(value) else {}
    if isinstance(value, Mapping):
        if value and all(isinstance(key, str) and has_picture_ending(key) for key in value):
            return {"": list(value)}
        lists = {str(key): _names(each).get("", []) for key, each in value.items() if isinstance(each, list)}
        return lists if value and len(lists) == len(value) and all(lists.values()) else {}
    return {}


def _name(value: Any) -> str:
    """Return what names a picture, "" for nothing: numbers may count pictures in any order."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Mapping):
        texts = {str(key).lower(): each for key, each in value.items() if isinstance(each, str)}
        endings = [each for each in texts.values() if has_picture_ending(each)]
        return next(iter(endings), next((texts[key] for key in _NAME_KEYS if key in texts), ""))
    if isinstance(value, list) and value and isinstance(value[0], str):
        return value[0].strip()  # [name, label]
    return ""
