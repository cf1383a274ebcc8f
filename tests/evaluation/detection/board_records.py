"""Records of detectors as `evaluate_boxes` writes them, with figures that a test chooses."""

from pathlib import Path
from typing import Any

from chestbench.core.files import write_csv, write_json
from chestbench.measures.detection.record import DetectorRecord

EXPERIMENT = "boxes-of-a-test"


def figure(value: float | None, reach: float = 0.05) -> dict[str, float | None]:
    """Return a figure with an interval around it."""
    bounds = (None, None) if value is None else (value - reach, value + reach)
    return {"value": value, "low": bounds[0], "high": bounds[1]}


def split(map50: float | None) -> dict[str, Any]:
    """Return the measures of a split."""
    return {
        "images": 40,
        "with_boxes": 25,
        "boxes": 30,
        "boxes_of": {"opacity": 30},
        "patients": 20,
        "found": 50,
        "map50": figure(map50),
        "map50_95": figure(None if map50 is None else map50 / 2),
        "froc": figure(None if map50 is None else map50 * 0.9),
        "patient_froc": figure(map50),
        "ap50": {"opacity": figure(map50)},
        "ap50_95": {"opacity": figure(None if map50 is None else map50 / 2)},
        "sensitivity": {rate: figure(0.5) for rate in ("0.25", "0.5", "1", "2", "4", "8")},
        "patient_sensitivity": {rate: figure(0.6) for rate in ("0.25", "0.5", "1", "2", "4", "8")},
        "absent_findings": [],
    }


def record(name: str, val: float | None, test: float = 0.6, over: float = 0.5, **more: Any) -> DetectorRecord:
    """Return the record of a detector."""
    base = {"name": "mean box of train", "boxes": {}, "absent": [], "val": split(0.05), "test": split(test - over)}
    found: dict[str, Any] = {
        "task": "detect",
        "model": name,
        "dataset": "sample",
        "data_sha256": "a",
        "boxes_sha256": "b",
        "split_unit": "patient",
        "synthetic": True,
        "run_key": f"key-{name}",
        "experiment": EXPERIMENT,
        "notice": "",
        "findings": ["opacity"],
        "training": {"parameters": 12_345, "epochs_run": 40, "best_epoch": 31, "seed": 42, "weights": "none"},
        "train": {"images": 100, "with_boxes": 60, "boxes_of": {"opacity": 70}},
        "bootstrap": {"resamples": 100, "confidence": 0.95, "unit": "patient"},
        "working_point": {"threshold": 0.4, "rule": "best F1 of the boxes on val", "overlap": 0.5},
        "val": split(val),
        "test": split(test),
        "baseline": base,
        "difference": {"map50": figure(over), "map50_95": figure(over / 2), "froc": figure(over)},
        "notes": [],
        **more,
    }
    return found  # type: ignore[return-value]


def write_detector(root: Path, found: DetectorRecord) -> None:
    """Write what `compare` and `report` read of a detector into a workspace."""
    name = found["model"]
    results, models = root / "results/models" / name, root / "models" / name
    write_json(root / "metrics/detectors" / f"{name}.json", found)
    write_json(models / "timing.json", {"seconds": 61.5, "images_per_second": 80.0, "epochs": []})
    epochs = ["epoch", "loss", "val_loss", "val_map50"]
    write_csv(
        results / "history.csv", epochs, [dict(zip(epochs, (n, 1 / n, 2 / n, 0.1 * n), strict=True)) for n in (1, 2)]
    )
    steps = ["step", "epoch", "loss"]
    write_csv(
        results / "steps.csv", steps, [dict(zip(steps, (n, (n + 1) // 2, 1 / n), strict=True)) for n in (1, 2, 3, 4)]
    )
    froc = ["score", "false_per_image", "sensitivity"]
    write_csv(results / "froc.csv", froc, [dict(zip(froc, (0.9, 0.1, 0.4), strict=True))])
    pr = ["finding", "score", "recall", "precision"]
    write_csv(results / "pr.csv", pr, [dict(zip(pr, ("opacity", 0.9, 0.4, 0.8), strict=True))])
