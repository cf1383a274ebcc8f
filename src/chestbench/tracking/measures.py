"""What the measures of evaluation are called in MLflow. Pure functions, no MLflow.

MLflow draws a chart for every metric and groups them by what stands before the slash, so a run has some twenty, in
groups; everything else is one table and one JSON file of the run.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from chestbench.core.positive import read_positive
from chestbench.core.words import MEASURES, Figure, with_interval
from chestbench.measures.other_records import ExternalRecord
from chestbench.measures.record import NetworkRecord, SeedFigures, figure_of, over_seeds, split_of

# `val/...` names the per-epoch curves; `best_val/...` is the finished network, whose weights are the best epoch's.
SPLITS = {"val": "best_val", "test": "test"}
CHOSEN_ON, VAL_AUC = "best_val/balanced_accuracy", "best_val/macro_auc"
# The one measure whose bounds are metrics, too.
HEADLINE = "balanced_accuracy"
OVERALL = (HEADLINE, "macro_f1", "macro_auc", "macro_average_precision", "ece_calibrated")
PER_CLASS = ("sensitivity", "specificity")
TABLE_COLUMNS = ("split", "unit", "class", "measure", "value", "low", "high")


def result_metrics(record: NetworkRecord) -> dict[str, float]:
    """Return the measures of metrics/models/{model}.json that a page of many runs compares, by MLflow name.

    Of val what the choice is made by; of test the measures of `OVERALL`, the bounds of the first, and sensitivity and
    specificity of the positive class where there is one. Undefined ones are left out.
    """
    test, best = record["test"], record["val"]
    found: dict[str, float | None] = {
        CHOSEN_ON: best["balanced_accuracy"]["value"],
        VAL_AUC: best["macro_auc"]["value"],
    }
    for name, measure in _headlines(record).items():
        found[f"test/{name}"] = measure["value"]
    bounds = test["balanced_accuracy"]
    found |= {f"test/{HEADLINE}_low": bounds["low"], f"test/{HEADLINE}_high": bounds["high"]}
    if "study_map" in test.get("per_study", {}):
        found["test/study_map"] = test["per_study"]["study_map"]["value"]
    spread = _seed_measures(record).get(f"test/{HEADLINE}")
    if spread is not None:
        found |= {f"test/{HEADLINE}_seeds_mean": spread["mean"], f"test/{HEADLINE}_seeds_sd": spread["sd"]}
    if "ensemble" in record:
        # The mean of the seeds' probabilities: beside what the seeds reach one by one, not in its place.
        found[f"test/{HEADLINE}_ensemble"] = figure_of(record["ensemble"]["test"], HEADLINE)["value"]
    return {name: value for name, value in found.items() if value is not None}


def interval_tags(record: NetworkRecord) -> dict[str, str]:
    """Return the measures of test with their intervals, as columns of MLflow's run table show them.

    Such as `test/balanced_accuracy`: `0.983 [0.944, 0.995]`.
    """
    return {f"test/{name}": with_interval(measure) for name, measure in _headlines(record).items()}


def measures_table(record: NetworkRecord) -> dict[str, list]:
    """Return every measure with its bounds as MLflow's tables hold it: columns and data; undefined values are None.

    Rows are named by split (val, test), unit (image, study, or what a group is), class (empty for a whole split) and
    measure (`sensitivity at threshold`).
    """
    rows = [list(row) for name in SPLITS for row in _rows(name, "image", split_of(record, name))]
    for name in SPLITS:
        split = split_of(record, name)
        for part, unit in (("per_group", record.get("split_unit", "group")), ("per_study", "study")):
            rows += [list(row) for row in _rows(name, unit, cast("Mapping[str, Any]", split.get(part, {})))]
    for label, chosen in record.get("thresholds", {}).items():
        rows.append(["val", "image", label, "threshold", chosen["threshold"], None, None])
    rows.append(["val", "image", "", "temperature", record.get("temperature"), None, None])
    return {"columns": list(TABLE_COLUMNS), "data": rows}


def seed_metrics(record: NetworkRecord, seed: int) -> dict[str, float]:
    """Return what metrics/models/{model}.json says of a further training of the network, by MLflow name."""
    place = record["seeds"]["seeds"].index(seed)
    wanted = {CHOSEN_ON, *(f"test/{name}" for name in OVERALL)}
    found = {name: measure["values"][place] for name, measure in _seed_measures(record).items() if name in wanted}
    return {name: value for name, value in found.items() if value is not None}


def external_metrics(record: ExternalRecord) -> dict[str, float]:
    """Return the measures of metrics/external/SET/MODEL.json that a page of many runs compares, by MLflow name.

    Such as `external/other/balanced_accuracy` with its bounds, and `external/other/drop`; undefined ones are left out.
    Its table has the others.
    """
    test, prefix = record["test"], f"external/{record['set']}/"
    whole = test["balanced_accuracy"]
    found: dict[str, float | None] = {
        f"{prefix}{HEADLINE}": whole["value"],
        f"{prefix}{HEADLINE}_low": whole["low"],
        f"{prefix}{HEADLINE}_high": whole["high"],
        f"{prefix}macro_auc": test["macro_auc"]["value"],
        f"{prefix}drop": record["drop"],
    }
    return {name: value for name, value in found.items() if value is not None}


def external_table(record: ExternalRecord) -> dict[str, list]:
    """Return every measure of a network on a set from elsewhere, as MLflow's tables hold it: columns and data."""
    rows = [[record["set"], *row[2:]] for row in _rows("test", "image", record["test"])]
    own = [record["set"], "", "own_test_balanced_accuracy", record["own_test_balanced_accuracy"], None, None]
    drop = [record["set"], "", "drop", record["drop"], record["drop_low"], record["drop_high"]]
    return {"columns": ["set", *TABLE_COLUMNS[2:]], "data": [*rows, own, drop]}


def _headlines(record: NetworkRecord) -> dict[str, Figure]:
    """Return the measures of test that are compared first, by name."""
    test, positive = record["test"], read_positive(record).name
    found: dict[str, Figure] = {name: figure_of(test, name) for name in OVERALL if name in test}
    if positive is not None:
        found |= {name: figure_of(test["per_class"][positive], name) for name in PER_CLASS}
    return found


def _rows(split: str, unit: str, measures: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for label, of_class in (("", measures), *measures.get("per_class", {}).items()):
        for ending, found in (("", of_class), (" at threshold", of_class.get("at_threshold", {}))):
            for name, measure in found.items():
                if isinstance(measure, Mapping) and "value" in measure:
                    key = f"{MEASURES[name].key}{ending}"
                    yield split, unit, label, key, measure["value"], measure["low"], measure["high"]


def _seed_measures(record: NetworkRecord) -> dict[str, SeedFigures]:
    """Return the measures of all seeds by MLflow name; none where there is one seed."""
    if "seeds" not in record:
        return {}
    found = {}
    for name, measure in over_seeds(record["seeds"]).items():
        split, _, rest = name.partition("_")
        if split in SPLITS:
            found[f"{SPLITS[split]}/{rest}"] = measure
    return found
