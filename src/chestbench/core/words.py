"""Results in words: a figure with its interval, and what figures stand on."""

from collections.abc import Mapping
from typing import Any

from chestbench.core.files import Row
from chestbench.core.notice import NOTICE, split_words, ungrouped_note

GROUPS = {"patient": "patients", "study": "studies", "image": "groups of look-alike images"}

Record = Mapping[str, Any]


def with_interval(measure: Mapping[str, Any]) -> str:
    """Return `0.912 [0.870, 0.951]`, `0.912` when there are no bounds, or `undefined`."""
    value, low, high = measure["value"], measure["low"], measure["high"]
    if value is None:
        return "undefined"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def foundation(record: Record) -> str:
    """Return what the figures stand on: data set, split unit, size of the test set, and the notice."""
    test, unit = record["test"], GROUPS[record["split_unit"]]
    if ungrouped_note(record):
        unit = "groups"
    name = f"{record['dataset']} (synthetic images)" if record["synthetic"] else record["dataset"]
    absent = f" (none of class {', '.join(test['absent_classes'])})" if test["absent_classes"] else ""
    split = f"split by {split_words(record)}, test {test['images']} images in {test['groups']} {unit}"
    return f"{name}: {split}{absent}; {NOTICE}"


def split_lines(record: Record) -> str:
    """Return the unit of the split for a picture's title: what is said of images without an id is a line of its own."""
    note = ungrouped_note(record)
    return f"{record['split_unit']}\n({note})" if note else str(record["split_unit"])


def interval_of(row: Row, name: str) -> str:
    """Return a column of a row with its bounds, `undefined` where it has no value."""
    return with_interval({"value": row.get(name), "low": row.get(f"{name}_low"), "high": row.get(f"{name}_high")})


def number(value: float | None, form: str = ".3f") -> str:
    """Return a figure in the given form, or `-`."""
    return "-" if value is None else format(value, form)
