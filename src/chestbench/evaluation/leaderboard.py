"""The networks side by side: a table ordered by validation, the chosen network's figures, curves and pictures.

The winner is chosen on val; the test figures beside it were read once and choose nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.errors import ChestbenchError
from chestbench.evaluation import curves
from chestbench.evaluation.metrics import measure
from chestbench.files import read_json

Record = dict[str, Any]
TEST_WITH_INTERVAL = ("balanced_accuracy", "macro_f1", "macro_auc", "macro_average_precision")
COLUMNS = (
    "model",
    "parameters",
    "epochs",
    "seconds",
    "images_per_second",
    "val_balanced_accuracy",
    "val_macro_auc",
    *(f"test_{name}{end}" for name in TEST_WITH_INTERVAL for end in ("", "_low", "_high")),
    "test_macro_specificity",
    "test_accuracy",
)
# At the end, and only where the studies of a data set are known.
STUDY_COLUMNS = ("val_study_map", "test_study_map", "test_study_map_low", "test_study_map_high")
MAJORITY = "majority class"


def read_records(folder: Path, models: Sequence[str]) -> list[Record]:
    """Read `{model}.json` of each network, best on val first (balanced accuracy, then AUC, then name).

    Raises:
        ChestbenchError: a network has no record, or the networks were not judged on the same data.
    """
    records = []
    for name in models:
        path = folder / f"{name}.json"
        if not path.is_file():
            raise ChestbenchError(
                f"{path}: expected the measures of {name}, found none; run `dvc repro evaluate@{name}`"
            )
        records.append(read_json(path))
    if len({record["data_sha256"] for record in records}) > 1:
        raise ChestbenchError(
            f"{folder}: expected networks judged on the same images, received measures of several; run `dvc repro`"
        )

    def rank(record: Record) -> tuple[float, float, str]:
        val = record["val"]
        return -_value(val["balanced_accuracy"]), -_value(val["macro_auc"]), record["model"]

    return sorted(records, key=rank)


def columns(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the columns of the table: always the same, with those of studies last where there are any."""
    return (*COLUMNS, *STUDY_COLUMNS) if _has_studies(records) else COLUMNS


def table(records: Sequence[Record]) -> list[curves.Row]:
    """Return one row per network in the given order, and last what always naming train's commonest class scores.

    Macro sensitivity is not a column of its own: it is the balanced accuracy.
    """
    rows = []
    for record in records:
        training, val, test = record["training"], record["val"], record["test"]
        row: curves.Row = {
            "model": record["model"],
            "parameters": training["parameters"],
            "epochs": training["epochs_run"],
            "seconds": _rounded(training["seconds"], 1),
            "images_per_second": _rounded(training["images_per_second"], 1),
            "val_balanced_accuracy": _rounded(val["balanced_accuracy"]["value"]),
            "val_macro_auc": _rounded(val["macro_auc"]["value"]),
            "test_macro_specificity": _rounded(test["macro_specificity"]["value"]),
            "test_accuracy": _rounded(test["accuracy"]["value"]),
        }
        for name in TEST_WITH_INTERVAL:
            row[f"test_{name}"] = _rounded(test[name]["value"])
            row[f"test_{name}_low"] = _rounded(test[name]["low"])
            row[f"test_{name}_high"] = _rounded(test[name]["high"])
        if _has_studies(records):
            row["val_study_map"] = _rounded(val["per_study"]["study_map"]["value"])
            study_map = test["per_study"]["study_map"]
            row["test_study_map"] = _rounded(study_map["value"])
            row |= {f"test_study_map_{end}": _rounded(study_map[end]) for end in ("low", "high")}
        rows.append(row)
    return [*rows, _majority_row(records[0])]


def _has_studies(records: Sequence[Record]) -> bool:
    return all("per_study" in record[split] for record in records for split in ("val", "test"))


def _majority_row(record: Record) -> curves.Row:
    """Score the network that always names the class most frequent in train."""
    row: curves.Row = {"model": MAJORITY}
    commonest = int(np.argmax(record["train_images"]))
    for split, names in (
        ("val", ("balanced_accuracy", "macro_auc")),
        ("test", (*TEST_WITH_INTERVAL, "macro_specificity", "accuracy")),
    ):
        overall = _always(commonest, record[split])
        row.update({f"{split}_{name}": _rounded(overall[name]) for name in names})
        if _has_studies([record]):
            studies = _always(commonest, record[split]["per_study"])
            row[f"{split}_study_map"] = _rounded(studies["macro_average_precision"])
    return row


def _always(label: int, split: Record) -> dict[str, float]:
    """Return the measures of always naming one class on a split with this confusion matrix."""
    counts = np.array(split["confusion"]).sum(axis=1)
    labels = np.repeat(np.arange(len(counts)), counts)
    probabilities = np.zeros((len(labels), len(counts)))
    probabilities[:, label] = 1
    return {name: float(values[0]) for name, values in measure(labels, probabilities).overall.items()}


def summary(records: Sequence[Record]) -> Record:
    """Return the chosen network's figures under keys that never change, for `dvc metrics show` and `dvc exp show`."""
    best = records[0]
    baseline = _majority_row(best)
    return {
        "winner": best["model"],
        "chosen_on": "val_balanced_accuracy",
        "val_balanced_accuracy": best["val"]["balanced_accuracy"]["value"],
        **{f"test_{name}": best["test"][name] for name in TEST_WITH_INTERVAL},
        "majority_test_balanced_accuracy": baseline["test_balanced_accuracy"],
        "networks": len(records),
        "test_images": best["test"]["images"],
        "test_groups": best["test"]["groups"],
        "split_unit": best["split_unit"],
        "dataset": best["dataset"],
    }


def _value(measured: Mapping[str, float | None]) -> float:
    value = measured["value"]
    return -1.0 if value is None else value


def _rounded(value: float | None, digits: int = 6) -> float | None:
    return None if value is None or not np.isfinite(value) else round(value, digits)
