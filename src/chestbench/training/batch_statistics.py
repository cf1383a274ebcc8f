"""One forward pass that gives the batch-norm statistics of its batch, compiled as each backend compiles."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from chestbench.training.device import no_gradients
from chestbench.training.devices import dealt_out

# Takes uint8 (B, H, W, 1), gives one float32 vector that stays on the device: the means of all layers, the variances.
Step = Callable[[np.ndarray], Any]


def compiled_step(model: keras.Model, layers: Sequence[keras.layers.BatchNormalization]) -> Step:
    """Return the step for a model whose layers keep nothing of earlier batches (momentum 0) and drop nothing out.

    It is compiled when it is first called, and must be called while the layers are so: their settings are part of it.

    Args:
        model: takes the images.
        layers: those whose statistics are wanted, all of them learning.
    """
    makers = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
    return makers[keras.backend.backend()](model, layers)


def split_statistics(
    vector: np.ndarray, layers: Sequence[keras.layers.BatchNormalization]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (mean, variance) of each layer from what a step gave."""
    sizes = [layer.moving_mean.shape[0] for layer in layers]
    parts = np.split(vector, np.cumsum([*sizes, *sizes])[:-1])
    return list(zip(parts[: len(sizes)], parts[len(sizes) :], strict=True))


def _tensorflow(model: keras.Model, layers: Sequence[keras.layers.BatchNormalization]) -> Step:
    import tensorflow as tf

    @tf.function
    def step(images: Any) -> Any:
        model(images, training=True)
        return _flat([layer.moving_mean.value for layer in layers], [layer.moving_variance.value for layer in layers])

    return lambda images: step(tf.constant(images))


def _jax(model: keras.Model, layers: Sequence[keras.layers.BatchNormalization]) -> Step:
    import jax

    place = {id(variable): index for index, variable in enumerate(model.non_trainable_variables)}
    means = [place[id(layer.moving_mean)] for layer in layers]
    variances = [place[id(layer.moving_variance)] for layer in layers]

    @jax.jit
    def step(trainable: Any, others: Any, images: Any) -> Any:
        _, updated = model.stateless_call(trainable, others, images, training=True)
        return _flat([updated[index] for index in means], [updated[index] for index in variances])

    def call(images: np.ndarray) -> Any:
        trainable = [variable.value for variable in model.trainable_variables]
        return step(trainable, [variable.value for variable in model.non_trainable_variables], dealt_out(images))

    return call


def _torch(model: keras.Model, layers: Sequence[keras.layers.BatchNormalization]) -> Step:
    """PyTorch computes op by op by design; what is spared is the way of each layer's statistics to the processor."""

    def call(images: np.ndarray) -> Any:
        with no_gradients():
            model(images, training=True)
            means, variances = ([getattr(layer, name).value for layer in layers] for name in _NAMES)
            return _flat(means, variances)

    return call


_NAMES = ("moving_mean", "moving_variance")


def _flat(means: list[Any], variances: list[Any]) -> Any:
    return keras.ops.concatenate([*means, *variances])
