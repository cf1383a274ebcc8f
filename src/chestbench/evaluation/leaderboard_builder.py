"""The leaderboard built: records read and put in the order of val, and each made a line of the model.

How far each network is from the chosen one on test comes from `versus.compare_with_chosen`. The majority class needs no
predictions: its figures follow from the confusion matrices of any network.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import Row, read_json
from chestbench.core.positive import read_positive
from chestbench.evaluation.leaderboard import (
    MAJORITY,
    OF_POSITIVE,
    REGRESSION,
    Comparison,
    Entry,
    Leaderboard,
    Timing,
)
from chestbench.measures.metrics import measure
from chestbench.measures.other_records import BaselinesRecord
from chestbench.measures.record import Figure, Measured, NetworkRecord, SplitRecord, figure_of, split_of


def read_records(folder: Path, models: Sequence[str]) -> list[NetworkRecord]:
    """Read `{model}.json` of each network, best on val first (balanced accuracy, then AUC, then name).

    Args:
        folder: metrics/models.
        models: names of the networks.

    Raises:
        ChestbenchError: a network has no record, or the networks were not judged on the same data.
    """
    records: list[NetworkRecord] = []
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
    return sorted(records, key=lambda record: _rank(record["val"], record["model"]))


def build(
    records: Sequence[NetworkRecord],
    against: Mapping[str, Row] | None = None,
    baselines: BaselinesRecord | None = None,
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
        against: rows of `versus.compare_with_chosen` by name, for networks, ensembles and baselines.
        baselines: metrics/baselines.json; None for no row of the logistic regression.
        timings: by network; None or without a network: its time is not shown.
        beside: published, external, warnings, untested and data of `Leaderboard`.
    """
    rows = [_network(record, (timings or {}).get(record["model"])) for record in records]
    rows += ensembles(records)
    if baselines:
        regression = baselines["logistic_regression"]
        rows.append(
            Entry(
                REGRESSION,
                _figures(regression["val"], regression["test"], read_positive(records[0]).name),
                regression["settings"]["parameters"],
            )
        )
    rows.append(Entry(MAJORITY, _majority(records[0])))
    found = {name: _comparison(row) for name, row in (against or {}).items()}
    rows = [replace(row, comparison=found.get(row.name)) for row in rows]
    return Leaderboard(rows, records, **beside)


def check_baselines(baselines: BaselinesRecord, record: NetworkRecord) -> None:
    """Raise a `ChestbenchError` when metrics/baselines.json is not of the images that the networks were judged on."""
    if baselines["data_sha256"] != record["data_sha256"]:
        raise ChestbenchError(
            "metrics/baselines.json: expected baselines on the images of the networks, received those of others; "
            "run `dvc repro baselines`"
        )


def majority_measures(record: NetworkRecord) -> dict[str, dict[str, float]]:
    """Return the overall measures on val and test of always naming the class most frequent in train.

    Args:
        record: metrics/models/{model}.json of any network: its confusion matrices say how many images a class has.
            Where studies are known, `per_study` is measured too and its macro average precision is `study_map`.
    """
    commonest = int(np.argmax(record["train_images"]))
    found = {}
    for name in ("val", "test"):
        split = split_of(record, name)
        found[name] = _always(commonest, split)
        if "per_study" in split:
            found[name]["study_map"] = _always(commonest, split["per_study"])["macro_average_precision"]
    return found


def _network(record: NetworkRecord, timing: Timing | None) -> Entry:
    training = record["training"]
    return Entry(
        record["model"],
        _figures(record["val"], record["test"], read_positive(record).name),
        training["parameters"],
        training["epochs_run"],
        timing,
        seeds=record.get("seeds"),
    )


def ensembles(records: Sequence[NetworkRecord]) -> list[Entry]:
    """Return the ensembles over seeds of those networks that have several, best on val first as `read_records`."""
    found = [
        (
            _rank(record["ensemble"]["val"], record["ensemble"]["name"]),
            Entry(
                record["ensemble"]["name"],
                _figures(record["ensemble"]["val"], record["ensemble"]["test"], read_positive(record).name),
                record["training"]["parameters"] * record["ensemble"]["trainings"],
            ),
        )
        for record in records
        if "ensemble" in record
    ]
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])]


def _rank(val: SplitRecord, name: str) -> tuple[float, float, str]:
    return -_value(val["balanced_accuracy"]), -_value(val["macro_auc"]), name


def _figures(val: SplitRecord, test: SplitRecord, positive: str | None) -> dict[str, Figure]:
    """Return what has a value and bounds on val and test, per image, group (`group_`) and study (`study_`).

    With a class that is looked for, `positive`, also its sensitivity and specificity per image.
    """
    found = {}
    for split, measured in (("val", val), ("test", test)):
        units: dict[str, Mapping[str, object]] = {
            "": measured,
            "group_": measured.get("per_group", {}),
            "study_": measured.get("per_study", {}),
        }
        for unit, measures in units.items():
            for name, figure in measures.items():
                if isinstance(figure, Mapping) and "value" in figure:
                    key = name.removeprefix("study_") if unit == "study_" else name
                    found[f"{split}_{unit}{key}"] = _figure(figure["value"], figure["low"], figure["high"])
        if positive is not None:
            for name in OF_POSITIVE:
                of_class = figure_of(measured["per_class"][positive], name)
                found[f"{split}_{name}"] = _figure(of_class["value"], of_class["low"], of_class["high"])
    return found


def _majority(record: NetworkRecord) -> dict[str, Figure]:
    """Return what always naming the class most frequent in train scores: figures without intervals."""
    return {
        f"{split}_{name}": _figure(value)
        for split, measures in majority_measures(record).items()
        for name, value in measures.items()
    }


def _always(label: int, split: Measured) -> dict[str, float]:
    """Return the measures of always naming one class on a split with this confusion matrix."""
    counts = np.array(split["confusion"]).sum(axis=1)
    labels = np.repeat(np.arange(len(counts)), counts)
    probabilities = np.zeros((len(labels), len(counts)))
    probabilities[:, label] = 1
    return {name: float(values[0]) for name, values in measure(labels, probabilities).overall.items()}


def _comparison(found: Row) -> Comparison:
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


def _value(measured: Figure) -> float:
    value = measured["value"]
    return -1.0 if value is None else value
