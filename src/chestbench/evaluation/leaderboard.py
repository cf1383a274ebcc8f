"""The networks side by side: a table ordered by validation, the chosen network's figures, curves and pictures.

The winner is chosen on val; the test figures beside it were read once and choose nothing. How far each network is from
the chosen one on test comes from `versus.compare_with_chosen`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import Row, read_json
from chestbench.evaluation import versus
from chestbench.evaluation.leaderboard_rows import (
    TEST_WITH_INTERVAL,
    chosen_cells,
    columns,
    comparison_cells,
    majority_row,
    network_row,
    regression_row,
)

Record = dict[str, Any]
Versus = Mapping[str, Row]


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


def table(records: Sequence[Record], against: Versus | None = None, baselines: Record | None = None) -> list[Row]:
    """Return one row per network in the given order, then the baselines: the majority class last.

    Macro sensitivity is not a column of its own: it is the balanced accuracy. Each row has the keys of
    `leaderboard_rows.columns`.

    Args:
        records: measures per network, best on val first.
        against: rows of `versus.compare_with_chosen` by name, for networks and baselines.
        baselines: metrics/baselines.json; None for no row of the logistic regression.
    """
    rows = [network_row(record) for record in records]
    rows[0] |= chosen_cells()
    if baselines:
        rows.append(regression_row(baselines["logistic_regression"]))
    rows.append(majority_row(records[0]))
    for row in rows:
        if found := (against or {}).get(row["model"]):
            row |= comparison_cells(found)
    return [{column: row.get(column) for column in columns(records)} for row in rows]


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
        "majority_test_balanced_accuracy": majority_row(best)["test_balanced_accuracy"],
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
