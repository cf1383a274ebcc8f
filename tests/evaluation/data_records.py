"""What the data stages leave for compare: small files of the kinds in metrics/ and data/raw, made by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chestbench.core.files import write_json


def data_records(classes: Sequence[str], synthetic: bool = True) -> dict[str, dict[str, Any]]:
    """Return {path: content} of source.json and of the metrics of catalog, split, preprocess, upsample and audit."""
    per_split = {name: dict.fromkeys(classes, count) for name, count in (("train", 20), ("val", 8), ("test", 8))}
    return {
        "data/raw/source.json": {
            "name": "sample",
            "source": "sample",
            "handle": None,
            "version": None,
            "url": None,
            "bytes": 1000,
            "sha256": "a" * 64,
        },
        "metrics/catalog.json": {
            "dataset": "sample",
            "synthetic": synthetic,
            "images_found": 90,
            "images_kept": 72,
            "per_class": {name: {"found": 45, "kept": 36} for name in classes},
            "excluded": {"unreadable": 3, "exact duplicate": 9, "same picture under two labels": 6},
            "excluded_by_pattern": 0,
            "images_without_group": 2,
            "sizes": {side: {"min": 100, "median": 200, "max": 300} for side in ("width", "height")},
            "leaks": {"exact_duplicates": 9},
        },
        "metrics/split.json": {
            "split_unit": "patient",
            "synthetic": synthetic,
            "given_split": False,
            "images": per_split,
            "groups": {"train": 18, "val": 8, "test": 8},
            "shares": {"train": 0.56, "val": 0.22, "test": 0.22},
            "leaks": {"groups": 0, "look_alike_clusters": 0, "near_duplicate_pairs": 0},
        },
        "metrics/preprocess.json": {"size": 32, "fallbacks": {"train": 0, "val": 1, "test": 0}},
        "metrics/upsample.json": {
            "balance": "upsample",
            "before": per_split["train"],
            "after": dict.fromkeys(classes, 24),
            "class_weights": {},
        },
        "metrics/audit.json": {"shortcuts": {}, "warnings": []},
    }


def write_data_records(root: Path, classes: Sequence[str]) -> None:
    """Write all of `data_records` below `root`."""
    for path, content in data_records(classes).items():
        write_json(root / path, content)
