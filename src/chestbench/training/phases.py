"""The phases of a training, head and main: what they share, and how one is fitted."""

from dataclasses import dataclass

import keras
import numpy as np

from chestbench.core.config import Train
from chestbench.training.augment import AUGMENTATIONS
from chestbench.training.callbacks import EpochEnd, OnEpoch
from chestbench.training.checkpoint import Arrays, Checkpoint, Progress
from chestbench.training.compiling import compile_learner
from chestbench.training.data import TrainingData
from chestbench.training.device import Device
from chestbench.training.feed import Feed
from chestbench.training.variables import restore

# Images that batch-norm statistics are estimated on before each validation.
EPOCH_STATISTICS_IMAGES = 256


@dataclass(frozen=True)
class Phase:
    """Epochs `first` to below `last` (counted from 0), with or without the body learning."""

    name: str
    first: int
    last: int
    learning_rate: float
    schedule: str
    patience: int
    body_learns: bool


@dataclass
class Training:
    """What the phases of one training share.

    `learner` is what is fitted to `inputs`: the whole model to images, or the head to cached features. `predictor`
    shares its layers, but is never compiled again, so that its prediction step is traced once. `restored` are the
    variables of a checkpoint until they are used.
    """

    name: str
    model: keras.Model
    learner: keras.Model
    predictor: keras.Model
    images: TrainingData
    inputs: TrainingData
    train: Train
    seed: int
    device: Device
    precision: str
    progress: Progress
    restored: Arrays
    best: Arrays
    checkpoint: Checkpoint | None
    on_epoch: OnEpoch | None
    started: float


def phases(train: Train) -> list[Phase]:
    head, last = train.head_epochs, train.head_epochs + train.epochs
    return [
        Phase("head", 0, head, train.head_learning_rate, "constant", 0, False),
        Phase(
            "main",
            head,
            last,
            train.learning_rate,
            train.schedule,
            train.patience,
            body_learns=not train.cache_features,
        ),
    ]


def run_phase(training: Training, phase: Phase) -> None:
    """Fit the learner from where the progress stands to the end of the phase."""
    train, data, progress = training.train, training.inputs, training.progress
    feed = Feed(
        data.train_images,
        data.train_labels,
        data.indices,
        train.batch_size,
        training.seed,
        None if train.cache_features else AUGMENTATIONS[train.augment],
        data.class_weights,
        first_epoch=progress.epochs_done,
    )
    steps = feed.steps * (phase.last - phase.first)
    compile_learner(
        training.learner, train, phase.learning_rate, phase.schedule, steps, data.n_classes, training.device
    )
    if progress.epochs_done == phase.first:
        progress.waited = 0
        # Killed between two phases: the weights go on, the optimizer is new.
        restore(training.restored, training.predictor, None)
    else:
        restore(training.restored, training.predictor, training.learner.optimizer)
    training.restored = []
    closer = EpochEnd(
        network=training.name,
        phase=phase.name,
        predictor=training.predictor,
        val_images=data.val_images,
        val_labels=data.val_labels,
        statistics_images=statistics_images(training, EPOCH_STATISTICS_IMAGES) if phase.body_learns else None,
        progress=progress,
        checkpoint=training.checkpoint,
        best=training.best,
        batch_size=train.batch_size,
        balanced=data.balanced,
        epochs=phases(train)[-1].last,
        patience=phase.patience,
        plateau=phase.schedule == "plateau",
        started=training.started,
        seed=training.seed,
        cpu=training.device.kind == "cpu",
        on_epoch=training.on_epoch,
    )
    try:
        training.learner.fit(
            feed,
            steps_per_epoch=feed.steps,
            initial_epoch=progress.epochs_done,
            epochs=phase.last,
            shuffle=False,  # the feed shuffles
            callbacks=[closer],
            verbose=0,
        )
    finally:
        feed.close()


def statistics_images(training: Training, most: int) -> np.ndarray | None:
    """Return up to `most` training images, chosen at random, or None where batch norm does not learn."""
    if training.train.cache_features or not training.train.reestimate_batchnorm:
        return None
    images = training.images.train_images
    chosen = np.random.default_rng(training.seed).permutation(len(images))[:most]
    return np.asarray(images[np.sort(chosen)])
