"""The leaderboard of detectors as a table and as metrics/summary.json: columns, the cells of each line, keys."""

from collections.abc import Mapping, Sequence
from typing import Any

from chestbench.core.files import Row
from chestbench.evaluation.detection.board import CHOSEN_ON, DetectorBoard
from chestbench.measures.detection.record import DetectorRecord
from chestbench.measures.record import Figure

_BOUNDS = ("", "_low", "_high")
MEASURES = ("map50", "map50_95", "froc")
COLUMNS = (
    "model",
    "parameters",
    "epochs",
    *(f"val_{name}" for name in MEASURES),
    *(f"test_{name}{end}" for name in MEASURES for end in _BOUNDS),
    # More than the mean box of train has on test, over the same resamples.
    *(f"over_mean_box{end}" for end in _BOUNDS),
)
# Only where a detector was trained with several seeds.
SEED_COLUMNS = ("seeds", "test_map50_mean", "test_map50_sd")


def columns(board: DetectorBoard) -> tuple[str, ...]:
    """Return the columns of the table: those that never change, then those of several seeds where there are any."""
    return (*COLUMNS, *(SEED_COLUMNS if any("seeds" in record for record in board.records) else ()))


def table(board: DetectorBoard) -> list[Row]:
    """Return one row for each detector, each detector's fused seeds, and the mean box; with the keys of `columns`."""
    rows = [_detector(record) for record in board.records]
    rows += [
        {"model": record["fused"]["name"], **_figures(record["fused"])} for record in board.records if "fused" in record
    ]
    baseline = board.best["baseline"]
    rows.append({"model": baseline["name"], **_figures(baseline)})
    names: Sequence[str] = columns(board)
    return [{name: row.get(name) for name in names} for row in rows]


def summary(board: DetectorBoard) -> Row:
    """Return the chosen detector's figures under keys that never change, for `dvc metrics show` and `dvc exp show`."""
    best = board.best
    test = best["test"]
    return {
        "detector": best["model"],
        "detector_chosen_on": CHOSEN_ON,
        CHOSEN_ON: best["val"]["map50"]["value"],
        **{f"test_{name}": _figure(test, name) for name in MEASURES},
        "mean_box_test_map50": best["baseline"]["test"]["map50"]["value"],
        "over_mean_box": best["difference"]["map50"],
        "detectors": len(board.records),
        "test_boxes": test["boxes"],
    }


def shared(record: Mapping[str, Any]) -> Row:
    """Return what a summary says of the data where no networks for classes are compared."""
    return {
        "test_images": record["test"]["images"],
        "test_groups": record["test"]["patients"],
        "split_unit": record["split_unit"],
        "dataset": record["dataset"],
        "tiny": bool(record.get("tiny")),
    }


def _detector(record: DetectorRecord) -> Row:
    training, over = record["training"], record["difference"]["map50"]
    row = {"model": record["model"], "parameters": training["parameters"], "epochs": training["epochs_run"]}
    row |= {**_figures(record), **_bounded("over_mean_box", over)}
    if "seeds" in record:
        spread = record["seeds"]["test_map50"]
        row |= {"seeds": len(record["seeds"]["seeds"])}
        row |= {f"test_map50_{end}": _rounded(spread[end]) for end in ("mean", "sd")}  # type: ignore[literal-required]
    return row


def _figures(found: Mapping[str, Any]) -> Row:
    row: Row = {f"val_{name}": _figure(found["val"], name)["value"] for name in MEASURES}
    for name in MEASURES:
        row |= _bounded(f"test_{name}", _figure(found["test"], name))
    return row


def _bounded(column: str, figure: Figure) -> Row:
    return dict(
        zip((f"{column}{end}" for end in _BOUNDS), (figure["value"], figure["low"], figure["high"]), strict=True)
    )


def _figure(split: Mapping[str, Any], name: str) -> Figure:
    found: Figure = split[name]
    return found


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
