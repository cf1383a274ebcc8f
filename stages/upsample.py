"""upsample: the order in which training reads the images; minority images repeated for balance=upsample.

Reads data/processed (train.npy, train.csv, info.json); writes data/train_indices.npy, results/upsample and
metrics/upsample.json.
"""

import argparse
from pathlib import Path

import numpy as np

from chestbench.core.arrays import open_array
from chestbench.core.config import Config
from chestbench.core.files import atomic_folder, read_json, write_json
from chestbench.core.notice import tiny_note
from chestbench.core.stage import run_stage
from chestbench.figures.augment_sheet import draw_augmented
from chestbench.imaging.sheet import write_png
from chestbench.preparation.sampling import (
    describe_order,
    read_class_index,
    summarise_order,
    training_order,
    write_order,
)

PROCESSED = Path("data/processed")


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Plan an epoch over the training images, and draw what it does to classes and images."""
    class_index = read_class_index(PROCESSED / "train.csv")
    order = training_order(class_index, config.balance, config.seed)
    info = read_json(PROCESSED / "info.json")
    metrics = summarise_order(class_index, order, config.balance, info["classes"])
    write_order(Path("data/train_indices.npy"), order)
    write_json(Path("metrics/upsample.json"), metrics)
    with atomic_folder(Path("results/upsample")) as folder:
        _draw(folder, config, class_index, order, info, metrics)
    wrote = "data/train_indices.npy, results/upsample (augmented.png, class_counts.png) and metrics/upsample.json"
    banner = f"{tiny_note(info)}\n" if info.get("allow_tiny") else ""
    return f"{banner}{describe_order(metrics)}\nwrote {wrote}"


def _draw(folder: Path, config: Config, class_index: np.ndarray, order: np.ndarray, info: dict, metrics: dict) -> None:
    # Imports matplotlib, which `--help` does not wait for.
    from chestbench.figures.class_counts import class_counts_figure
    from chestbench.figures.drawing import save
    from chestbench.figures.fonts import choose, drawn_with

    images = open_array(PROCESSED / "train.npy", "`dvc repro -f preprocess`")
    # Features that are computed once come from images as they are.
    augment = "none" if config.train.cache_features else config.train.augment
    note = "SYNTHETIC, " if info["synthetic"] else ""
    sheet = draw_augmented(images, class_index, order, info["classes"], augment, config.seed, note)
    write_png(folder / "augmented.png", sheet)
    lettering = choose(info["classes"])
    with drawn_with(lettering):
        title = f"training images by class, balance: {config.balance}"
        before, after = metrics["before"], metrics["after"]
        figure = class_counts_figure(before, after, info["classes"], lettering, title, metrics["class_weights"])
        save(figure, folder / "class_counts.png", info["synthetic"], lettering.key)


if __name__ == "__main__":
    run_stage(work, __doc__)
