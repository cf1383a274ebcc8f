"""preprocess: decode every image once, keep its region of interest, resize it, into memory-mappable arrays.

Reads data/split, data/split.csv, data/masks and metrics/split.json; writes data/processed, results/preprocess and
metrics/preprocess.json.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.files import read_json, write_json
from chestbench.core.stage import run_stage
from chestbench.preparation.preprocessing import describe_preprocess, preprocess_split


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Turn data/split into arrays."""
    known = read_json(Path("metrics/split.json"))
    metrics = preprocess_split(
        Path("data/split"),
        Path("data/split.csv"),
        Path("data/processed"),
        config.preprocess,
        config.dataset.classes,
        known["split_unit"],
        known["synthetic"],
        masks=Path("data/masks"),
        sheets=Path("results/preprocess"),
        modality=config.dataset.modality,
        without_group=known["images_without_group"],
    )
    write_json(Path("metrics/preprocess.json"), metrics)
    wrote = (
        "data/processed (with preview.png), results/preprocess (contours.png, stages.png) and metrics/preprocess.json"
    )
    return f"{describe_preprocess(metrics)}\nwrote {wrote}"


if __name__ == "__main__":
    run_stage(work, __doc__)
