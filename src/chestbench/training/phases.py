"""The phases of a training, head and main, and how one is fitted."""

import logging
from typing import Any

from chestbench.core.config import Train
from chestbench.training.augment import AUGMENTATIONS
from chestbench.training.callbacks import EpochEnd
from chestbench.training.compiling import compile_learner
from chestbench.training.data import TrainingData
from chestbench.training.feed import Batches, Feed
from chestbench.training.mix import mix_of
from chestbench.training.state import Phase, Training
from chestbench.training.variables import restore

logger = logging.getLogger(__name__)


def phases(train: Train) -> list[Phase]:
    """Return the head phase (maybe of no epoch) and the main one of a recipe."""
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


def warm_up(train: Train, phase: Phase) -> int:
    """Return in how many epochs of a phase the rate rises: train.warmup_epochs of the main one, at most half of it.

    Less than was wished is said.
    """
    if phase.name == "head" or not train.warmup_epochs:
        return 0
    epochs = min(train.warmup_epochs, (phase.last - phase.first) // 2) if phase.schedule == "cosine" else 0
    if epochs < train.warmup_epochs:
        why = "half of the epochs" if phase.schedule == "cosine" else f"train.schedule {phase.schedule} has none"
        logger.warning("warm-up of %d epochs in place of train.warmup_epochs %d: %s", epochs, train.warmup_epochs, why)
    return epochs


def rate_of(train: Train, phase: Phase, steps: int) -> tuple[float, str, int, int]:
    """Return how the learning rate goes in a phase: its start, schedule, all steps, and of these the rising ones.

    Args:
        train: the recipe.
        phase: of it.
        steps: of one epoch.
    """
    return phase.learning_rate, phase.schedule, steps * (phase.last - phase.first), steps * warm_up(train, phase)


def run_phase(training: Training[TrainingData], phase: Phase) -> None:
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
        mix=mix_of(train, data.n_classes),
    )
    rate, schedule, steps, rising = rate_of(train, phase, feed.steps)
    compile_learner(training.learner, train, rate, schedule, steps, data.n_classes, training.device, rising)
    fit_phase(training, phase, feed, EpochEnd(training, phase, feed.steps))


def fit_phase(training: Training[Any], phase: Phase, feed: Batches, epoch_end: EpochEnd) -> None:
    """Fit the learner, which is compiled, from where the progress stands to the end of the phase; closes the feed."""
    progress = training.progress
    if progress.epochs_done == phase.first:
        progress.waited = 0
        # Killed between two phases: the weights go on, the optimizer is new.
        restore(training.restored, training.predictor, None)
    else:
        restore(training.restored, training.predictor, training.learner.optimizer)
    training.restored = []
    try:
        training.learner.fit(
            feed,
            steps_per_epoch=feed.steps,
            initial_epoch=progress.epochs_done,
            epochs=phase.last,
            shuffle=False,  # the feed shuffles
            callbacks=[epoch_end],
            verbose=0,
        )
    finally:
        feed.close()
