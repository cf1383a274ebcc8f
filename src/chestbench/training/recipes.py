"""Training one network: the recipes of conf/train are settings of the one routine here."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from chestbench.config import Train
from chestbench.models.registry import backbone_layers, build, split_backbone
from chestbench.training.augment import AUGMENTATIONS
from chestbench.training.batchnorm import reestimate
from chestbench.training.callbacks import EpochEnd, OnEpoch, in_words, restore, snapshot
from chestbench.training.checkpoint import Arrays, Checkpoint, Progress
from chestbench.training.device import Device, choose_precision, describe_device, make_deterministic
from chestbench.training.features import cached_features
from chestbench.training.feed import Feed

logger = logging.getLogger(__name__)

# Images that batch-norm statistics are estimated on: before each validation, and at the end.
EPOCH_STATISTICS_IMAGES = 256
FINAL_STATISTICS_IMAGES = 2048


@dataclass(frozen=True)
class TrainingData:
    """What a network learns from.

    Attributes:
        train_images: uint8 (N, H, W, 1), may be memory-mapped.
        train_labels: int (N,), 0 to C - 1.
        indices: int (M,), the images of one epoch (repeated to balance classes, or each once).
        val_images: uint8 (V, H, W, 1).
        val_labels: int (V,).
        n_classes: C.
        class_weights: float (C,) for the loss, or None.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    indices: np.ndarray
    val_images: np.ndarray
    val_labels: np.ndarray
    n_classes: int
    class_weights: np.ndarray | None = None


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


@dataclass(frozen=True)
class _Phase:
    """Epochs `first` to below `last` (counted from 0), with or without the body learning."""

    name: str
    first: int
    last: int
    learning_rate: float
    schedule: str
    patience: int
    body_learns: bool


def train_network(
    name: str,
    data: TrainingData,
    train: Train,
    *,
    seed: int,
    weights_file: Path | None = None,
    checkpoint: Checkpoint | None = None,
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
        on_epoch: called with (epoch from 1, history row) after each epoch; on going on also for the epochs before.

    Raises:
        ChestbenchError: the loss is not finite, or the weights file does not fit.
    """
    started = time.monotonic()
    keras.utils.set_random_seed(seed)
    if train.deterministic:
        make_deterministic()
    device = describe_device()
    precision = choose_precision(train.precision, device)
    logger.info("training %s with %s on %s, %s", name, keras.backend.backend(), device, precision)
    if device.kind == "cpu":
        logger.info("no GPU found: training runs on the CPU; an estimate follows after the first steps")
    image_size = data.train_images.shape[1]
    with _dtype_policy(precision):
        model = build(name, image_size, data.n_classes, train.dropout, weights_file)
    loaded = checkpoint.load() if checkpoint else None
    progress, current, best = loaded or (Progress(), [], [])
    if progress.epochs_done:
        logger.info("going on after epoch %d (%s)", progress.epochs_done, checkpoint.folder if checkpoint else "")
        for row in progress.history if on_epoch else []:
            on_epoch(row["epoch"], row)

    learner, inputs = model, data
    if train.cache_features:
        backbone, learner = split_backbone(model)
        inputs = cached_features(backbone, data, train.batch_size, checkpoint.folder if checkpoint else None)
    # Shares the layers, but is never compiled again, so that its prediction step is traced once.
    predictor = keras.Model(learner.input, learner.output)
    for phase in _phases(train):
        if progress.finished or progress.epochs_done >= phase.last:
            continue
        _set_body_learns(model, phase.body_learns)
        _run_phase(phase, learner, predictor, inputs, train, seed, device, progress, current, best, checkpoint, on_epoch, started)
        current = []
    predictor.set_weights(best)
    statistics = _statistics_images(data, train, FINAL_STATISTICS_IMAGES, seed)
    if statistics is not None and len(statistics) > EPOCH_STATISTICS_IMAGES and progress.history[progress.best_epoch - 1]["phase"] == "main":
        reestimate(model, statistics, train.batch_size)
    if precision != "float32":
        # Saved in float32: sixteen-bit layers are slow, or do not exist, on the CPUs that will ask the model.
        trained = model.get_weights()
        model = build(name, image_size, data.n_classes, train.dropout)
        model.set_weights(trained)
    _set_body_learns(model, True)
    rates = [row["images_per_second"] for row in progress.history]
    logger.info("%d epochs in %s, best epoch %d", progress.epochs_done, in_words(progress.seconds), progress.best_epoch)
    return TrainingResult(model, progress, device, precision, float(np.median(rates)), model.count_params())


def _phases(train: Train) -> list[_Phase]:
    head, last = train.head_epochs, train.head_epochs + train.epochs
    return [
        _Phase("head", 0, head, train.head_learning_rate, "constant", 0, body_learns=False),
        _Phase("main", head, last, train.learning_rate, train.schedule, train.patience, body_learns=not train.cache_features),
    ]


def _run_phase(
    phase: _Phase,
    learner: keras.Model,
    predictor: keras.Model,
    data: TrainingData,
    train: Train,
    seed: int,
    device: Device,
    progress: Progress,
    current: Arrays,
    best: Arrays,
    checkpoint: Checkpoint | None,
    on_epoch: OnEpoch | None,
    started: float,
) -> None:
    feed = Feed(
        data.train_images,
        data.train_labels,
        data.indices,
        train.batch_size,
        seed,
        None if train.cache_features else AUGMENTATIONS[train.augment],
        data.class_weights,
        first_epoch=progress.epochs_done,
    )
    compile_learner(learner, train, phase.learning_rate, phase.schedule, feed.steps * (phase.last - phase.first), data.n_classes, device)
    if progress.epochs_done > phase.first and current:
        restore(current, predictor, learner.optimizer)
    else:
        progress.waited = 0
        if current:  # killed between two phases: the weights go on, the optimizer is new
            for variable, array in zip(predictor.variables, current, strict=False):
                variable.assign(array)
    closer = EpochEnd(
        phase=phase.name,
        predictor=predictor,
        val_images=data.val_images,
        val_labels=data.val_labels,
        statistics_images=_statistics_images(data, train, EPOCH_STATISTICS_IMAGES, seed) if phase.body_learns else None,
        progress=progress,
        checkpoint=checkpoint,
        best=best,
        batch_size=train.batch_size,
        epochs=_phases(train)[-1].last,
        patience=phase.patience,
        plateau=phase.schedule == "plateau",
        started=started,
        cpu=device.kind == "cpu",
        on_epoch=on_epoch,
    )
    try:
        learner.fit(
            feed,
            steps_per_epoch=feed.steps,
            initial_epoch=progress.epochs_done,
            epochs=phase.last,
            shuffle=False,
            callbacks=[closer],
            verbose=0,
        )
    finally:
        feed.close()


def compile_learner(
    learner: keras.Model, train: Train, learning_rate: float, schedule: str, steps: int, n_classes: int, device: Device
) -> None:
    """Compile so that the first step comes soon: everything that would make the backend trace twice exists beforehand.

    Args:
        learner: the model to train; which of its layers learn is already set.
        train: weight decay and label smoothing.
        learning_rate: at the start.
        schedule: constant, plateau (the callback's work) or cosine.
        steps: over which cosine falls to zero.
        n_classes: number of classes.
        device: XLA compiles on GPUs only; on a CPU it only lengthens the start.
    """
    rate: Any = keras.optimizers.schedules.CosineDecay(learning_rate, steps) if schedule == "cosine" else learning_rate
    optimizer = keras.optimizers.AdamW(rate, weight_decay=train.weight_decay) if train.weight_decay else keras.optimizers.Adam(rate)
    if train.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    learner.compile(
        optimizer,
        loss=SmoothedCrossentropy(n_classes, train.label_smoothing),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        jit_compile="auto" if device.kind == "gpu" else False,
    )
    # Variables made inside the traced step force a second trace of it, so the optimizer's are made now. Loss and
    # metrics are built on one made-up batch, or `fit` would trace the whole forward pass once more to do so.
    learner.optimizer.build(learner.trainable_variables)
    labels, guess = keras.ops.zeros((1,), "int32"), keras.ops.full((1, n_classes), 1.0 / n_classes)
    learner.compute_loss(y=labels, y_pred=guess)
    learner.compute_metrics(None, labels, guess)
    learner.reset_metrics()


class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy of integer labels, with label smoothing (which keras has for one-hot labels only)."""

    def __init__(self, n_classes: int, label_smoothing: float) -> None:
        super().__init__(name="crossentropy", reduction="sum_over_batch_size")
        self.n_classes, self.label_smoothing = n_classes, label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each image, (B,), from labels (B,) and probabilities (B, C)."""
        if not self.label_smoothing:
            return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)
        one_hot = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32"), self.n_classes)
        return keras.losses.categorical_crossentropy(one_hot, y_pred, label_smoothing=self.label_smoothing)


def _statistics_images(data: TrainingData, train: Train, most: int, seed: int) -> np.ndarray | None:
    """Return up to `most` training images, a random choice where there are more, or None where batch norm does not learn."""
    if train.cache_features or not train.reestimate_batchnorm:
        return None
    chosen = np.random.default_rng(seed).permutation(len(data.train_images))[:most]
    return np.asarray(data.train_images[np.sort(chosen)])


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
