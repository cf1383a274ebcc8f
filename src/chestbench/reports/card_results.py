"""The measures of one network as tables of text, for its card and for the CLAIM checklist: see results.md.j2."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from chestbench.core.words import MEASURES, OVERALL, Figure, heading, number, with_interval
from chestbench.measures.record import (
    ClassMeasures,
    NetworkRecord,
    SeedsRecord,
    Threshold,
    figure_of,
    over_seeds,
)
from chestbench.reports.unit_words import unit_of, units_of

Told = Callable[[Figure], str]
Table = tuple[list[str], list[list[Any]]]
PER_CLASS = ("sensitivity", "specificity", "ppv", "npv", "f1", "auc", "average_precision")
AT_THRESHOLD = ("sensitivity", "specificity", "ppv", "npv")


class Tables(NamedTuple):
    """Headings and cells of each table; None of what the record does not hold.

    Attributes:
        overall: val beside test, per image, study and group.
        per_class: on test, at the highest probability.
        confusion: test images by actual class (rows) and predicted class.
        at_threshold: on test, one class against the rest at the threshold chosen on val.
        seeds: a training with each seed, mean and standard deviation.
        unbounded: whether a figure of val or test has a value and no interval.
    """

    overall: Table
    per_class: Table
    confusion: Table
    at_threshold: Table | None
    seeds: Table | None
    unbounded: bool


def tables(record: NetworkRecord, told: Told = with_interval) -> Tables:
    """Return the tables of metrics/models/MODEL.json; `told` writes a figure with its interval."""
    val, test = record["val"], record["test"]
    shown = [figure_of(split, key) for split in (val, test) for key in OVERALL if key in split]
    classes = record["classes"]
    return Tables(
        _overall(record, told),
        _per_class(test["per_class"], told),
        (["", *classes], [[label, *row] for label, row in zip(classes, test["confusion"], strict=True)]),
        _at_threshold(test["per_class"], record["thresholds"], told) if record.get("thresholds") else None,
        _seeds(record["seeds"]) if "seeds" in record else None,
        any(measure["value"] is not None and measure["low"] is None for measure in shown),
    )


def _overall(record: NetworkRecord, told: Told) -> Table:
    splits = {"val": record["val"], "test": record["test"]}
    # Studies have a measure of their own, the mean over their images of each class.
    unit = "patient" if unit_of(record) == "patient" else "group"
    sizes = [
        f"{name} ({split['images']} images of {split['groups']} {units_of(record)})" for name, split in splits.items()
    ]
    rows = _both(splits, OVERALL, "", told)
    for key, names, of in (("per_study", ("study_map", *OVERALL), "study"), ("per_group", OVERALL, unit)):
        rows += _both({name: split.get(key, {}) for name, split in splits.items()}, names, f", per {of}", told)
    return ["measure", *sizes], rows


def _both(splits: Mapping[str, Any], keys: Sequence[str], unit: str, told: Told) -> list[list[Any]]:
    return [
        [f"{heading(key)}{unit}", *(told(split[key]) for split in splits.values())]
        for key in keys
        if all(key in split for split in splits.values())
    ]


def _per_class(per_class: Mapping[str, ClassMeasures], told: Told) -> Table:
    names = [name for name in PER_CLASS if all(name in measures for measures in per_class.values())]
    return ["class", "images", *(heading(name) for name in names)], [
        [label, measures["images"], *(told(figure_of(measures, name)) for name in names)]
        for label, measures in per_class.items()
    ]


def _at_threshold(per_class: Mapping[str, ClassMeasures], thresholds: Mapping[str, Threshold], told: Told) -> Table:
    rows = []
    for label, chosen in thresholds.items():
        called = per_class[label].get("at_threshold")
        cells = [told(figure_of(called, name)) if called else "undefined" for name in AT_THRESHOLD]
        at = "none" if chosen["threshold"] is None else number(chosen["threshold"], MEASURES["threshold"].form)
        rows.append([label, at, chosen["rule"], *cells])
    return ["class", heading("threshold"), "rule", *(heading(name) for name in AT_THRESHOLD)], rows


def _seeds(seeds: SeedsRecord) -> Table:
    def told(value: float | None) -> str:
        return "undefined" if value is None else number(value)

    rows = [
        [heading(name), *(told(value) for value in (*measure["values"], measure["mean"], measure["sd"]))]
        for name, measure in over_seeds(seeds).items()
    ]
    return ["measure", *(f"seed {seed}" for seed in seeds["seeds"]), "mean", "standard deviation"], rows
