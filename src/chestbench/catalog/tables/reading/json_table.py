"""Tables that are written as JSON, as the text of a CSV: lists of records, mappings of pictures, lines of records."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chestbench.catalog.tables.words.part_words import parts_in_name
from chestbench.catalog.tables.words.picture_endings import has_picture_ending

ENDINGS = (".json", ".jsonl")
_MOST_COLUMNS = 2000
# What the column is called whose cells were the keys of a mapping, and its values where these are texts.
KEY, VALUE, CLASS = "name", "value", "class"


class NoJsonTable(ValueError):
    """The text is no JSON, or holds no table; says why in a few words."""


def json_as_csv(text: str) -> str:
    """Return what a JSON text holds as CSV with commas.

    Read are a list of records ([{"image": "a.png", "label": "tb"}]), a line for each record, records by picture
    ({"a.png": {"label": "tb"}}), labels by picture ({"a.png": "tb"}), columns ({"image": [...], "label": [...]}), and
    any of these below one key ({"data": [...]}, the longest of several). Lists in cells are joined by a bar. Of COCO's
    form (images, annotations, categories) a row for each image with the names of its categories, of Label Studio's
    (data, annotations) one with all choices, of names by class ({"tb": ["a.png", ...], "normal": [...]}) one for each.

    Raises:
        NoJsonTable: it is none of these.
    """
    parsed = _parsed(text)
    records = _of_coco(parsed) or _of_label_studio(parsed) or _of_classes(parsed) or _records_of(parsed)
    columns = list(dict.fromkeys(name for record in records for name in record))
    if not records or len(columns) < 2 or len(columns) > _MOST_COLUMNS:
        raise NoJsonTable("no list of records")
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(record.get(name)) for name in columns] for record in records)
    return written.getvalue()


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:
            raise NoJsonTable(f"no JSON ({error})") from None
        try:
            return [json.loads(line) for line in lines]
        except ValueError:
            raise NoJsonTable(f"no JSON ({error})") from None
    except RecursionError:
        raise NoJsonTable("JSON of too many levels") from None


def _records_of(value: Any) -> list[Mapping[str, Any]]:
    if _is_list(value):
        return [record for record in value if isinstance(record, Mapping)]
    if not isinstance(value, Mapping) or not value:
        return []
    parts = list(value.values())
    if all(isinstance(part, Mapping) for part in parts):
        inner = [part for part in parts if any(isinstance(each, Mapping) or _is_list(each) for each in part.values())]
        if not inner or len(value) > 3:
            return [{KEY: name, **part} for name, part in value.items()]
    if all(isinstance(part, str | int | float | bool) for part in parts):
        return [{KEY: name, VALUE: part} for name, part in value.items()]
    columns = [part for part in parts if _is_list(part)]
    if len(columns) == len(parts) > 1 and len({len(part) for part in columns}) == 1 and _is_plain(columns):
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
    return max(map(_records_of, (part for part in parts if isinstance(part, Mapping) or _is_list(part))), key=len,
               default=[])  # fmt: skip


def _of_coco(value: Any) -> list[Mapping[str, Any]]:
    """Return a record for each image of COCO's form, [] for other forms; see cocodataset.org/#format-data."""
    keys = ("images", "annotations", "categories")
    parts: list[Any] = [value.get(key) for key in keys] if isinstance(value, Mapping) else []
    if not parts or not all(_is_list(part) and all(isinstance(each, Mapping) for each in part) for part in parts):
        return []
    images, annotations, categories = parts
    name_of = {category.get("id"): category.get("name") for category in categories}
    found: dict[Any, dict[str, None]] = {}
    for one in annotations:
        if name := name_of.get(one.get("category_id")):
            found.setdefault(one.get("image_id"), {})[str(name)] = None
    return [{"file_name": image.get("file_name"), "category": list(found.get(image.get("id"), {}))} for image in images]


def _of_label_studio(value: Any) -> list[Mapping[str, Any]]:
    """Return a record for each task of Label Studio's JSON, [] for other forms; see labelstud.io/guide/export."""
    tasks = value if _is_list(value) else []
    if not tasks or not all(isinstance(task, Mapping) and isinstance(task.get("data"), Mapping) for task in tasks):
        return []
    if not any(_is_list(task.get("annotations")) for task in tasks):
        return []
    return [{**task["data"], **{name: list(found) for name, found in _choices(task).items()}} for task in tasks]


def _choices(task: Mapping[str, Any]) -> dict[str, dict[str, None]]:
    """Return what a task's annotations chose, each once, by the name of the question."""
    found: dict[str, dict[str, None]] = {}
    for one in task.get("annotations") or ():
        if not isinstance(one, Mapping) or one.get("was_cancelled") or not _is_list(one.get("result")):
            continue
        for result in one["result"]:
            told = result.get("value") if isinstance(result, Mapping) else None
            lists = [each for key, each in told.items() if _is_choice(key, each)] if isinstance(told, Mapping) else []
            for label in (str(label) for each in lists for label in each):
                found.setdefault(str(result.get("from_name") or VALUE), {})[label] = None
    return found


def _is_choice(key: str, value: Any) -> bool:
    return (key == "choices" or key.endswith("labels")) and _is_list(value)


def _of_classes(value: Any) -> list[Mapping[str, Any]]:
    """Return a record for each name of lists of pictures' names by class; [] for other forms, and for a split's."""
    if not isinstance(value, Mapping) or len(value) < 2 or any(parts_in_name(str(key))[0] for key in value):
        return []
    for names in value.values():
        named = sum(isinstance(name, str) and has_picture_ending(name) for name in names) if _is_list(names) else 0
        if not named or 2 * named <= len(names):
            return []
    return [{KEY: name, CLASS: label} for label, names in value.items() for name in names if isinstance(name, str)]


def _is_plain(columns: Sequence[Sequence[Any]]) -> bool:
    return not any(isinstance(cell, Mapping) for column in columns for cell in column)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _cell(value: Any) -> str:
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if _is_list(value):
        return "|".join(_joined(value))
    return str(value)


def _joined(values: Sequence[Any]) -> Iterator[str]:
    return (str(value) for value in values if isinstance(value, str | int | float))
