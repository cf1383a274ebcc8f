"""One network from the pipeline's files to models/NAME/: reads, trains, reports to a tracker, writes."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from chestbench.config import Config
from chestbench.errors import ChestbenchError
from chestbench.files import atomic_folder, read_json, sha256_file, write_json
from chestbench.models.standardised import plain_copy
from chestbench.notice import SPLIT_KEYS
from chestbench.sampling import class_weights
from chestbench.training.arrays import load_info, load_split
from chestbench.training.callbacks import in_words
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.device import choose_precision, describe_device
from chestbench.training.recipes import TrainingData, TrainingResult, train_network
from chestbench.training.run_key import checkpoint_folder, flatten, run_key, versions

HISTORY_COLUMNS = (
    "epoch",
    "phase",
    "loss",
    "val_loss",
    "accuracy",
    "val_accuracy",
    "val_balanced_accuracy",
    "learning_rate",
    "seconds",
    "images_per_second",
)


class Run(Protocol):
    """What a tracker's run must offer; `chestbench.tracking` has it."""

    run_id: str | None

    def log_epoch(self, epoch: int, metrics: Mapping[str, Any]) -> None:
        """Take the history row of one epoch."""

    def finish(self, status: str) -> None:
        """Close the run: FINISHED, FAILED or KILLED."""


@dataclass(frozen=True)
class Inputs:
    """The files that a training reads.

    Attributes:
        processed: folder of the preprocess stage.
        indices: train_indices.npy of the upsample stage.
        weights: folder of the weights stage for this network.
    """

    processed: Path
    indices: Path
    weights: Path


def train_model(
    config: Config, name: str, inputs: Inputs, target: Path, open_run: Callable[[dict[str, Any]], Run]
) -> str:
    """Train one network, write model.keras, history.csv and training.json to `target`, and return a summary.

    Args:
        config: all parameters.
        name: network.
        inputs: the files to read.
        target: folder to write; replaced as a whole when everything is there.
        open_run: called with what training.json will say as far as it is known; gives the run to report to.

    Raises:
        ChestbenchError: an input is missing or does not fit, or the training diverged.
    """
    info = load_info(inputs.processed)
    data = read_data(config, inputs, info["classes"])
    note = read_json(inputs.weights / "weights.json")
    parameters = outcome_parameters(config)
    key = run_key(
        model=name,
        data_sha256=info["data_sha256"],
        indices_sha256=sha256_file(inputs.indices),
        weights_sha256=note["sha256"],
        parameters=parameters,
    )
    device, backend = describe_device(), keras.backend.backend()
    record = {
        "run_key": key,
        "mlflow_run_id": None,
        "mlflow_experiment": config.dataset.name,
        "model": name,
        "dataset": config.dataset.name,
        "data_sha256": info["data_sha256"],
        **{key: info[key] for key in SPLIT_KEYS if key in info},
        "classes": info["classes"],
        "image_size": info["size"],
        "weights": note["weights"],
        "seed": config.seed,
        "device": str(device),
        "backend": backend,
        "precision": choose_precision(config.train.precision, device),
        "config": flatten(parameters),
        "versions": versions(backend),
    }
    checkpoint = Checkpoint(checkpoint_folder(key))
    run = open_run(record)
    status = "FAILED"
    try:
        result = train_network(
            name,
            data,
            config.train,
            seed=config.seed,
            weights_file=inputs.weights / note["file"] if note["file"] else None,
            checkpoint=checkpoint,
            on_epoch=run.log_epoch,
        )
        write_outputs(target, result, {**record, "mlflow_run_id": run.run_id})
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        run.finish(status)
    checkpoint.remove()
    best = result.progress.history[result.progress.best_epoch - 1]
    return (
        f"wrote {target}: {result.progress.epochs_done} epochs in {in_words(result.progress.seconds)} "
        f"({result.images_per_second:.1f} images/s on {device})\n"
        f"best epoch {best['epoch']}: val loss {best['val_loss']:.4f}, "
        f"val balanced accuracy {best['val_balanced_accuracy']:.3f}"
    )


def read_data(config: Config, inputs: Inputs, classes: list[str]) -> TrainingData:
    """Return the arrays of train and val, the order of an epoch and the class weights."""
    train, val = (load_split(inputs.processed, split) for split in ("train", "val"))
    indices = np.load(inputs.indices)
    if not len(indices) or indices.min() < 0 or indices.max() >= len(train.images):
        raise ChestbenchError(
            f"{inputs.indices}: expected positions below {len(train.images)}, the number of training images, "
            f"received {len(indices)} positions that do not fit; run `dvc repro upsample`"
        )
    return TrainingData(
        train_images=train.images,
        train_labels=train.class_index,
        indices=indices,
        val_images=val.images,
        val_labels=val.class_index,
        n_classes=len(classes),
        class_weights=class_weights(train.class_index, len(classes)) if config.balance == "class_weight" else None,
        balanced=config.balance != "none",
    )


def outcome_parameters(config: Config) -> dict[str, Any]:
    """Return the parameters that decide a training, and those its reports name."""
    parts = config.model_dump(include={"seed", "balance", "preprocess", "train"})
    return {**parts, "dataset": config.dataset.model_dump(include={"name", "title", "modality"})}


def write_outputs(target: Path, result: TrainingResult, record: dict[str, Any]) -> None:
    """Write model.keras, history.csv and training.json; `target` is replaced only when all are complete."""
    progress = result.progress
    with atomic_folder(target) as folder:
        # Built-in layers only, so that the file loads where chestbench is not installed.
        plain_copy(result.model).save(folder / "model.keras")
        with open(folder / "history.csv", "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, HISTORY_COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(progress.history)
        figures = {
            "parameters": result.parameters,
            "epochs_run": progress.epochs_done,
            "best_epoch": progress.best_epoch,
            "seconds": round(progress.seconds, 3),
            "first_step_seconds": round(progress.first_step_seconds, 3),
            "images_per_second": round(result.images_per_second, 2),
        }
        write_json(folder / "training.json", {**record, **figures})
