"""upsample: the order in which training reads the images; minority images repeated for balance=upsample.

Reads data/processed (train.csv, info.json); writes data/train_indices.npy and metrics/upsample.json.
"""

import argparse
from pathlib import Path

from chestbench.config import Config
from chestbench.files import read_json, write_json
from chestbench.sampling import describe_order, read_class_index, summarise_order, training_order, write_order
from chestbench.stage import run_stage


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Plan an epoch over the training images."""
    class_index = read_class_index(Path("data/processed/train.csv"))
    order = training_order(class_index, config.balance, config.seed)
    metrics = summarise_order(
        class_index, order, config.balance, read_json(Path("data/processed/info.json"))["classes"]
    )
    write_order(Path("data/train_indices.npy"), order)
    write_json(Path("metrics/upsample.json"), metrics)
    return f"{describe_order(metrics)}\nwrote data/train_indices.npy and metrics/upsample.json"


if __name__ == "__main__":
    run_stage(work, __doc__)
