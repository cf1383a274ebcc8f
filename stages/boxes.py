"""boxes: the boxes of the data set in pixels of the arrays that a detector sees.

Reads data/boxes.csv, data/catalog.csv, metrics/catalog.json, data/split.csv, data/split and data/processed; writes
data/boxes, results/boxes and metrics/boxes.json.
"""

import argparse
from pathlib import Path

from chestbench.core.config import Config
from chestbench.core.files import atomic_folder, write_json
from chestbench.core.stage import run_stage
from chestbench.preparation.detection.boxes_of_arrays import Inputs, describe_boxes, write_array_boxes


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Turn data/boxes.csv into boxes of data/processed."""
    inputs = Inputs(
        Path("data/boxes.csv"),
        Path("data/catalog.csv"),
        Path("data/split.csv"),
        Path("data/split"),
        Path("data/processed"),
        Path("metrics/catalog.json"),
    )
    with atomic_folder(Path("results/boxes")) as folder:
        record = write_array_boxes(
            inputs, Path("data/boxes"), folder / "preview.png", config.preprocess, config.dataset.modality
        )
    write_json(Path("metrics/boxes.json"), record)
    return f"{describe_boxes(record)}\nwrote data/boxes, results/boxes (preview.png) and metrics/boxes.json"


if __name__ == "__main__":
    run_stage(work, __doc__)
