"""Training one network: the recipes of conf/train are settings of the one routine (`chestbench.training.routine`)."""

from pathlib import Path

import keras

from chestbench.core.config import Train
from chestbench.models.build import build
from chestbench.models.parts import split_backbone
from chestbench.models.registry import get
from chestbench.training.checkpoint import Checkpoint
from chestbench.training.data import TrainingData
from chestbench.training.features import cached_features
from chestbench.training.finishing import for_prediction, set_body_learns
from chestbench.training.phases import run_phase
from chestbench.training.routine import TrainingResult, run_training
from chestbench.training.state import Phase, Training
from chestbench.training.writer import OnEpoch


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
        Diverged: see `chestbench.training.routine.run_training`.
        ChestbenchError: the weights file does not fit, or the devices cannot share a batch (`devices.spread`).
    """

    def built() -> keras.Model:
        return build(get(name), data.train_images.shape[1], data.n_classes, train.dropout, weights_file)

    def head_and_features(model: keras.Model) -> tuple[keras.Model, TrainingData]:
        backbone, head = split_backbone(model)
        kept = features or (checkpoint.folder if checkpoint else None)
        return head, cached_features(backbone, data, train.batch_size, kept)

    return run_training(
        name,
        data,
        train,
        seed,
        build=built,
        fit=_fit,
        saved=for_prediction,
        learner_of=head_and_features if train.cache_features else None,
        checkpoint=checkpoint,
        on_epoch=on_epoch,
    )


def _fit(training: Training[TrainingData], phase: Phase) -> None:
    set_body_learns(training.model, phase.body_learns)
    run_phase(training, phase)
