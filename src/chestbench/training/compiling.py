"""Compiling a model so that its first step comes soon."""

from typing import Any

import keras

from chestbench.core.config import Train
from chestbench.training.device import Device
from chestbench.training.optimizer import FlatAdamW


def compile_learner(
    learner: keras.Model,
    train: Train,
    learning_rate: float,
    schedule: str,
    steps: int,
    n_classes: int,
    device: Device,
    warmup_steps: int = 0,
) -> None:
    """Compile a network for classes so that its first step comes soon, see `compile_ready`.

    Args:
        learner: the model to train; which of its layers learn is already set.
        train: weight decay, label smoothing, mix and moving average.
        learning_rate: at the start.
        schedule: constant, plateau (the callback's work) or cosine.
        steps: over which cosine falls to zero.
        n_classes: number of classes.
        device: what computes.
        warmup_steps: of these, over which the rate first rises (cosine).
    """
    soft = train.mix != "none"
    # Of a mixed picture: whether the class with the largest share is the one that is named.
    accuracy = keras.metrics.CategoricalAccuracy if soft else keras.metrics.SparseCategoricalAccuracy
    labels = keras.ops.full((1, n_classes), 1.0 / n_classes) if soft else keras.ops.zeros((1,), "int32")
    compile_ready(
        learner,
        optimizer_of(train, learning_rate, schedule, steps, warmup_steps),
        SmoothedCrossentropy(n_classes, train.label_smoothing, soft),
        device,
        labels,
        keras.ops.full((1, n_classes), 1.0 / n_classes),
        [accuracy(name="accuracy")],
    )


def compile_ready(
    learner: keras.Model,
    optimizer: keras.optimizers.Optimizer,
    loss: keras.losses.Loss,
    device: Device,
    wanted: Any,
    answered: Any,
    metrics: list[keras.metrics.Metric] | None = None,
) -> None:
    """Compile with everything that would make the backend trace twice in place.

    Args:
        learner: the model to train.
        optimizer, loss, metrics: of it.
        device: on a CPU, XLA only lengthens TensorFlow's start; JAX has no other way to compile a step.
        wanted, answered: one made-up batch of what the loss takes.
    """
    jit = "auto" if device.kind == "gpu" or keras.backend.backend() == "jax" else False
    learner.compile(optimizer, loss=loss, metrics=metrics, jit_compile=jit)
    # Variables made inside the traced step force a second trace of it, so the optimizer's are made now. Loss and
    # metrics are built on one made-up batch, or `fit` would trace the whole forward pass once more to do so.
    learner.optimizer.build(learner.trainable_variables)
    learner.compute_loss(y=wanted, y_pred=answered)
    if metrics:
        learner.compute_metrics(None, wanted, answered)
    learner.reset_metrics()


def optimizer_of(train: Train, learning_rate: float, schedule: str, steps: int, warmup_steps: int) -> FlatAdamW:
    """Return the optimizer of one phase; its arguments are those of `compile_learner`."""
    rate: Any = cosine(learning_rate, steps, warmup_steps) if schedule == "cosine" else learning_rate
    return FlatAdamW(rate, train.weight_decay, average=train.ema)


def cosine(learning_rate: float, steps: int, warmup_steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Return the rate by step: a linear rise (P. Goyal et al. 2017, arXiv:1706.02677), then half a cosine to zero.

    Args:
        learning_rate: its top.
        steps: of all.
        warmup_steps: of these, to the top; the first step has one part of it, so that none is lost. 0: no rise.
    """
    if not warmup_steps:
        return keras.optimizers.schedules.CosineDecay(learning_rate, steps)
    return keras.optimizers.schedules.CosineDecay(
        learning_rate / warmup_steps, steps - warmup_steps, warmup_target=learning_rate, warmup_steps=warmup_steps
    )


class SmoothedCrossentropy(keras.losses.Loss):
    """Cross-entropy of integer labels, with label smoothing (which keras has for one-hot labels only).

    Args:
        n_classes: C.
        label_smoothing: share spread over the classes.
        soft: labels come as shares of the classes, (B, C), that sum to one.
    """

    def __init__(self, n_classes: int, label_smoothing: float, soft: bool = False) -> None:
        super().__init__(name="crossentropy", reduction="sum_over_batch_size")
        self.n_classes, self.label_smoothing, self.soft = n_classes, label_smoothing, soft

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the loss of each image, (B,), from labels (B,) or shares (B, C) and probabilities (B, C)."""
        if self.soft:
            return keras.losses.categorical_crossentropy(y_true, y_pred, label_smoothing=self.label_smoothing)
        if not self.label_smoothing:
            return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)
        one_hot = keras.ops.one_hot(keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32"), self.n_classes)
        return keras.losses.categorical_crossentropy(one_hot, y_pred, label_smoothing=self.label_smoothing)
