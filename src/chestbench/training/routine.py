"""The one routine of every training: device and precision, what a checkpoint restores, the phases, what came of it.

What is built, how a phase is fitted and how the outcome is saved are given: `recipes` does so for networks for classes,
`detection.recipe` for detectors.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np

from chestbench.core.config import Train
from chestbench.core.progress import duration_in_words
from chestbench.training.batchnorm import Reestimator
from chestbench.training.checkpoint import Arrays, Checkpoint, Progress
from chestbench.training.device import Device, choose_precision, describe_device, make_deterministic
from chestbench.training.devices import spread
from chestbench.training.divergence import Diverged
from chestbench.training.finishing import final_statistics, keep_last_good
from chestbench.training.phases import phases
from chestbench.training.state import Learnt, Phase, Training
from chestbench.training.variables import Weights
from chestbench.training.writer import OnEpoch, StateWriter

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingResult:
    """What came of it.

    Attributes:
        model: float32, uncompiled, with the weights of the best epoch.
        progress: history, best epoch, seconds, first-step seconds.
        device: what computed.
        precision: keras' dtype policy during training.
        images_per_second: median over the epochs.
        parameters: number of weights of the model.
    """

    model: keras.Model
    progress: Progress
    device: Device
    precision: str
    images_per_second: float
    parameters: int


def run_training(
    name: str,
    data: Learnt,
    train: Train,
    seed: int,
    *,
    build: Callable[[], keras.Model],
    fit: Callable[[Training[Learnt], Phase], None],
    saved: Callable[[Training[Learnt]], keras.Model],
    learner_of: Callable[[keras.Model], tuple[keras.Model, Learnt]] | None = None,
    checkpoint: Checkpoint | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainingResult:
    """Train what `build` gives through all phases of a recipe and return it with the weights of its best epoch.

    Args:
        name: for errors and messages.
        data: what is learnt from.
        train: the recipe.
        seed: of all that is drawn.
        build: gives the untrained model; called with keras' dtype policy and seed set.
        fit: compiles and fits one phase, from where the progress stands to its end.
        saved: gives the model as it is saved, with the weights that the training has then.
        learner_of: of the model, the part that is fitted and what that learns from; None: the whole of it, from `data`.
        checkpoint: where the state is kept after each epoch. If it holds one, training goes on from there.
        on_epoch: called with (epoch from 1, history row) after each epoch; on going on also for the epochs before.

    Raises:
        Diverged: loss, predictions or weights are not finite. The checkpoint holds the last epoch that was, and the
            network of the best one as last-good.keras.
        ChestbenchError: the devices cannot share a batch (`devices.spread`), or what the functions given raise.
    """
    with spread(train.devices, train.batch_size) as devices:
        started = time.monotonic()
        if train.deterministic:
            make_deterministic()
        keras.utils.set_random_seed(seed)
        device = describe_device()
        precision = choose_precision(train.precision, device)
        _announce(name, device, precision, devices)
        with _dtype_policy(precision):
            model = build()
        progress, restored, best = _restored_from(checkpoint, on_epoch)
        learner, inputs = learner_of(model) if learner_of else (model, data)
        predictor = keras.Model(learner.input, learner.output)
        training = Training(
            name=name,
            model=model,
            learner=learner,
            predictor=predictor,
            images=data,
            inputs=inputs,
            train=train,
            seed=seed,
            device=device,
            precision=precision,
            progress=progress,
            restored=restored,
            best=Weights(best) if best else None,
            checkpoint=checkpoint,
            writer=StateWriter(checkpoint, on_epoch),
            started=started,
            reestimate=Reestimator(predictor),
        )
        with training.writer:
            _fit_phases(training, fit, saved)
        return _result_of(training, saved)


def _announce(name: str, device: Device, precision: str, devices: int) -> None:
    """Say what begins."""
    times = f"{devices} x " if devices > 1 else ""
    logger.info("training %s with %s on %s%s, %s", name, keras.backend.backend(), times, device, precision)
    if device.kind == "cpu":
        logger.info("no GPU found: training runs on the CPU; an estimate follows after the first steps")


def _restored_from(checkpoint: Checkpoint | None, on_epoch: OnEpoch | None) -> tuple[Progress, Arrays, Arrays]:
    """Return progress, variables and best weights to go on from; epochs that are done are reported once more."""
    progress, restored, best = (checkpoint.load() if checkpoint else None) or (Progress(), [], [])
    if checkpoint and progress.epochs_done:
        logger.info("going on after epoch %d (%s)", progress.epochs_done, checkpoint.folder)
    if on_epoch:
        for row in progress.history:
            on_epoch(row["epoch"], row)
    return progress, restored, best


def _fit_phases(
    training: Training[Learnt],
    fit: Callable[[Training[Learnt], Phase], None],
    saved: Callable[[Training[Learnt]], keras.Model],
) -> None:
    progress = training.progress
    try:
        for phase in phases(training.train):
            if not progress.finished and progress.epochs_done < phase.last:
                fit(training, phase)
    except Diverged as error:
        raise error.saying(training.precision != "float32", keep_last_good(training, error, saved)) from None


def _result_of(training: Training[Learnt], saved: Callable[[Training[Learnt]], keras.Model]) -> TrainingResult:
    """Return the model of a training that is through, and what is known of it."""
    progress = training.progress
    assert training.best is not None  # a training has an epoch
    training.predictor.set_weights(training.best.arrays())
    final_statistics(training)
    model = saved(training)
    rates = [row["images_per_second"] for row in progress.history]
    logger.info(
        "%d epochs in %s, best epoch %d", progress.epochs_done, duration_in_words(progress.seconds), progress.best_epoch
    )
    speed = float(np.median(rates))
    return TrainingResult(model, progress, training.device, training.precision, speed, model.count_params())


@contextmanager
def _dtype_policy(name: str) -> Iterator[None]:
    """Let what is built in the block have keras' dtype policy `name`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
