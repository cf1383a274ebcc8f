"""Precise batch norm: statistics of the weights as they are, instead of averages over the weights as they were.

Batch norm predicts with moving averages that trail behind the weights; after a short training they belong to a
network that no longer exists. Estimating them anew over training images mends that: Y. Wu, J. Johnson, Rethinking
"Batch" in BatchNorm, 2021, arXiv:2105.07576, section 3. A few hundred to a few thousand images suffice.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np

from chestbench.training.batch_statistics import Step, compiled_step, split_statistics

MIN_BATCH_IMAGES = 64


def learning_layers(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    """Return the batch-norm layers that are not frozen."""
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable]


class Reestimator:
    """Estimates the statistics of one model anew, every epoch and at the end; its step is compiled once.

    Args:
        model: changed in place by a call.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self._layers: list[keras.layers.BatchNormalization] = []
        self._step: Step | None = None

    def __call__(self, images: np.ndarray, batch_size: int) -> int:
        """Set the moving mean and variance of every batch-norm layer that is not frozen to those of `images`.

        Over whole batches: the mean of the batch means; the mean of the batch variances plus the variance of the
        batch means, that is the variance of all values together. Weights stay as they are.

        Args:
            images: un-augmented training images, uint8 (N, H, W, 1).
            batch_size: images per forward pass, raised to 64 (fewer, better estimates); the images after the last
                whole batch are left out.

        Returns:
            Number of images used; 0 when there is nothing to estimate.
        """
        layers = learning_layers(self.model)
        if not layers or len(images) == 0:
            return 0
        if self._step is None or layers != self._layers:
            self._layers, self._step = layers, compiled_step(self.model, layers)
        batch_size = min(max(batch_size, MIN_BATCH_IMAGES), len(images))
        batches = len(images) // batch_size
        with _statistics_of_a_batch(self.model, layers):
            vectors = [
                self._step(np.asarray(images[start : start + batch_size]))
                for start in range(0, batches * batch_size, batch_size)
            ]
        found = [split_statistics(keras.ops.convert_to_numpy(vector).astype(np.float64), layers) for vector in vectors]
        for layer, of_batches in zip(layers, zip(*found, strict=True), strict=True):
            means, variances = (np.stack(part) for part in zip(*of_batches, strict=True))
            layer.moving_mean.assign(means.mean(axis=0).astype(np.float32))
            layer.moving_variance.assign((variances.mean(axis=0) + means.var(axis=0)).astype(np.float32))
        return batches * batch_size


def reestimate(model: keras.Model, images: np.ndarray, batch_size: int) -> int:
    """Estimate once, see `Reestimator`."""
    return Reestimator(model)(images, batch_size)


@contextmanager
def _statistics_of_a_batch(model: keras.Model, layers: list[keras.layers.BatchNormalization]) -> Iterator[None]:
    """Let a forward pass in training mode leave a batch's own statistics in the layers, and no dropout."""
    momenta = [layer.momentum for layer in layers]
    dropouts = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    rates = [layer.rate for layer in dropouts]
    try:
        for layer in layers:
            layer.momentum = 0.0  # after a forward pass the moving statistics are those of its batch
        for layer in dropouts:
            layer.rate = 0.0  # dropout between blocks (EfficientNet) would widen the variances behind it
        yield
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        for layer, rate in zip(dropouts, rates, strict=True):
            layer.rate = rate
