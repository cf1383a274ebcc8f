"""Training one network: the recipes of conf/train are settings of the one routine here."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from chestbench.core.config import Train
from chestbench.core.progress import duration_in_words
from chestbench.models.build import build
from chestbench.models.parts import split_backbone
from chestbench.models.registry import get
from chestbench.training.batchnorm import Reestimator
from chestbench.training.checkpoint import Arrays, Checkpoint, Progress
from chestbench.training.data import TrainingData
from chestbench.training.device import Device, choose_precision, describe_device, make_deterministic
from chestbench.training.devices import spread
from chestbench.training.divergence import Diverged
from chestbench.training.features import cached_features
from chestbench.training.finishing import final_statistics, for_prediction, keep_last_good, set_body_learns
from chestbench.training.phases import phases, run_phase
from chestbench.training.state import Training
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


def train_network(
    name: str,
    data: TrainingData,
    train: Train,
    *,
    seed: int,
    weights_file: Path | None = None,
    checkpoint: Checkpoint | None = None,
    features: Path | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainingResult:
    """Train one network and return it with the weights of its best epoch (lowest validation loss).

    Args:
        name: entry of the registry.
        data: arrays and labels.
        train: the recipe.
        seed: of initial weights, order, augmentation and dropout.
        weights_file: ImageNet file for the body, or None.
        checkpoint: where the state is kept after each epoch. If it holds one, training goes on from there. The
            caller removes it once the result is written.
        features: folder of cached features of the same weights and images, when it is not the checkpoint's.
        on_epoch: called with (epoch from 1, history row) after each epoch; on going on also for the epochs before.

    Raises:
        Diverged: loss, predictions or weights are not finite. The checkpoint holds the last epoch that was, and the
            network of the best one as last-good.keras.
        ChestbenchError: the weights file does not fit, or the devices cannot share a batch (`devices.spread`).
    """
    with spread(train.devices, train.batch_size) as devices:
        return _train(name, data, train, seed, weights_file, checkpoint, features, on_epoch, devices)


def _train(
    name: str,
    data: TrainingData,
    train: Train,
    seed: int,
    weights_file: Path | None,
    checkpoint: Checkpoint | None,
    features: Path | None,
    on_epoch: OnEpoch | None,
    devices: int,
) -> TrainingResult:
    started = time.monotonic()
    if train.deterministic:
        make_deterministic()
    keras.utils.set_random_seed(seed)
    device = describe_device()
    precision = choose_precision(train.precision, device)
    announce(name, device, precision, devices)
    with dtype_policy(precision):
        model = build(get(name), data.train_images.shape[1], data.n_classes, train.dropout, weights_file)
    progress, restored, best = restored_from(checkpoint, on_epoch)
    learner, inputs = model, data
    if train.cache_features:
        backbone, learner = split_backbone(model)
        kept = features or (checkpoint.folder if checkpoint else None)
        inputs = cached_features(backbone, data, train.batch_size, kept)
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
        _run_phases(training)
    return result_of(training, for_prediction)


def announce(name: str, device: Device, precision: str, devices: int) -> None:
    """Say what begins."""
    times = f"{devices} x " if devices > 1 else ""
    logger.info("training %s with %s on %s%s, %s", name, keras.backend.backend(), times, device, precision)
    if device.kind == "cpu":
        logger.info("no GPU found: training runs on the CPU; an estimate follows after the first steps")


def restored_from(checkpoint: Checkpoint | None, on_epoch: OnEpoch | None) -> tuple[Progress, Arrays, Arrays]:
    """Return progress, variables and best weights to go on from; epochs that are done are reported once more."""
    progress, restored, best = (checkpoint.load() if checkpoint else None) or (Progress(), [], [])
    if checkpoint and progress.epochs_done:
        logger.info("going on after epoch %d (%s)", progress.epochs_done, checkpoint.folder)
    if on_epoch:
        for row in progress.history:
            on_epoch(row["epoch"], row)
    return progress, restored, best


def _run_phases(training: Training[TrainingData]) -> None:
    progress = training.progress
    try:
        for phase in phases(training.train):
            if not progress.finished and progress.epochs_done < phase.last:
                set_body_learns(training.model, phase.body_learns)
                run_phase(training, phase)
    except Diverged as error:
        raise error.saying(training.precision != "float32", keep_last_good(training, error, for_prediction)) from None


def result_of(training: Training[Any], saved: Callable[[Training[Any]], keras.Model]) -> TrainingResult:
    """Return the network with the weights of its best epoch, and what is known of its training.

    Args:
        training: that is through.
        saved: gives the network as it is saved, such as `for_prediction`.
    """
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
def dtype_policy(name: str) -> Iterator[None]:
    """Let what is built in the block have keras' dtype policy `name`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
