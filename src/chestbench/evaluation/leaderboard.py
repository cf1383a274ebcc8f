"""The networks side by side, as data: rows of typed cells, and what must be said of them before anybody believes it.

The order is that of val, and the first network is the chosen one; the test figures beside it were read once and choose
nothing. How far each network is from the chosen one on test comes from `versus.compare_with_chosen`. The model is read
once; leaderboard_rows writes it as CSV, plots draws it, and reports puts it into words.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.core.words import Figure
from chestbench.evaluation import versus
from chestbench.evaluation.baseline_rows import MAJORITY, REGRESSION, majority_measures

Record = Mapping[str, Any]
SUMMARISED = ("balanced_accuracy", "macro_f1", "macro_auc", "macro_average_precision")


@dataclass(frozen=True)
class Timing:
    """What a clock said of a training: it stands in no result that is kept, see models/NAME/timing.json."""

    seconds: float
    images_per_second: float


@dataclass(frozen=True)
class Comparison:
    """A network or baseline against the chosen network, on test.

    Attributes:
        verdict: `versus.SAME`, `BETTER`, `WORSE` or `UNKNOWN`.
        difference: in balanced accuracy.
        p: of the paired bootstrap over groups, corrected after Holm; None where it cannot be tested.
        mcnemar_p: of McNemar's exact test, corrected likewise.
    """

    verdict: str
    difference: Figure
    p: float | None
    mcnemar_p: float | None


@dataclass(frozen=True)
class Entry:
    """A line of the leaderboard.

    Attributes:
        name: of the network, `baseline_rows.REGRESSION` or `baseline_rows.MAJORITY`.
        figures: by column, such as `val_macro_auc`, `test_brier`, `test_group_macro_auc` and `test_study_map`; without
            bounds where there is no interval.
        parameters: weights and biases; None for the majority class.
        epochs: that were run; None for baselines.
        timing: of the training, where it was handed in.
        comparison: with the chosen network; None for the chosen one and where nothing was compared.
        seeds: what metrics/models/{model}.json says of trainings with several seeds; None where there was one.
    """

    name: str
    figures: Mapping[str, Figure]
    parameters: int | None = None
    epochs: int | None = None
    timing: Timing | None = None
    comparison: Comparison | None = None
    seeds: Record | None = None

    def figure(self, column: str) -> Figure:
        """Return the figure of a column, an undefined one where the row has none."""
        return self.figures.get(column) or Figure(value=None, low=None, high=None)


@dataclass(frozen=True)
class Leaderboard:
    """Everything that a table, a picture or a page of the comparison shows.

    Attributes:
        rows: the networks, best on val first, then the baselines: the majority class last.
        records: metrics/models/{model}.json of the networks, in the same order.
        published: from `published.beside_ours`.
        external: from `external_table.external_rows`.
        warnings: of metrics/audit.json.
    """

    rows: Sequence[Entry]
    records: Sequence[Record]
    published: Sequence[dict[str, Any]] = ()
    external: Sequence[dict[str, Any]] = ()
    warnings: Sequence[str] = ()

    @property
    def best(self) -> Record:
        """The record of the network that val chose."""
        return self.records[0]

    @property
    def networks(self) -> Sequence[Entry]:
        """The rows of the networks, the chosen one first."""
        return self.rows[: len(self.records)]

    @property
    def compared(self) -> Sequence[Entry]:
        """The rows that were compared with the chosen network, baselines among them."""
        return [row for row in self.rows if row.comparison]

    @property
    def control(self) -> bool:
        """Whether any of the networks was trained on shuffled labels."""
        return any(record["training"].get("random_labels") for record in self.records)

    @property
    def has_seeds(self) -> bool:
        """Whether any of the networks was trained with several seeds."""
        return any(row.seeds for row in self.rows)

    @property
    def has_studies(self) -> bool:
        """Whether the studies of the data set are known: every network then has figures per study."""
        return all("test_study_map" in row.figures for row in self.networks)

    def with_verdict(self, *verdicts: str) -> list[Entry]:
        """Return the networks, without baselines, that have one of these verdicts against the chosen one."""
        return [row for row in self.networks if row.comparison and row.comparison.verdict in verdicts]

    @property
    def regression_verdict(self) -> str | None:
        """The verdict on the logistic regression against the chosen network; None where it was not compared."""
        return next((row.comparison.verdict for row in self.rows if row.name == REGRESSION and row.comparison), None)

    @property
    def may_be_guessing(self) -> bool:
        """Whether the chosen network's interval on test holds what the majority class scores, or there is none."""
        best, chance = (row.figure("test_balanced_accuracy") for row in (self.rows[0], self.rows[-1]))
        if chance["value"] is None or best["value"] is None:
            return False
        return best["low"] is None or best["low"] <= chance["value"]


def read_records(folder: Path, models: Sequence[str]) -> list[dict[str, Any]]:
    """Read `{model}.json` of each network, best on val first (balanced accuracy, then AUC, then name).

    Args:
        folder: metrics/models.
        models: names of the networks.

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


def build(
    records: Sequence[Record],
    against: Mapping[str, Record] | None = None,
    baselines: Record | None = None,
    timings: Mapping[str, Timing] | None = None,
    **beside: Any,
) -> Leaderboard:
    """Return the leaderboard of networks that were judged on the same images.

    >>> def figure(value):
    ...     return {"value": value, "low": value - 0.1, "high": value + 0.1}
    >>> split = {"balanced_accuracy": figure(0.8), "macro_auc": figure(0.9), "confusion": [[8, 2], [2, 8]]}
    >>> training = {"parameters": 1_000, "epochs_run": 4}
    >>> board = build([{"model": "small", "training": training, "train_images": [30, 20], "val": split, "test": split}])
    >>> [(row.name, row.parameters, row.figure("test_balanced_accuracy")["value"]) for row in board.rows]
    [('small', 1000, 0.8), ('majority class', None, 0.5)]
    >>> board.may_be_guessing
    False

    Args:
        records: measures per network, best on val first.
        against: rows of `versus.compare_with_chosen` by name, for networks and baselines.
        baselines: metrics/baselines.json; None for no row of the logistic regression.
        timings: by network; None or without a network: its time is not shown.
        beside: published, external and warnings of `Leaderboard`.
    """
    rows = [_network(record, (timings or {}).get(record["model"])) for record in records]
    if baselines:
        regression = baselines["logistic_regression"]
        rows.append(Entry(REGRESSION, _figures(regression), regression["settings"]["parameters"]))
    rows.append(Entry(MAJORITY, _majority(records[0])))
    found = {name: _comparison(row) for name, row in (against or {}).items()}
    rows = [replace(row, comparison=found.get(row.name)) for row in rows]
    return Leaderboard(rows, records, **beside)


def summary(board: Leaderboard) -> dict[str, Any]:
    """Return the chosen network's figures under keys that never change, for `dvc metrics show` and `dvc exp show`."""
    best = board.best
    return {
        "winner": best["model"],
        "chosen_on": "val_balanced_accuracy",
        "val_balanced_accuracy": best["val"]["balanced_accuracy"]["value"],
        **{f"test_{name}": best["test"][name] for name in SUMMARISED},
        "majority_test_balanced_accuracy": board.rows[-1].figure("test_balanced_accuracy")["value"],
        "networks": len(board.records),
        "networks_better": len(board.with_verdict(versus.BETTER)),
        "networks_indistinguishable": len(board.with_verdict(versus.SAME)),
        "networks_worse": len(board.with_verdict(versus.WORSE)),
        "test_images": best["test"]["images"],
        "test_groups": best["test"]["groups"],
        "split_unit": best["split_unit"],
        "dataset": best["dataset"],
    }


def _network(record: Record, timing: Timing | None) -> Entry:
    training = record["training"]
    return Entry(
        record["model"],
        _figures(record),
        training["parameters"],
        training["epochs_run"],
        timing,
        seeds=record.get("seeds"),
    )


def _figures(record: Record) -> dict[str, Figure]:
    """Return what has a value and bounds on val and test, per image, group (`group_`) and study (`study_`)."""
    found = {}
    for split in ("val", "test"):
        measured = record[split]
        for unit, measures in (
            ("", measured),
            ("group_", measured.get("per_group", {})),
            ("study_", measured.get("per_study", {})),
        ):
            for name, measure in measures.items():
                if isinstance(measure, Mapping) and "value" in measure:
                    key = name.removeprefix("study_") if unit == "study_" else name
                    found[f"{split}_{unit}{key}"] = _figure(measure["value"], measure["low"], measure["high"])
    return found


def _majority(record: Record) -> dict[str, Figure]:
    """Return what always naming the class most frequent in train scores: figures without intervals."""
    return {
        f"{split}_{name}": _figure(value)
        for split, measures in majority_measures(record).items()
        for name, value in measures.items()
    }


def _comparison(found: Record) -> Comparison:
    difference = _figure(*(found[f"balanced_accuracy_{end}"] for end in ("difference", "low", "high")))
    p_values = (_significant(found[f"{test}_p_holm"]) for test in ("balanced_accuracy", "mcnemar"))
    return Comparison(found["verdict"], difference, *p_values)


def _figure(value: float | None, low: float | None = None, high: float | None = None) -> Figure:
    """Return a cell with six digits: what is shown with fewer is then the same wherever it stands."""
    return Figure(value=_rounded(value), low=_rounded(low), high=_rounded(high))


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 6)


def _significant(p: float | None) -> float | None:
    """Return a p value to four digits, however small."""
    return None if p is None else float(f"{p:.4g}")


def _value(measured: Mapping[str, float | None]) -> float:
    value = measured["value"]
    return -1.0 if value is None else value
