"""Training one detector: the loop of classifiers with other batches, another loss and another measure."""

import time
from pathlib import Path
from typing import Any

import keras

from chestbench.core.config import Train
from chestbench.models.detection.fcos import build_detector, for_finding, levels_of_model
from chestbench.models.detection.losses import DetectionLoss
from chestbench.models.detection.points import Points, points_of
from chestbench.models.detection.registry import get
from chestbench.models.detection.targets import COLUMNS
from chestbench.training.augment import AUGMENTATIONS
from chestbench.training.batchnorm import Reestimator
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.compiling import jit_of, optimizer_of
from chestbench.training.detection.callbacks import BoxEpochEnd
from chestbench.training.detection.data import BoxData
from chestbench.training.detection.feed import BoxFeed
from chestbench.training.detection.settings import refuse_meaningless
from chestbench.training.device import choose_precision, describe_device, make_deterministic
from chestbench.training.devices import spread
from chestbench.training.divergence import Diverged
from chestbench.training.finishing import keep_last_good
from chestbench.training.phases import fit_phase, phases, warm_up
from chestbench.training.recipes import TrainingResult, announce, dtype_policy, restored_from, result_of
from chestbench.training.state import Phase, Training
from chestbench.training.variables import Weights
from chestbench.training.writer import OnEpoch, StateWriter


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
        Diverged: see `chestbench.training.recipes.train_network`.
        ChestbenchError: a setting means nothing to a detector, the weights file does not fit, or the devices cannot
            share a batch.
    """
    refuse_meaningless(train, name)
    with spread(train.devices, train.batch_size) as devices:
        started = time.monotonic()
        if train.deterministic:
            make_deterministic()
        keras.utils.set_random_seed(seed)
        device = describe_device()
        precision = choose_precision(train.precision, device)
        announce(name, device, precision, devices)
        with dtype_policy(precision):
            model = build_detector(get(name), data.train_images.shape[1], data.n_findings, weights_file)
        progress, restored, best = restored_from(checkpoint, on_epoch)
        predictor = keras.Model(model.input, model.output)
        training = Training(
            name=name,
            model=model,
            learner=model,
            predictor=predictor,
            images=data,
            inputs=data,
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
            _run(training)
        return result_of(training, _saved)


def _run(training: Training[BoxData]) -> None:
    progress, points = training.progress, points_of(levels_of_model(training.model))
    phase = phases(training.train)[-1]
    if progress.finished or progress.epochs_done >= phase.last:
        return
    feed = BoxFeed(
        training.inputs,
        points,
        training.train.batch_size,
        training.seed,
        AUGMENTATIONS[training.train.augment],
        first_epoch=progress.epochs_done,
    )
    _compile(training, phase, feed.steps, points)
    try:
        fit_phase(training, phase, feed, BoxEpochEnd(training, phase, feed.steps, points))
    except Diverged as error:
        raise error.saying(training.precision != "float32", keep_last_good(training, error, _saved)) from None


def _compile(training: Training[BoxData], phase: Phase, steps: int, points: Points) -> None:
    """Compile so that the first step comes soon, see `chestbench.training.compiling`."""
    train, learner, count = training.train, training.learner, training.inputs.n_findings
    whole, rising = steps * (phase.last - phase.first), steps * warm_up(train, phase)
    learner.compile(
        optimizer_of(train, phase.learning_rate, phase.schedule, whole, rising),
        loss=DetectionLoss(count),
        jit_compile=jit_of(training.device),
    )
    learner.optimizer.build(learner.trainable_variables)
    wanted = keras.ops.zeros((1, len(points.places), COLUMNS))
    learner.compute_loss(y=wanted, y_pred=keras.ops.ones((1, len(points.places), 4 + 2 * count + 1)))
    learner.reset_metrics()


def _saved(training: Training[Any]) -> keras.Model:
    """Return the detector as it is saved: in float32, never compiled, boxes and scores alone."""
    data: BoxData = training.images
    # Built anew: sixteen-bit layers are slow, or do not exist, on the CPUs that will ask it.
    model = build_detector(get(training.name), data.train_images.shape[1], data.n_findings)
    model.set_weights(training.model.get_weights())
    return for_finding(model)
