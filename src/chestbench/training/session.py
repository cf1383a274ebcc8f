"""One network from the pipeline's files to models/NAME/: reads, trains every seed, reports to a tracker, writes."""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import keras

from chestbench.core.config import Config
from chestbench.core.files import DamagedFile, read_json, sha256_file
from chestbench.core.notice import SPLIT_KEYS
from chestbench.preparation.arrays import load_info
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.data import Inputs, read_data
from chestbench.training.device import Device, choose_precision
from chestbench.training.one_training import OpenRun, best_epoch_of, train_once, train_seeds, training_in_words
from chestbench.training.provenance import git_state, versions
from chestbench.training.recipes import train_network
from chestbench.training.routine import TrainingResult
from chestbench.training.run_key import flatten, run_key
from chestbench.training.writer import OnEpoch


def train_model(
    config: Config,
    name: str,
    inputs: Inputs,
    target: Path,
    open_run: OpenRun,
) -> str:
    """Train one network with every seed, write `target`, and return a summary.

    `target` is changed only when all seeds are trained. A seed that is through waits beside its checkpoint, until DVC
    has noted it (`waiting`), so that a process that is killed later need not train it again.

    Args:
        config: all parameters.
        name: network.
        inputs: the files to read.
        target: folder to write, see `outputs.install`.
        open_run: called once per seed with what its record (`records.read_training`) will say as far as it is known;
            gives the run to report to. Nothing that the run knows reaches an output.

    Raises:
        ChestbenchError: an input is missing or does not fit, the training diverged, or another process of this
            repository does the very same training, in whatever folder.
    """

    def train_seed(seed: int, first: Path | None, held: ExitStack) -> tuple[Checkpoint, str]:
        return _train_seed(config, name, inputs, seed, first, open_run, held)

    return train_seeds(config.training_seeds, target, train_seed)


def _train_seed(
    config: Config,
    name: str,
    inputs: Inputs,
    seed: int,
    features: Path | None,
    open_run: OpenRun,
    held: ExitStack,
) -> tuple[Checkpoint, str]:
    """Train with one seed, see `train_seeds`; `features` is the folder of the first seed's cached features."""
    info = load_info(inputs.processed)
    data = read_data(config, inputs, info["classes"], seed)
    note = weights_note(inputs.weights, name, "weights")
    key = run_key(
        model=name,
        data_sha256=info["data_sha256"],
        indices_sha256=sha256_file(inputs.indices),
        weights_sha256=note["sha256"],
        parameters=deciding(outcome_parameters(config, seed)),
    )

    def train(checkpoint: Checkpoint, on_epoch: OnEpoch) -> TrainingResult:
        return train_network(
            name,
            data,
            config.train,
            seed=seed,
            weights_file=inputs.weights / note["file"] if note["file"] else None,
            checkpoint=checkpoint,
            # Published weights give every seed the same features.
            features=features if note["file"] else None,
            on_epoch=on_epoch,
        )

    record = partial(_record, config, name, seed, info=info, note=note)
    return train_once(key, f"train@{name}", record, open_run, train, _summary, held)


def weights_note(folder: Path, name: str, stage: str) -> dict[str, Any]:
    """Return weights.json of a folder of `stage`; a weights file that is not the one that it describes is refused."""
    note: dict[str, Any] = read_json(folder / "weights.json")
    if note["file"] and sha256_file(folder / note["file"]) != note["sha256"]:
        again = f"`dvc repro -f -s {stage}@{name}`"
        raise DamagedFile(folder / note["file"], "the weights that weights.json describes", "received others", again)
    return note


def _record(
    config: Config, name: str, seed: int, device: Device, info: Mapping[str, Any], note: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is known of a training before its first step.

    Args:
        config: all parameters.
        name: network.
        seed: of this training.
        device: what computes.
        info: info.json of the arrays.
        note: weights.json.
    """
    return {
        **known_of(config, name, seed, device, info, note),
        "classes": info["classes"],
        "random_labels": config.train.random_labels,
    }


def known_of(
    config: Config, name: str, seed: int, device: Device, info: Mapping[str, Any], note: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is known of every kind of training before its first step; the arguments are those of `_record`."""
    backend = keras.backend.backend()
    return {
        "mlflow_experiment": config.dataset.name,
        "model": name,
        "dataset": config.dataset.name,
        "data_sha256": info["data_sha256"],
        **{key: info[key] for key in SPLIT_KEYS if key in info},
        "synthetic": info["synthetic"],
        **({"grey": info["grey"]} if "grey" in info else {}),
        "image_size": info["size"],
        "weights": note["weights"],
        "seed": seed,
        "seeds": config.training_seeds,
        "device": str(device),
        "backend": backend,
        "precision": choose_precision(config.train.precision, device),
        "config": flatten(outcome_parameters(config, seed)),
        "versions": versions(backend),
        **git_state(),
    }


def _summary(result: TrainingResult) -> str:
    balanced = best_epoch_of(result)["val_balanced_accuracy"]
    return f"{training_in_words(result)}, val balanced accuracy {balanced:.3f}"


def outcome_parameters(config: Config, seed: int) -> dict[str, Any]:
    """Return the parameters that decide a training, and those its reports name; `train.seed` is this training's."""
    parts = config.model_dump(include={"seed", "balance", "preprocess", "train"})
    parts["train"]["seed"] = seed
    return {**parts, "dataset": config.dataset.model_dump(include={"name", "title", "modality"})}


def deciding(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters without those that say which other trainings there are.

    The study's seed decides split and order, which have hashes of their own in the run key.
    """
    train = {key: value for key, value in parameters["train"].items() if key != "seeds"}
    kept = {key: value for key, value in parameters.items() if key != "seed" or parameters["train"]["random_labels"]}
    return {**kept, "train": train}
