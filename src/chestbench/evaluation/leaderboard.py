"""The networks side by side: a table ordered by validation, the chosen network's figures, curves and pictures.

The winner is chosen on val; the test figures beside it were read once and choose nothing. How far each network is from
the chosen one on test comes from `versus.compare_with_chosen`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.errors import ChestbenchError
from chestbench.evaluation import curves, versus
from chestbench.evaluation.baseline_rows import MAJORITY, REGRESSION, majority_measures
from chestbench.files import read_json

Record = dict[str, Any]
Versus = Mapping[str, curves.Row]
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
    # Against the network chosen on val, on test: `versus.COLUMNS` has the rest. p values are Holm's.
    "vs_best",
    "vs_best_difference",
    "vs_best_difference_low",
    "vs_best_difference_high",
    "vs_best_p",
    "mcnemar_p",
)
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
    """Return the columns of the table: always the same, then those of seeds and of studies where there are any."""
    seeds = SEED_COLUMNS if any("seeds" in record for record in records) else ()
    return (*COLUMNS, *seeds, *(STUDY_COLUMNS if _has_studies(records) else ()))


def table(
    records: Sequence[Record], against: Versus | None = None, baselines: Record | None = None
) -> list[curves.Row]:
    """Return one row per network in the given order, then the baselines: the majority class last.

    Macro sensitivity is not a column of its own: it is the balanced accuracy.

    Args:
        records: measures per network, best on val first.
        against: rows of `versus.compare_with_chosen` by name, for networks and baselines.
        baselines: metrics/baselines.json; None for no row of the logistic regression.
    """
    against = against or {}
    studies, seeds = _has_studies(records), any("seeds" in record for record in records)
    rows = [_network_row(record, studies, seeds) for record in records]
    rows[0]["vs_best"] = versus.CHOSEN
    if baselines:
        regression = baselines["logistic_regression"]
        row = {"model": REGRESSION, "parameters": regression["settings"]["parameters"], **_measures(regression)}
        rows.append(row | (_study_cells(regression) if _has_studies([regression]) else {}))
    rows.append(_majority_row(records[0]))
    for row in rows:
        if found := against.get(row["model"]):
            row["vs_best"] = found["verdict"]
            row |= {column: _rounded(found[name]) for column, name in _DIFFERENCE.items()}
            row |= {column: _significant(found[name]) for column, name in _P_VALUES.items()}
    return rows


def _network_row(record: Record, studies: bool, seeds: bool) -> curves.Row:
    training = record["training"]
    row: curves.Row = {
        "model": record["model"],
        "parameters": training["parameters"],
        "epochs": training["epochs_run"],
        "seconds": _rounded(training["seconds"], 1),
        "images_per_second": _rounded(training["images_per_second"], 1),
        **_measures(record),
        **dict.fromkeys(("vs_best", *_DIFFERENCE, *_P_VALUES)),
    }
    if seeds:
        row |= _seed_cells(record.get("seeds"))
    return row | (_study_cells(record) if studies else {})


def _measures(record: Record) -> curves.Row:
    """Return the cells of val and test of a network or a baseline."""
    val, test = record["val"], record["test"]
    row: curves.Row = {f"val_{name}": _rounded(val[name]["value"]) for name in ("balanced_accuracy", "macro_auc")}
    row |= {f"test_{name}": _rounded(test[name]["value"]) for name in ("macro_specificity", "accuracy")}
    for name in TEST_WITH_INTERVAL:
        row[f"test_{name}"] = _rounded(test[name]["value"])
        row |= {f"test_{name}_{end}": _rounded(test[name][end]) for end in ("low", "high")}
    return row


def _study_cells(record: Record) -> curves.Row:
    test = record["test"]["per_study"]["study_map"]
    row: curves.Row = {"val_study_map": _rounded(record["val"]["per_study"]["study_map"]["value"])}
    row |= {"test_study_map": _rounded(test["value"])}
    return row | {f"test_study_map_{end}": _rounded(test[end]) for end in ("low", "high")}


def _seed_cells(seeds: Record | None) -> curves.Row:
    """Return mean and standard deviation over the seeds; empty for a network that was trained once."""
    if seeds is None:
        return dict.fromkeys(SEED_COLUMNS)
    cells: curves.Row = {"seeds": len(seeds["seeds"])}
    for name in SEED_MEASURES:
        cells |= {f"{name}_{end}": _rounded(seeds[name][end]) for end in ("mean", "sd")}
    return cells


def _has_studies(records: Sequence[Record]) -> bool:
    return all("per_study" in record[split] for record in records for split in ("val", "test"))


def _majority_row(record: Record) -> curves.Row:
    """Score what always naming the class most frequent in train gives: figures without intervals."""
    row: curves.Row = {"model": MAJORITY}
    found = majority_measures(record)
    for split, names in (
        ("val", ("balanced_accuracy", "macro_auc")),
        ("test", (*TEST_WITH_INTERVAL, "macro_specificity", "accuracy")),
    ):
        row |= {f"{split}_{name}": _rounded(found[split][name]) for name in names}
        if "study_map" in found[split]:
            row[f"{split}_study_map"] = _rounded(found[split]["study_map"])
    return row


def summary(records: Sequence[Record], against: Versus | None = None) -> Record:
    """Return the chosen network's figures under keys that never change, for `dvc metrics show` and `dvc exp show`."""
    best = records[0]
    others = [record["model"] for record in records[1:]]
    verdicts = [row["verdict"] for name, row in (against or {}).items() if name in others]
    return {
        "winner": best["model"],
        "chosen_on": "val_balanced_accuracy",
        "val_balanced_accuracy": best["val"]["balanced_accuracy"]["value"],
        **{f"test_{name}": best["test"][name] for name in TEST_WITH_INTERVAL},
        "majority_test_balanced_accuracy": _majority_row(best)["test_balanced_accuracy"],
        "networks": len(records),
        "networks_better": verdicts.count(versus.BETTER),
        "networks_indistinguishable": verdicts.count(versus.SAME),
        "networks_worse": verdicts.count(versus.WORSE),
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


def _significant(p: float | None) -> float | None:
    """Return a p value to four digits, however small."""
    return None if p is None else float(f"{p:.4g}")
