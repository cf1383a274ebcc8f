"""Training one network: the recipes of conf/train are settings of the one routine here."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from chestbench.core.config import Train
from chestbench.core.progress import duration_in_words
from chestbench.models.build import build
from chestbench.models.parts import backbone_layers, split_backbone
from chestbench.models.registry import get
from chestbench.training.batchnorm import reestimate
from chestbench.training.callbacks import OnEpoch
from chestbench.training.checkpoint import Checkpoint, Progress
from chestbench.training.data import TrainingData
from chestbench.training.device import Device, choose_precision, describe_device, make_deterministic
from chestbench.training.divergence import Diverged
from chestbench.training.features import cached_features
from chestbench.training.phases import EPOCH_STATISTICS_IMAGES, Training, phases, run_phase, statistics_images
from chestbench.training.saving import save_network

logger = logging.getLogger(__name__)

# Images that batch-norm statistics are estimated on at the end.
FINAL_STATISTICS_IMAGES = 2048


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
        ChestbenchError: the weights file does not fit.
    """
    started = time.monotonic()
    if train.deterministic:
        make_deterministic()
    keras.utils.set_random_seed(seed)
    device = describe_device()
    precision = choose_precision(train.precision, device)
    logger.info("training %s with %s on %s, %s", name, keras.backend.backend(), device, precision)
    if device.kind == "cpu":
        logger.info("no GPU found: training runs on the CPU; an estimate follows after the first steps")
    image_size = data.train_images.shape[1]
    with _dtype_policy(precision):
        model = build(get(name), image_size, data.n_classes, train.dropout, weights_file)
    progress, restored, best = (checkpoint.load() if checkpoint else None) or (Progress(), [], [])
    if checkpoint and progress.epochs_done:
        logger.info("going on after epoch %d (%s)", progress.epochs_done, checkpoint.folder)
    if on_epoch:
        for row in progress.history:
            on_epoch(row["epoch"], row)
    learner, inputs = model, data
    if train.cache_features:
        backbone, learner = split_backbone(model)
        kept = features or (checkpoint.folder if checkpoint else None)
        inputs = cached_features(backbone, data, train.batch_size, kept)
    training = Training(
        name=name,
        model=model,
        learner=learner,
        predictor=keras.Model(learner.input, learner.output),
        images=data,
        inputs=inputs,
        train=train,
        seed=seed,
        device=device,
        precision=precision,
        progress=progress,
        restored=restored,
        best=best,
        checkpoint=checkpoint,
        on_epoch=on_epoch,
        started=started,
    )
    try:
        for phase in phases(train):
            if not progress.finished and progress.epochs_done < phase.last:
                _set_body_learns(model, phase.body_learns)
                run_phase(training, phase)
    except Diverged as error:
        raise error.saying(precision != "float32", _keep_last_good(training, error)) from None
    training.predictor.set_weights(best)
    _final_statistics(training, model)
    model = _for_prediction(training)
    rates = [row["images_per_second"] for row in progress.history]
    logger.info(
        "%d epochs in %s, best epoch %d", progress.epochs_done, duration_in_words(progress.seconds), progress.best_epoch
    )
    return TrainingResult(model, progress, device, precision, float(np.median(rates)), model.count_params())


def _for_prediction(training: Training) -> keras.Model:
    """Return the network as it is saved: in float32, never compiled, every layer free to learn."""
    trained, classes = training.model, training.images.n_classes
    if training.precision != "float32":
        # Sixteen-bit layers are slow, or do not exist, on the CPUs that will ask the model.
        model = build(get(training.name), training.images.train_images.shape[1], classes, training.train.dropout)
        model.set_weights(trained.get_weights())
    else:
        # A file without the optimizer, which loads with keras alone.
        model = keras.Model(trained.input, trained.output, name=training.name)
    _set_body_learns(model, True)
    return model


def _keep_last_good(training: Training, error: Diverged) -> str:
    """Save the network of the best epoch beside the state of the last finite one; return what is there, in words."""
    checkpoint, progress = training.checkpoint, training.progress
    if checkpoint is None or not training.best:
        return "no epoch was finished before: there are no good weights to keep"
    training.predictor.set_weights(training.best)
    save_network(_for_prediction(training), checkpoint.last_good)
    checkpoint.diverged(error)
    return (
        f"the network of epoch {progress.best_epoch}, the best of the {progress.epochs_done} before, is kept: "
        f"{checkpoint.last_good}; a run with the same parameters goes on after epoch {progress.epochs_done}"
    )


def _final_statistics(training: Training, model: keras.Model) -> None:
    """Estimate batch norm of the best weights on more images than each epoch could afford."""
    progress = training.progress
    statistics = statistics_images(training, FINAL_STATISTICS_IMAGES)
    of_main = progress.history[progress.best_epoch - 1]["phase"] == "main"
    if of_main and statistics is not None and len(statistics) > EPOCH_STATISTICS_IMAGES:
        reestimate(model, statistics, training.train.batch_size)


def _set_body_learns(model: keras.Model, learns: bool) -> None:
    """Freeze or release the body; frozen batch norm uses its moving statistics and leaves them alone."""
    for layer in backbone_layers(model):
        layer.trainable = learns


@contextmanager
def _dtype_policy(name: str) -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
