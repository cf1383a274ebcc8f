"""Training one detector: the routine of classifiers with other batches, another loss and another measure."""

from pathlib import Path

import keras

from chestbench.core.config import Train
from chestbench.models.detection.fcos import build_detector, for_finding, levels_of_model
from chestbench.models.detection.losses import DetectionLoss
from chestbench.models.detection.points import Points, points_of
from chestbench.models.detection.registry import get
from chestbench.models.detection.targets import COLUMNS
from chestbench.training.augment import AUGMENTATIONS
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.compiling import compile_ready, optimizer_of
from chestbench.training.detection.callbacks import BoxEpochEnd
from chestbench.training.detection.data import BoxData
from chestbench.training.detection.feed import BoxFeed
from chestbench.training.detection.settings import refuse_meaningless
from chestbench.training.phases import fit_phase, rate_of
from chestbench.training.routine import TrainingResult, run_training
from chestbench.training.state import Phase, Training
from chestbench.training.writer import OnEpoch


def train_detector(
    name: str,
    data: BoxData,
    train: Train,
    *,
    seed: int,
    weights_file: Path | None = None,
    checkpoint: Checkpoint | None = None,
    on_epoch: OnEpoch | None = None,
) -> TrainingResult:
    """Train one detector and return it, as `for_finding` gives it, with the weights of its best epoch on val.

    Args:
        name: entry of the registry of detectors.
        data: images and boxes.
        train: the recipe.
        seed: of initial weights, order and augmentation.
        weights_file: ImageNet file for the body, or None.
        checkpoint: where the state is kept after each epoch. If it holds one, training goes on from there.
        on_epoch: called with (epoch from 1, history row) after each epoch; on going on also for the epochs before.

    Raises:
        Diverged: see `chestbench.training.routine.run_training`.
        ChestbenchError: a setting means nothing to a detector, the weights file does not fit, or the devices cannot
            share a batch.
    """
    refuse_meaningless(train, name)

    def built() -> keras.Model:
        return build_detector(get(name), data.train_images.shape[1], data.n_findings, weights_file)

    return run_training(
        name, data, train, seed, build=built, fit=_fit, saved=_saved, checkpoint=checkpoint, on_epoch=on_epoch
    )


def _fit(training: Training[BoxData], phase: Phase) -> None:
    train, data, points = training.train, training.inputs, points_of(levels_of_model(training.model))
    first = training.progress.epochs_done
    feed = BoxFeed(data, points, train.batch_size, training.seed, AUGMENTATIONS[train.augment], first_epoch=first)
    _compile(training, phase, feed.steps, points)
    fit_phase(training, phase, feed, BoxEpochEnd(training, phase, feed.steps, points))


def _compile(training: Training[BoxData], phase: Phase, steps: int, points: Points) -> None:
    learner, count = training.learner, training.inputs.n_findings
    optimizer = optimizer_of(training.train, *rate_of(training.train, phase, steps))
    wanted = keras.ops.zeros((1, len(points.places), COLUMNS))
    answered = keras.ops.ones((1, len(points.places), 4 + 2 * count + 1))
    compile_ready(learner, optimizer, DetectionLoss(count), training.device, wanted, answered)


def _saved(training: Training[BoxData]) -> keras.Model:
    """Return the detector as it is saved: in float32, never compiled, boxes and scores alone."""
    data = training.images
    # Built anew: sixteen-bit layers are slow, or do not exist, on the CPUs that will ask it.
    model = build_detector(get(training.name), data.train_images.shape[1], data.n_findings)
    model.set_weights(training.model.get_weights())
    return for_finding(model)
