"""The measures of one detector as tables of text, for its card: see detector_card.md.j2."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chestbench.core.words import Figure, number, with_interval
from chestbench.measures.detection.record import DetectorRecord, over_detector_seeds
from chestbench.reports.unit_words import unit_of, units_of

Table = tuple[list[str], list[list[Any]]]
# Key of a split -> what it is called.
OVERALL = {
    "map50": "mAP@0.5",
    "map50_95": "mAP@[.5:.95]",
    "froc": "mean sensitivity (FROC)",
    "patient_froc": "the same per {unit}",
}
AT_THRESHOLD = {
    "sensitivity": "sensitivity: share of the drawn boxes that are found",
    "ppv": "positive predictive value: share of the found boxes that are right",
    "false_per_image": "false boxes per picture",
}
OUTCOMES = {
    "all_found": "all boxes found, none false",
    "missed": "some missed, none false",
    "false": "all found, some false",
    "missed_and_false": "some missed, some false",
    "alarm": "nothing drawn, some false",
    "nothing": "nothing drawn, nothing found",
}
SEEDS = {"map50": "mAP@0.5", "map50_95": "mAP@[.5:.95]", "froc": "mean sensitivity (FROC)"}
NOT_DEFINED = "not defined"


class Tables(NamedTuple):
    """Headings and cells of each table; None of what the record does not hold.

    Attributes:
        overall: val beside test, the baseline on test, and the difference.
        per_finding: boxes of each split, and the average precision on test.
        at_rates: sensitivity at each rate of false boxes.
        at_threshold: on val and test.
        outcomes: test pictures by outcome.
        seeds: a training with each seed, mean and standard deviation.
    """

    overall: Table
    per_finding: Table
    at_rates: Table
    at_threshold: Table | None
    outcomes: Table | None
    seeds: Table | None


def detector_tables(record: DetectorRecord) -> Tables:
    """Return the tables of metrics/detectors/NAME.json."""
    return Tables(
        _overall(record),
        _per_finding(record),
        _at_rates(record),
        _at_threshold(record),
        _outcomes(record),
        _seeds(record),
    )


def told(figure: Figure) -> str:
    """Return a figure with its interval, in words where it is not defined."""
    return NOT_DEFINED if figure["value"] is None else with_interval(figure)


def told_difference(figure: Figure) -> str:
    """Return a difference with its sign and interval.

    >>> told_difference({"value": 0.25, "low": 0.125, "high": None}), told_difference(
    ...     {"value": -0.25, "low": -0.5, "high": 0.125}
    ... )
    ('+0.250', '-0.250 [-0.500, +0.125]')
    """
    value, low, high = figure["value"], figure["low"], figure["high"]
    if value is None:
        return NOT_DEFINED
    return f"{value:+.3f}" if low is None or high is None else f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def _overall(record: DetectorRecord) -> Table:
    val, test, baseline = record["val"], record["test"], record["baseline"]
    difference: Mapping[str, Figure] = record["difference"]  # type: ignore[assignment]
    units = units_of(record)
    sizes = [
        f"{name} ({split['images']} pictures of {split['patients']} {units}, {split['boxes']} boxes)"
        for name, split in (("val", val), ("test", test))
    ]
    fused = record.get("fused")
    names = ["measure", *sizes, *(["test, seeds fused"] if fused else []), "test, mean box of train", "more than it"]
    rows = []
    for key, name in OVERALL.items():
        splits: list[Mapping[str, Any]] = [val, test, *([fused["test"]] if fused else []), baseline["test"]]
        over = told_difference(difference[key]) if key in difference else ""
        rows.append([name.format(unit=unit_of(record)), *(told(split[key]) for split in splits), over])
    return names, rows


def _per_finding(record: DetectorRecord) -> Table:
    splits = {"train": record["train"], "val": record["val"], "test": record["test"]}
    rows = [
        [name, *(split["boxes_of"][name] for split in splits.values()), told(record["test"]["ap50"][name])]
        for name in record["findings"]
    ]
    return ["finding", *(f"boxes, {name}" for name in splits), "AP@0.5, test"], rows


def _at_rates(record: DetectorRecord) -> Table:
    rates = list(record["test"]["sensitivity"])
    splits: dict[str, Mapping[str, Any]] = {"val": record["val"], "test": record["test"]}
    rows = [
        [f"{said}, {name}", *(told(split[key][rate]) for rate in rates)]
        for key, said in (("sensitivity", "boxes"), ("patient_sensitivity", units_of(record)))
        for name, split in (("val", splits["val"]), ("test", splits["test"]))
    ]
    return ["false boxes per picture", *rates], rows


def _at_threshold(record: DetectorRecord) -> Table | None:
    val, test = record["val"].get("at_threshold"), record["test"].get("at_threshold")
    if val is None or test is None:
        return None
    parts: list[Mapping[str, Any]] = [val, test]
    rows = [[name, *(told(part[key]) for part in parts)] for key, name in AT_THRESHOLD.items()]
    rows += [[f"boxes: {name}", *(part[name] for part in parts)] for name in ("right", "missed", "false")]
    return ["at the threshold", "val", "test"], rows


def _outcomes(record: DetectorRecord) -> Table | None:
    at = record["test"].get("at_threshold")
    if at is None:
        return None
    return ["a test picture has", "pictures"], [[said, at["pictures"][key]] for key, said in OUTCOMES.items()]


def _seeds(record: DetectorRecord) -> Table | None:
    if "seeds" not in record:
        return None
    rows = []
    for name, figures in over_detector_seeds(record["seeds"]).items():
        split, _, measure = name.partition("_")
        values = [*figures["values"], figures["mean"], figures["sd"]]
        rows.append([f"{split} {SEEDS[measure]}", *(NOT_DEFINED if v is None else number(v) for v in values)])
    seeds = [f"seed {seed}" for seed in record["seeds"]["seeds"]]
    return ["measure", *seeds, "mean", "standard deviation"], rows
