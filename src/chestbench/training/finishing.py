"""From the last epoch to the network that is saved: its batch norm, its precision, and what is kept of a failure."""

from collections.abc import Callable
from typing import Any

import keras

from chestbench.models.build import build
from chestbench.models.parts import backbone_layers
from chestbench.models.registry import get
from chestbench.training.callbacks import EPOCH_STATISTICS_IMAGES
from chestbench.training.data import TrainingData
from chestbench.training.divergence import Diverged
from chestbench.training.saving import save_network
from chestbench.training.state import Training

# Images that batch-norm statistics are estimated on at the end.
FINAL_STATISTICS_IMAGES = 2048


def for_prediction(training: Training[TrainingData]) -> keras.Model:
    """Return the network as it is saved: in float32, never compiled, every layer free to learn."""
    trained, classes = training.model, training.images.n_classes
    if training.precision != "float32":
        # Sixteen-bit layers are slow, or do not exist, on the CPUs that will ask the model.
        model = build(get(training.name), training.images.train_images.shape[1], classes, training.train.dropout)
        model.set_weights(trained.get_weights())
    else:
        # A file without the optimizer, which loads with keras alone.
        model = keras.Model(trained.input, trained.output, name=training.name)
    set_body_learns(model, True)
    return model


def keep_last_good(training: Training[Any], error: Diverged, saved: Callable[[Training[Any]], keras.Model]) -> str:
    """Save the network of the best epoch beside the state of the last finite one; return what is there, in words.

    `saved` gives the network as it is saved, such as `for_prediction`.
    """
    checkpoint, progress = training.checkpoint, training.progress
    if checkpoint is None or training.best is None:
        return "no epoch was finished before: there are no good weights to keep"
    # First, the state of the epoch before is safe.
    training.writer.wait()
    training.predictor.set_weights(training.best.arrays())
    save_network(saved(training), checkpoint.last_good)
    checkpoint.diverged(error)
    return (
        f"the network of epoch {progress.best_epoch}, the best of the {progress.epochs_done} before, is kept: "
        f"{checkpoint.last_good}; a run with the same parameters goes on after epoch {progress.epochs_done}"
    )


def final_statistics(training: Training[Any]) -> None:
    """Estimate batch norm of the best weights on more images than each epoch could afford."""
    progress = training.progress
    statistics = training.statistics_images(FINAL_STATISTICS_IMAGES)
    of_main = progress.history[progress.best_epoch - 1]["phase"] == "main"
    if of_main and statistics is not None and len(statistics) > EPOCH_STATISTICS_IMAGES:
        training.reestimate(statistics, training.train.batch_size)


def set_body_learns(model: keras.Model, learns: bool) -> None:
    """Freeze or release the body; frozen batch norm uses its moving statistics and leaves them alone."""
    for layer in backbone_layers(model):
        layer.trainable = learns
