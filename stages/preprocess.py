"""preprocess: decode and resize every image once into memory-mappable arrays.

Reads data/split, data/split.csv and metrics/split.json; writes data/processed and metrics/preprocess.json.
"""

import argparse
from pathlib import Path

from chestbench.config import Config
from chestbench.files import read_json, write_json
from chestbench.preprocessing import describe_preprocess, preprocess_split
from chestbench.stage import run_stage


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Turn data/split into arrays."""
    known = read_json(Path("metrics/split.json"))
    source, table, output = Path("data/split"), Path("data/split.csv"), Path("data/processed")
    metrics = preprocess_split(
        source, table, output, config.preprocess, config.dataset.classes, known["split_unit"], known["synthetic"]
    )
    write_json(Path("metrics/preprocess.json"), metrics)
    return f"{describe_preprocess(metrics)}\nwrote data/processed (with preview.png) and metrics/preprocess.json"


if __name__ == "__main__":
    run_stage(work, __doc__)
