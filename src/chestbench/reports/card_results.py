"""The results of a model card: measures with intervals on val and test, calibration, thresholds, confusion, seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

from chestbench.core.words import OVERALL, heading, with_interval
from chestbench.reports.markdown import escaped, table

Record = Mapping[str, Any]

WITHOUT_BOUNDS = (
    "A figure without an interval rests on one group (of a class, say) or on hardly any resample: how far chance could "
    "move it is not known."
)
UNITS = {"per_study": "per study", "per_group": "per group"}


def results(record: Record) -> list[str]:
    """Return the lines of the section, from metrics/models/MODEL.json; what it does not hold is left out."""
    val, test = record["val"], record["test"]
    rows = [
        [heading(key), with_interval(val[key]), with_interval(test[key])]
        for key in OVERALL
        if key in val and key in test
    ]
    for key, unit in UNITS.items():
        if key in val and key in test:
            names = ("study_map", *OVERALL) if key == "per_study" else OVERALL
            rows += [
                [f"{heading(measure)}, {unit}", with_interval(val[key][measure]), with_interval(test[key][measure])]
                for measure in names
                if measure in val[key] and measure in test[key]
            ]
    sizes = [f"{name} ({split['images']} images in {split['groups']} groups)" for name, split in _splits(record)]
    lines = table(["measure", *sizes], rows)
    if any(not has_bounds(split[key]) for _, split in _splits(record) for key in OVERALL if key in split):
        lines += ["", WITHOUT_BOUNDS]
    if record.get("temperature") is not None:
        lines += [
            "",
            f"Temperature (chosen on val; 1 leaves the probabilities as they are): {record['temperature']:.3f}.",
        ]
    lines += ["", "Per class, test, at the highest probability:", "", *_per_class(test)]
    if record.get("thresholds"):
        lines += ["", "Per class, test, one against the rest at the threshold chosen on val:", ""]
        lines += _at_threshold(test, record["thresholds"])
    if record.get("chosen_notes"):
        lines += ["", *(f"- {escaped(note)}" for note in record["chosen_notes"])]
    lines += ["", "Test images by actual class (rows) and predicted class (columns):", ""]
    lines += _confusion(record["classes"], test["confusion"])
    if "seeds" in record:
        lines += ["", "The same training with other seeds:", "", *_seeds(record["seeds"])]
    return lines


def has_bounds(measure: Record) -> bool:
    """Return whether a measure has an interval, or no value that could have one."""
    return measure["value"] is None or measure["low"] is not None


def _splits(record: Record) -> list[tuple[str, Record]]:
    return [("val", record["val"]), ("test", record["test"])]


def _per_class(split: Record) -> list[str]:
    per_class = split["per_class"]
    known = ("sensitivity", "specificity", "ppv", "npv", "f1", "auc", "average_precision")
    names = [name for name in known if all(name in measures for measures in per_class.values())]
    rows = [
        [label, measures["images"], *(with_interval(measures[name]) for name in names)]
        for label, measures in per_class.items()
    ]
    return table(["class", "images", *(heading(name) for name in names)], rows)


def _at_threshold(split: Record, thresholds: Record) -> list[str]:
    names = ("sensitivity", "specificity", "ppv", "npv")
    rows = []
    for label, chosen in thresholds.items():
        measures = split["per_class"][label].get("at_threshold") or {}
        value = "none" if chosen["threshold"] is None else f"{chosen['threshold']:.4f}"
        cells = [with_interval(measures[name]) if name in measures else "undefined" for name in names]
        rows.append([label, value, chosen["rule"], *cells])
    return table(["class", "threshold", "rule", *(heading(name) for name in names)], rows)


def _confusion(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> list[str]:
    rows = [[label, *row] for label, row in zip(classes, counts, strict=True)]
    return table(["", *classes], rows)


def _seeds(seeds: Record) -> list[str]:
    rows = []
    for name, measure in seeds.items():
        if name != "seeds":
            values = [_number(value) for value in measure["values"]]
            rows.append([heading(name), *values, _number(measure["mean"]), _number(measure["sd"])])
    return table(["measure", *(f"seed {seed}" for seed in seeds["seeds"]), "mean", "standard deviation"], rows)


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
