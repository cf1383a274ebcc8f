"""One line of the leaderboard: its columns, and the cells of a network, a baseline and a comparison."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chestbench.core.files import Row
from chestbench.evaluation import versus
from chestbench.evaluation.baseline_rows import MAJORITY, REGRESSION, majority_measures

Record = Mapping[str, Any]
TEST_WITH_INTERVAL = ("balanced_accuracy", "macro_f1", "macro_auc", "macro_average_precision")
COLUMNS = (
    "model",
    "parameters",
    "epochs",
    "val_balanced_accuracy",
    "val_macro_auc",
    *(f"test_{name}{end}" for name in TEST_WITH_INTERVAL for end in ("", "_low", "_high")),
    "test_macro_specificity",
    "test_accuracy",
    # Against the network chosen on val, on test: results/compare/paired.csv has the rest. p values are Holm's.
    "vs_best",
    "vs_best_difference",
    "vs_best_difference_low",
    "vs_best_difference_high",
    "vs_best_p",
    "mcnemar_p",
)
# Further measures on test, where every network has them: column -> where in the record of the split.
FURTHER = {
    "test_brier": ("brier",),
    "test_ece": ("ece",),
    "test_ece_calibrated": ("ece_calibrated",),
    "test_group_balanced_accuracy": ("per_group", "balanced_accuracy"),
    "test_group_macro_auc": ("per_group", "macro_auc"),
}
# Only where a network was trained with several seeds.
SEED_MEASURES = ("val_balanced_accuracy", "test_balanced_accuracy", "test_macro_auc", "test_macro_f1")
SEED_COLUMNS = ("seeds", *(f"{name}_{end}" for name in SEED_MEASURES for end in ("mean", "sd")))
# At the end, and only where the studies of a data set are known.
STUDY_COLUMNS = ("val_study_map", "test_study_map", "test_study_map_low", "test_study_map_high")
# Column -> column of `versus`.
_DIFFERENCE = {
    "vs_best_difference": "balanced_accuracy_difference",
    "vs_best_difference_low": "balanced_accuracy_low",
    "vs_best_difference_high": "balanced_accuracy_high",
}
_P_VALUES = {"vs_best_p": "balanced_accuracy_p_holm", "mcnemar_p": "mcnemar_p_holm"}


def columns(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the columns of the table: first those that never change, then those that these networks have."""
    further = [column for column in FURTHER if all(_found(record["test"], column) for record in records)]
    seeds = SEED_COLUMNS if any("seeds" in record for record in records) else ()
    studies = STUDY_COLUMNS if all(_has_studies(record) for record in records) else ()
    return (*COLUMNS, *(f"{column}{end}" for column in further for end in ("", "_low", "_high")), *seeds, *studies)


def network_row(record: Record) -> Row:
    """Return the cells of a network, `vs_best...` still empty."""
    training = record["training"]
    return {
        "model": record["model"],
        "parameters": training["parameters"],
        "epochs": training["epochs_run"],
        **_measures(record),
        **_seeds(record.get("seeds")),
    }


def regression_row(regression: Record) -> Row:
    """Return the cells of the logistic regression of metrics/baselines.json."""
    return {"model": REGRESSION, "parameters": regression["settings"]["parameters"], **_measures(regression)}


def majority_row(record: Record) -> Row:
    """Return what always naming the class most frequent in train scores: figures without intervals.

    Args:
        record: of any network.
    """
    row: Row = {"model": MAJORITY}
    found = majority_measures(record)
    for split, names in (
        ("val", ("balanced_accuracy", "macro_auc")),
        ("test", (*TEST_WITH_INTERVAL, "macro_specificity", "accuracy")),
    ):
        row |= {f"{split}_{name}": _rounded(found[split][name]) for name in names}
        if "study_map" in found[split]:
            row[f"{split}_study_map"] = _rounded(found[split]["study_map"])
    return row | {f"test_{name}": _rounded(found["test"][name]) for name in ("brier", "ece")}


def comparison_cells(found: Row) -> Row:
    """Return the cells `vs_best...` and `mcnemar_p` from a row of `versus.compare_with_chosen`."""
    return {
        "vs_best": found["verdict"],
        **{column: _rounded(found[name]) for column, name in _DIFFERENCE.items()},
        **{column: _significant(found[name]) for column, name in _P_VALUES.items()},
    }


def chosen_cells() -> Row:
    """Return the same cells for the chosen network itself."""
    return {"vs_best": versus.CHOSEN}


def _measures(record: Record) -> Row:
    """Return the cells of val and test of a network or a baseline, with those of `FURTHER` and of studies it has."""
    val, test = record["val"], record["test"]
    row: Row = {f"val_{name}": _rounded(val[name]["value"]) for name in ("balanced_accuracy", "macro_auc")}
    row |= {f"test_{name}": _rounded(test[name]["value"]) for name in ("macro_specificity", "accuracy")}
    with_interval = {f"test_{name}": test[name] for name in TEST_WITH_INTERVAL}
    with_interval |= {column: found for column in FURTHER if (found := _found(test, column))}
    if _has_studies(record):
        row["val_study_map"] = _rounded(val["per_study"]["study_map"]["value"])
        with_interval["test_study_map"] = test["per_study"]["study_map"]
    for column, found in with_interval.items():
        row |= {column: _rounded(found["value"])}
        row |= {f"{column}_{end}": _rounded(found[end]) for end in ("low", "high")}
    return row


def _found(test: Record, column: str) -> Record | None:
    """Return the measure of a column of `FURTHER`, None where the record does not have it."""
    found: Any = test
    for key in FURTHER[column]:
        found = found.get(key, {})
    return found or None


def _has_studies(record: Record) -> bool:
    return all("per_study" in record[split] for split in ("val", "test"))


def _seeds(seeds: Record | None) -> Row:
    """Return mean and standard deviation over the seeds; nothing for a network that was trained once."""
    if seeds is None:
        return {}
    cells: Row = {"seeds": len(seeds["seeds"])}
    for name in SEED_MEASURES:
        cells |= {f"{name}_{end}": _rounded(seeds[name][end]) for end in ("mean", "sd")}
    return cells


def _rounded(value: float | None, digits: int = 6) -> float | None:
    return None if value is None or not np.isfinite(value) else round(value, digits)


def _significant(p: float | None) -> float | None:
    """Return a p value to four digits, however small."""
    return None if p is None else float(f"{p:.4g}")
