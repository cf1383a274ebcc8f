"""What the measures of detectors are called in MLflow. Pure functions, no MLflow."""

from collections.abc import Iterator, Mapping
from typing import Any

from chestbench.core.words import Figure, with_interval
from chestbench.measures.detection.record import DetectorRecord, over_detector_seeds

# `val/map50` is the curve over the epochs; `best_val/map50` is the finished detector.
CHOSEN_ON = "best_val/map50"
HEADLINE = "map50"
OVERALL = ("map50", "map50_95", "froc")
AT_THRESHOLD = ("sensitivity", "ppv", "false_per_image")
TABLE_COLUMNS = ("split", "of", "finding", "measure", "value", "low", "high")


def detector_metrics(record: DetectorRecord) -> dict[str, float]:
    """Return the measures of metrics/detectors/{detector}.json that a page of many runs compares, by MLflow name.

    Such as `test/map50` with its bounds, `test/map50_baseline` and `test/map50_over_baseline`; undefined ones are left
    out.
    """
    test, over = record["test"], record["difference"]["map50"]
    found: dict[str, float | None] = {CHOSEN_ON: record["val"]["map50"]["value"]}
    found |= {f"test/{name}": figure["value"] for name, figure in _headlines(record).items()}
    found |= {f"test/{HEADLINE}_{end}": value for end, value in _ends(test["map50"])}
    found |= {
        f"test/{HEADLINE}_baseline": record["baseline"]["test"]["map50"]["value"],
        f"test/{HEADLINE}_over_baseline": over["value"],
        **{f"test/{HEADLINE}_over_baseline_{end}": value for end, value in _ends(over)},
        "best_val/threshold": record["working_point"]["threshold"],
    }
    if "seeds" in record:
        spread = record["seeds"]["test_map50"]
        found |= {f"test/{HEADLINE}_seeds_mean": spread["mean"], f"test/{HEADLINE}_seeds_sd": spread["sd"]}
    if "fused" in record:
        found[f"test/{HEADLINE}_fused"] = record["fused"]["test"]["map50"]["value"]
    return {name: value for name, value in found.items() if value is not None}


def detector_tags(record: DetectorRecord) -> dict[str, str]:
    """Return the measures of test with their intervals, such as `test/map50`: `0.652 [0.571, 0.725]`."""
    return {f"test/{name}": with_interval(figure) for name, figure in _headlines(record).items()}


def detector_table(record: DetectorRecord) -> dict[str, list]:
    """Return every measure with its bounds as MLflow's tables hold it: columns and data; undefined values are None."""
    rows: list[list[Any]] = []
    for split in ("val", "test"):
        rows += [[split, "detector", *row] for row in _rows(record[split])]  # type: ignore[literal-required]
        rows += [[split, "baseline", *row] for row in _rows(record["baseline"][split])]  # type: ignore[literal-required]
        if "fused" in record:
            rows += [[split, "seeds fused", *row] for row in _rows(record["fused"][split])]  # type: ignore[literal-required]
    rows += [["test", "detector minus baseline", *row] for row in _rows(record["difference"])]
    rows.append(["val", "detector", "", "threshold", record["working_point"]["threshold"], None, None])
    return {"columns": list(TABLE_COLUMNS), "data": rows}


def detector_seed_metrics(record: DetectorRecord, seed: int) -> dict[str, float]:
    """Return what metrics/detectors/{detector}.json says of a further training of the detector, by MLflow name."""
    place = record["seeds"]["seeds"].index(seed)
    found = {}
    for name, figures in over_detector_seeds(record["seeds"]).items():
        split, _, measure = name.partition("_")
        value = figures["values"][place]
        if value is not None:
            found[f"{'best_val' if split == 'val' else split}/{measure}"] = value
    return found


def _headlines(record: DetectorRecord) -> dict[str, Figure]:
    """Return the measures of test that are compared first, by name."""
    test: Mapping[str, Any] = record["test"]
    found: dict[str, Figure] = {name: test[name] for name in OVERALL}
    for name in AT_THRESHOLD:
        if "at_threshold" in test:
            found[f"{name}_at_threshold"] = test["at_threshold"][name]
    return found


def _ends(figure: Figure) -> list[tuple[str, float | None]]:
    return [("low", figure["low"]), ("high", figure["high"])]


def _rows(split: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Yield finding, measure, value and bounds of all that is a figure."""
    for name, found in split.items():
        if not isinstance(found, Mapping):
            continue
        if "value" in found:
            yield "", name, found["value"], found["low"], found["high"]
            continue
        for key, figure in found.items():
            if isinstance(figure, Mapping) and "value" in figure:
                told = {
                    "ap50": (key, "ap50"),
                    "sensitivity": ("", f"sensitivity at {key} false boxes per image"),
                }.get(name, ("", f"{key} at threshold"))
                yield *told, figure["value"], figure["low"], figure["high"]
