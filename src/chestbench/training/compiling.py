"""Compiling a model so that its first step comes soon."""

from typing import Any

import keras

from chestbench.core.config import Train
from chestbench.training.device import Device
from chestbench.training.optimizer import FlatAdamW


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
        device: on a CPU, XLA only lengthens TensorFlow's start; JAX has no other way to compile a step.
    """
    rate: Any = keras.optimizers.schedules.CosineDecay(learning_rate, steps) if schedule == "cosine" else learning_rate
    learner.compile(
        FlatAdamW(rate, train.weight_decay),
        loss=SmoothedCrossentropy(n_classes, train.label_smoothing),
        metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        jit_compile="auto" if device.kind == "gpu" or keras.backend.backend() == "jax" else False,
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
