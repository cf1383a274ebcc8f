"""Results in words: one table of measures, a figure with its interval, and what figures stand on.

Every table, card, picture and MLflow name takes its words from `MEASURES`. Notices stand apart, in notice.py, which
training reads: a measure more must not train anything anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from chestbench.core.notice import NOTICE, split_words, ungrouped_note
from chestbench.core.positive import read_positive

GROUPS = {"patient": "patients", "study": "studies", "image": "groups of look-alike images"}


class Figure(TypedDict):
    """A value with the bounds of its interval, as records hold it; None where it is not defined or has no bounds."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Measure:
    """What a measure, or another column of a table, is called and how its values are written.

    Attributes:
        key: in JSON and CSV files, and in MLflow.
        name: where there is room.
        short: in the terminal and in legends.
        form: format specification of a value.
    """

    key: str
    name: str
    short: str
    form: str = ".3f"


MEASURES = {
    entry.key: entry
    for entry in (
        # Of a whole split, best known first: in this order a card lists them.
        Measure("balanced_accuracy", "balanced accuracy", "bal.acc"),
        Measure("macro_f1", "macro-F1", "macro-F1"),
        Measure("macro_auc", "macro ROC-AUC", "AUC"),
        Measure("macro_average_precision", "macro average precision", "AP"),
        Measure("macro_specificity", "macro specificity", "specificity"),
        Measure("accuracy", "accuracy", "accuracy"),
        Measure("brier", "Brier score", "Brier"),
        Measure("ece", "expected calibration error", "ECE"),
        Measure("ece_calibrated", "expected calibration error after temperature scaling", "ECE scaled"),
        Measure("study_map", "study mAP", "study mAP"),
        # Of one class against the rest.
        Measure("sensitivity", "sensitivity", "sensitivity"),
        Measure("specificity", "specificity", "specificity"),
        Measure("ppv", "PPV", "PPV"),
        Measure("npv", "NPV", "NPV"),
        Measure("f1", "F1", "F1"),
        Measure("auc", "ROC-AUC", "AUC"),
        Measure("average_precision", "average precision", "AP"),
        Measure("threshold", "threshold", "threshold", ".4f"),
        # Of boxes.
        Measure("map50", "mAP@0.5", "mAP@0.5"),
        Measure("map50_95", "mAP@[.5:.95]", "mAP@[.5:.95]"),
        Measure("froc", "mean sensitivity (FROC)", "FROC"),
        # Columns that are no measures.
        Measure("model", "network", "network", ""),
        Measure("parameters", "parameters", "parameters", ",d"),
        Measure("epochs", "epochs", "epochs", "d"),
        Measure("seconds", "seconds", "seconds", ".0f"),
        Measure("images_per_second", "images/s", "images/s", ".1f"),
        Measure("vs_best", "vs chosen", "vs chosen", "+.3f"),
        Measure("vs_best_p", "p (Holm)", "p (Holm)", ".3g"),
        Measure("seeds", "over seeds", "over seeds", ".2f"),
        Measure("images", "images", "images", ",d"),
        Measure("drop", "drop", "drop"),
    )
}
# Of a whole split, in the order of a card.
OVERALL = tuple(MEASURES)[: tuple(MEASURES).index("study_map")]
_SPLITS = {"val_": "val", "test_": "test", "own_test_": "own test", "external_": "external"}


def heading(column: str, short: bool = False) -> str:
    """Return what stands over a column of a table.

    >>> heading("test_balanced_accuracy")
    'test balanced accuracy'
    >>> heading("val_balanced_accuracy", short=True)
    'val bal.acc'

    Args:
        column: a key of `MEASURES`, with `val_`, `test_`, `own_test_` or `external_` before it or not.
        short: the short name.
    """
    for prefix, split in _SPLITS.items():
        if column.startswith(prefix):
            return f"{split} {heading(column.removeprefix(prefix), short)}"
    return MEASURES[column].short if short else MEASURES[column].name


def with_interval(measure: Figure) -> str:
    """Return a figure with its bounds, without them where there are none, or `undefined`.

    >>> with_interval({"value": 0.9119, "low": 0.87, "high": 0.951})
    '0.912 [0.870, 0.951]'
    >>> with_interval({"value": 0.9119, "low": None, "high": None})
    '0.912'
    >>> with_interval({"value": None, "low": None, "high": None})
    'undefined'

    Args:
        measure: value, low and high.
    """
    value, low, high = measure["value"], measure["low"], measure["high"]
    if value is None:
        return "undefined"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def measured(split: Mapping[str, Any], *keys: str) -> str:
    """Return measures of a split in one line, named.

    >>> test = {"balanced_accuracy": {"value": 0.9, "low": 0.85, "high": 0.94}}
    >>> measured(test, "balanced_accuracy")
    'balanced accuracy 0.900 [0.850, 0.940]'

    Args:
        split: measures by key, each with value, low and high.
        keys: of those that are told.
    """
    return ", ".join(f"{heading(key)} {with_interval(split[key])}" for key in keys)


def positive_words(record: Mapping[str, Any], split: Mapping[str, Any]) -> str:
    """Return which class is looked for, how that is known, and how well it is told from the rest of a split.

    Args:
        record: metrics/models/NAME.json or metrics/external/SET/NAME.json.
        split: its val or test.
    """
    positive = read_positive(record)
    if positive.name is None:
        return positive.in_words()
    found = split["per_class"][positive.name]
    told = [f"{measured(found, 'sensitivity', 'specificity')} at the highest probability"]
    called, chosen = found.get("at_threshold"), record.get("thresholds", {}).get(positive.name, {})
    if called and chosen.get("threshold") is not None:
        at = number(chosen["threshold"], MEASURES["threshold"].form)
        told.append(f"{measured(called, 'sensitivity', 'specificity')} from {at} on ({chosen['rule']}, chosen on val)")
    return f"{positive.in_words()}: {'; '.join(told)}"


def foundation(record: Mapping[str, Any]) -> str:
    """Return what the figures stand on: data set, split unit, size of the test set, and the notice."""
    test, unit = record["test"], GROUPS[record["split_unit"]]
    if ungrouped_note(record):
        unit = "groups"
    name = f"{record['dataset']} (synthetic images)" if record["synthetic"] else record["dataset"]
    absent = f" (none of class {', '.join(test['absent_classes'])})" if test["absent_classes"] else ""
    split = f"split by {split_words(record)}, test {test['images']} images in {test['groups']} {unit}"
    return f"{name}: {split}{absent}; {NOTICE}"


def split_lines(record: Mapping[str, Any]) -> str:
    """Return the unit of the split for a picture's title: what is said of images without an id is a line of its own."""
    note = ungrouped_note(record)
    return f"{record['split_unit']}\n({note})" if note else str(record["split_unit"])


def interval_of(row: Mapping[str, Any], name: str) -> str:
    """Return a column of a row with its bounds, `undefined` where it has no value."""
    return with_interval({"value": row.get(name), "low": row.get(f"{name}_low"), "high": row.get(f"{name}_high")})


def number(value: float | None, form: str = ".3f") -> str:
    """Return a figure in the given form, or `-`.

    >>> number(1234567, MEASURES["parameters"].form), number(None)
    ('1,234,567', '-')
    """
    return "-" if value is None else format(value, form)
