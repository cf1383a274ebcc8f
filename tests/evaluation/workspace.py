"""A folder as evaluate finds it: small processed arrays and a network that was "trained" without learning."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.core.files import write_json
from chestbench.training.records import write_training

SIZE = 32


def write_processed(
    root: Path, classes: Sequence[str] = ("Normal", "COVID"), per_class: int = 8, studies: bool = False
) -> None:
    """Write data/processed: class i has a bright bar i rows down; two images per group, and per study where known."""
    folder = root / "data" / "processed"
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    for split, share in (("train", 2), ("val", 1), ("test", 1)):
        labels = np.repeat(np.arange(len(classes)), per_class * share)
        # The first class is the commonest, in every split.
        labels = np.concatenate([labels, np.zeros(4, int)])
        images = generator.integers(0, 60, (len(labels), SIZE, SIZE, 1), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            image[4 + 6 * label : 8 + 6 * label] += 150
        np.save(folder / f"{split}.npy", images)
        with open(folder / f"{split}.csv", "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(["image_id", "label", "class_index", "group", "study"])
            for place, label in enumerate(labels):
                study = f"s{place // 2:05d}" if studies else ""
                code = f"{split}{place:012x}"[-16:]
                writer.writerow([code, classes[label], label, f"g{place // 2:05d}", study])
    info = {"classes": list(classes), "size": SIZE, "synthetic": True, "split_unit": "patient", "data_sha256": "d" * 64}
    write_json(folder / "info.json", info)
    write_about(root, classes)


def write_about(root: Path, classes: Sequence[str]) -> None:
    """Write what the model card says of the data: source.json, metrics/catalog.json and split.json."""
    source = {"name": "sample", "source": "sample", "handle": None, "version": None, "url": None}
    write_json(root / "data/raw/source.json", {**source, "bytes": 1000, "sha256": "a" * 64})
    catalog = {"synthetic": True, "images_found": 90, "images_kept": 90, "excluded": {}, "images_without_group": 0}
    write_json(root / "metrics/catalog.json", catalog)
    images = {split: dict.fromkeys(classes, 8) for split in ("train", "val", "test")}
    groups = dict.fromkeys(images, 8)
    split = {"split_unit": "patient", "given_split": False, "images": images, "groups": groups}
    write_json(root / "metrics/split.json", split)


def training_record(name: str, classes: Sequence[str], **changes: Any) -> dict[str, Any]:
    """Return what `records.read_training` gives of a training."""
    return {
        "run_key": f"key-of-{name}",
        "mlflow_experiment": "sample",
        "model": name,
        "dataset": "sample",
        "data_sha256": "d" * 64,
        "synthetic": True,
        "split_unit": "patient",
        "classes": list(classes),
        "image_size": SIZE,
        "weights": "none",
        "seed": 42,
        "seeds": [42],
        "random_labels": False,
        "device": "a chip (CPU, 2 cores)",
        "backend": "tensorflow",
        "precision": "float32",
        "config": {
            "seed": 42,
            "preprocess.size": SIZE,
            "preprocess.fit": "pad",
            "preprocess.roi": "none",
            "dataset.modality": "CT",
            "train.learning_rate": 0.001,
            "train.deterministic": False,
        },
        "versions": {"python": "3.11"},
        "parameters": 1234567,
        "epochs_run": 3,
        "best_epoch": 2,
        "seconds": 12.5,
        "first_step_seconds": 4.25,
        "images_per_second": 99.5,
        "energy": {"cpu_joules": None, "gpu_joules": None, "whole": True},
        **changes,
    }


def history_rows(epochs: int = 3) -> list[dict[str, Any]]:
    """Return history rows with floats that need all their digits."""
    return [
        {
            "epoch": epoch,
            "phase": "head" if epoch == 1 else "main",
            "loss": 1 / (epoch + 2),
            "val_loss": 2 / (epoch + 3),
            "accuracy": 1 - 1 / (3 * epoch),
            "val_accuracy": 1 - 1 / (7 * epoch),
            "val_balanced_accuracy": 1 - 1 / (6 * epoch),
            "learning_rate": 1e-3 / epoch,
            "seconds": 4.1,
            "images_per_second": 100.25,
        }
        for epoch in range(1, epochs + 1)
    ]


def step_rows(epochs: int = 3, steps: int = 4) -> list[dict[str, Any]]:
    """Return the rows of steps.csv that belong to `history_rows`."""
    return [
        {"step": step, "epoch": 1 + (step - 1) // steps, "loss": round(1 / (step + 1), 6), "accuracy": 0.5}
        for step in range(1, epochs * steps + 1)
    ]


def write_network(
    root: Path, name: str = "simple_cnn", classes: Sequence[str] = ("Normal", "COVID"), **changes: Any
) -> dict:
    """Write models/{name} and return the record of its training; the network is the small one whatever its name."""
    import keras

    from chestbench.models import registry
    from chestbench.models.build import build

    keras.utils.set_random_seed(sum(map(ord, name)))
    folder = root / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    build(registry.get("simple_cnn"), SIZE, len(classes)).save(folder / "model.keras")
    record = training_record(name, classes, **changes)
    write_training(folder, record, history_rows(), step_rows())
    return record
