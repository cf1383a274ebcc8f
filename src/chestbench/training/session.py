"""One network from the pipeline's files to models/NAME/: reads, trains every seed, reports to a tracker, writes."""

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import keras

from chestbench.core.config import Config
from chestbench.core.files import DamagedFile, read_json, sha256_file
from chestbench.core.notice import SPLIT_KEYS
from chestbench.core.one_at_a_time import one_at_a_time
from chestbench.core.progress import duration_in_words
from chestbench.preparation.arrays import load_info
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.data import Inputs, read_data
from chestbench.training.device import Device, choose_precision, describe_device
from chestbench.training.energy import EnergyMeter
from chestbench.training.outputs import install, write_outputs
from chestbench.training.provenance import git_state, versions
from chestbench.training.recipes import TrainingResult, train_network
from chestbench.training.records import TRAINING_FILE
from chestbench.training.run_key import checkpoint_folder, flatten, run_key
from chestbench.training.waiting import forget_noted, let_wait, training_lock

logger = logging.getLogger(__name__)


class Run(Protocol):
    """What a tracker's run must offer; `chestbench.tracking` has it."""

    def log_epoch(self, epoch: int, metrics: Mapping[str, Any]) -> None:
        """Take the history row of one epoch."""

    def finish(self, status: str) -> None:
        """Close the run: FINISHED, FAILED or KILLED."""


OpenRun = Callable[[dict[str, Any]], Run]


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
    forget_noted()
    with ExitStack() as held:
        return _train_all(config, name, inputs, target, open_run, held)


def _train_all(config: Config, name: str, inputs: Inputs, target: Path, open_run: OpenRun, held: ExitStack) -> str:
    seeds, lines = config.training_seeds, [f"wrote {target}"]
    checkpoints: list[Checkpoint] = []
    for seed in seeds:
        if checkpoints:
            # The network before is let go, and the names of layers start anew, as they would in a process of its own.
            keras.backend.clear_session(free_memory=True)
            logger.info("seed %d of %s", seed, ", ".join(map(str, seeds)))
        features = checkpoints[0].folder if checkpoints else None
        checkpoint, summary = _train_seed(config, name, inputs, seed, features, open_run, held)
        checkpoints.append(checkpoint)
        lines.append(f"seed {seed}: {summary}" if len(seeds) > 1 else summary)
    install(target, seeds, [checkpoint.finished for checkpoint in checkpoints])
    let_wait(checkpoints, target)
    return "\n".join(lines)


def _train_seed(
    config: Config,
    name: str,
    inputs: Inputs,
    seed: int,
    features: Path | None,
    open_run: OpenRun,
    held: ExitStack,
) -> tuple[Checkpoint, str]:
    """Train with one seed; return its checkpoint, whose `finished` folder holds the outputs, and a summary.

    `held` takes the lock of this training, which is let go when its outputs are in their place.
    """
    info = load_info(inputs.processed)
    data = read_data(config, inputs, info["classes"], seed)
    note = _weights_note(inputs.weights, name)
    key = run_key(
        model=name,
        data_sha256=info["data_sha256"],
        indices_sha256=sha256_file(inputs.indices),
        weights_sha256=note["sha256"],
        parameters=deciding(outcome_parameters(config, seed)),
    )
    checkpoint = Checkpoint(checkpoint_folder(key))
    held.enter_context(one_at_a_time(training_lock(key), f"train@{name}"))
    if checkpoint.is_finished():
        training = read_json(checkpoint.finished / TRAINING_FILE)
        return checkpoint, f"was trained before, {training['epochs_run']} epochs, best epoch {training['best_epoch']}"
    device = describe_device()
    record = _record(config, name, seed, device, info, note) | {"run_key": key}
    run = open_run(record)
    status, goes_on = "FAILED", checkpoint.is_begun
    try:
        with EnergyMeter(device.kind == "gpu") as meter:
            result = train_network(
                name,
                data,
                config.train,
                seed=seed,
                weights_file=inputs.weights / note["file"] if note["file"] else None,
                checkpoint=checkpoint,
                # Published weights give every seed the same features.
                features=features if note["file"] else None,
                on_epoch=run.log_epoch,
            )
        energy = {f"{part}_joules": joules for part, joules in meter.joules.items()}
        write_outputs(checkpoint.finished, result, {**record, "energy": {**energy, "whole": not goes_on}})
        checkpoint.seal()
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        run.finish(status)
    checkpoint.clear_state()
    return checkpoint, _summary(result)


def _weights_note(folder: Path, name: str) -> dict[str, Any]:
    """Return weights.json; a weights file that is not the one that it describes is refused."""
    note: dict[str, Any] = read_json(folder / "weights.json")
    if note["file"] and sha256_file(folder / note["file"]) != note["sha256"]:
        again = f"`dvc repro -f -s weights@{name}`"
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
    backend = keras.backend.backend()
    return {
        "mlflow_experiment": config.dataset.name,
        "model": name,
        "dataset": config.dataset.name,
        "data_sha256": info["data_sha256"],
        **{key: info[key] for key in SPLIT_KEYS if key in info},
        "synthetic": info["synthetic"],
        "classes": info["classes"],
        **({"grey": info["grey"]} if "grey" in info else {}),
        "image_size": info["size"],
        "weights": note["weights"],
        "seed": seed,
        "seeds": config.training_seeds,
        "random_labels": config.train.random_labels,
        "device": str(device),
        "backend": backend,
        "precision": choose_precision(config.train.precision, device),
        "config": flatten(outcome_parameters(config, seed)),
        "versions": versions(backend),
        **git_state(),
    }


def _summary(result: TrainingResult) -> str:
    progress = result.progress
    best = progress.history[progress.best_epoch - 1]
    return (
        f"{progress.epochs_done} epochs in {duration_in_words(progress.seconds)} "
        f"({result.images_per_second:.1f} images/s on {result.device}), best epoch {best['epoch']}: "
        f"val loss {best['val_loss']:.4f}, val balanced accuracy {best['val_balanced_accuracy']:.3f}"
    )


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
