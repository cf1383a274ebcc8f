"""The files that the train stage reads, made for tests."""

import csv
from pathlib import Path

import numpy as np

from chestbench.core.files import write_json
from tests.training.helpers import squares

CLASSES = ["음성", 'it\'s "positive"']


def write_processed(root: Path, counts: dict[str, int] | None = None, size: int = 32) -> None:
    """Write data/processed, data/train_indices.npy and data/weights/simple_cnn below `root`."""
    folder = root / "data" / "processed"
    folder.mkdir(parents=True)
    for seed, (split, n) in enumerate((counts or {"train": 16, "val": 6, "test": 6}).items()):
        images, labels = squares(n, size, seed)
        np.save(folder / f"{split}.npy", images)
        with open(folder / f"{split}.csv", "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(["image_id", "label", "class_index", "group", "study"])
            writer.writerows(
                [f"{split}{i:04d}", CLASSES[label], label, f"g{i:05d}", ""] for i, label in enumerate(labels)
            )
    info = {"classes": CLASSES, "size": size, "split_unit": "patient", "data_sha256": "d" * 64, "synthetic": True}
    info |= {"images_in_all": 28, "images_without_group": 3}
    write_json(folder / "info.json", info)
    np.save(root / "data" / "train_indices.npy", np.arange((counts or {"train": 16})["train"]))
    note = {"weights": "none", "file": None, "sha256": None, "md5": None, "source": None}
    write_json(root / "data" / "weights" / "simple_cnn" / "weights.json", note)
