"""What every kind of training goes through: one seed after the other, a lock, a tracker's run, energy, outputs.

A seed that is through waits beside its checkpoint, until DVC has noted it (`waiting`), so that a process that is killed
later need not train it again.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import keras

from chestbench.core.files import read_json
from chestbench.core.one_at_a_time import one_at_a_time
from chestbench.core.progress import duration_in_words
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.device import Device, describe_device
from chestbench.training.energy import EnergyMeter
from chestbench.training.outputs import install, write_outputs
from chestbench.training.records import TRAINING_FILE
from chestbench.training.routine import TrainingResult
from chestbench.training.run_key import checkpoint_folder
from chestbench.training.waiting import forget_noted, let_wait, training_lock
from chestbench.training.writer import OnEpoch

logger = logging.getLogger(__name__)


class Run(Protocol):
    """What a tracker's run must offer; `chestbench.tracking` has it."""

    def log_epoch(self, epoch: int, metrics: Mapping[str, Any]) -> None:
        """Take the history row of one epoch."""

    def finish(self, status: str) -> None:
        """Close the run: FINISHED, FAILED or KILLED."""


OpenRun = Callable[[dict[str, Any]], Run]


TrainSeed = Callable[[int, Path | None, ExitStack], tuple[Checkpoint, str]]


def train_seeds(seeds: Sequence[int], target: Path, train_seed: TrainSeed) -> str:
    """Train with every seed, write `target` when all are trained, and return a summary.

    Args:
        seeds: the first is the network of the table.
        target: folder to write, see `outputs.install`.
        train_seed: `train_seed(seed, first, held)` trains with one seed and returns its checkpoint, whose `finished`
            folder holds the outputs, and a summary. `first` is the folder of the first seed's checkpoint, None for the
            first; `held` takes the lock of the training, which is let go when all outputs are in their place.
    """
    forget_noted()
    with ExitStack() as held:
        lines = [f"wrote {target}"]
        checkpoints: list[Checkpoint] = []
        for seed in seeds:
            if checkpoints:
                # The network before is let go, and the names of layers start anew, as in a process of its own.
                keras.backend.clear_session(free_memory=True)
                logger.info("seed %d of %s", seed, ", ".join(map(str, seeds)))
            checkpoint, summary = train_seed(seed, checkpoints[0].folder if checkpoints else None, held)
            checkpoints.append(checkpoint)
            lines.append(f"seed {seed}: {summary}" if len(seeds) > 1 else summary)
        install(target, seeds, [checkpoint.finished for checkpoint in checkpoints])
        let_wait(checkpoints, target)
    return "\n".join(lines)


def train_once(
    key: str,
    stage: str,
    record: Callable[[Device], dict[str, Any]],
    open_run: OpenRun,
    train: Callable[[Checkpoint, OnEpoch], TrainingResult],
    summary: Callable[[TrainingResult], str],
    held: ExitStack,
    **columns: Sequence[str],
) -> tuple[Checkpoint, str]:
    """Do one training, unless its outputs wait already.

    Args:
        key: of the run, see `run_key`.
        stage: such as train@tiny, for the one who finds the training locked.
        record: what is known of the training before its first step, from what computes.
        open_run: see `OpenRun`.
        train: `train(checkpoint, on_epoch)` does it.
        summary: of its result.
        held: takes its lock.
        columns: of its tables, see `outputs.write_outputs`.

    Raises:
        ChestbenchError: another process of this repository does the very same training, in whatever folder.
    """
    checkpoint = Checkpoint(checkpoint_folder(key))
    held.enter_context(one_at_a_time(training_lock(key), stage))
    if checkpoint.is_finished():
        training = read_json(checkpoint.finished / TRAINING_FILE)
        return checkpoint, f"was trained before, {training['epochs_run']} epochs, best epoch {training['best_epoch']}"
    device = describe_device()
    known = record(device) | {"run_key": key}
    run = open_run(known)
    status, goes_on = "FAILED", checkpoint.is_begun
    try:
        with EnergyMeter(device.kind == "gpu") as meter:
            result = train(checkpoint, run.log_epoch)
        energy = {f"{part}_joules": joules for part, joules in meter.joules.items()}
        write_outputs(checkpoint.finished, result, {**known, "energy": {**energy, "whole": not goes_on}}, **columns)
        checkpoint.seal()
        status = "FINISHED"
    except KeyboardInterrupt:
        status = "KILLED"
        raise
    finally:
        run.finish(status)
    checkpoint.clear_state()
    return checkpoint, summary(result)


def best_epoch_of(result: TrainingResult) -> dict[str, Any]:
    """Return the history row of the best epoch."""
    return result.progress.history[result.progress.best_epoch - 1]


def training_in_words(result: TrainingResult) -> str:
    """Return how long a training took and which epoch was the best."""
    progress, best = result.progress, best_epoch_of(result)
    return (
        f"{progress.epochs_done} epochs in {duration_in_words(progress.seconds)} "
        f"({result.images_per_second:.1f} images/s on {result.device}), best epoch {best['epoch']}: "
        f"val loss {best['val_loss']:.4f}"
    )
