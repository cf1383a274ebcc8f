"""Precise batch norm: statistics of the weights as they are, instead of averages over the weights as they were.

Batch norm predicts with moving averages that trail behind the weights; after a short training they belong to a
network that no longer exists. Estimating them anew over training images mends that: Y. Wu, J. Johnson, Rethinking
"Batch" in BatchNorm, 2021, arXiv:2105.07576, section 3. A few hundred to a few thousand images suffice.
"""

import keras
import numpy as np

from chestbench.training.device import no_gradients

MIN_BATCH_IMAGES = 64


def learning_layers(model: keras.Model) -> list[keras.layers.BatchNormalization]:
    """Return the batch-norm layers that are not frozen."""
    return [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization) and layer.trainable]


def reestimate(model: keras.Model, images: np.ndarray, batch_size: int) -> int:
    """Set the moving mean and variance of every batch-norm layer that is not frozen to those of `images`.

    Over whole batches: the mean of the batch means; the mean of the batch variances plus the variance of the
    batch means, that is the variance of all values together. Weights stay as they are.

    Args:
        model: changed in place.
        images: un-augmented training images, uint8 (N, H, W, 1).
        batch_size: images per forward pass, raised to 64 (fewer, better estimates); the images after the last whole
            batch are left out.

    Returns:
        Number of images used; 0 when there is nothing to estimate.
    """
    layers = learning_layers(model)
    if not layers or len(images) == 0:
        return 0
    batch_size = min(max(batch_size, MIN_BATCH_IMAGES), len(images))
    batches = len(images) // batch_size
    momenta = [layer.momentum for layer in layers]
    dropouts = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    rates = [layer.rate for layer in dropouts]
    means = [np.zeros(layer.moving_mean.shape, np.float64) for layer in layers]
    squares = [np.zeros(layer.moving_mean.shape, np.float64) for layer in layers]
    try:
        for layer in layers:
            layer.momentum = 0.0  # after a forward pass the moving statistics are those of its batch
        for layer in dropouts:
            layer.rate = 0.0  # dropout between blocks (EfficientNet) would widen the variances behind it
        with no_gradients():
            for start in range(0, batches * batch_size, batch_size):
                model(np.asarray(images[start : start + batch_size]), training=True)
                for layer, mean, square in zip(layers, means, squares, strict=True):
                    batch_mean = keras.ops.convert_to_numpy(layer.moving_mean).astype(np.float64)
                    mean += batch_mean / batches
                    square += (keras.ops.convert_to_numpy(layer.moving_variance) + batch_mean**2) / batches
    finally:
        for layer, momentum in zip(layers, momenta, strict=True):
            layer.momentum = momentum
        for layer, rate in zip(dropouts, rates, strict=True):
            layer.rate = rate
    for layer, mean, square in zip(layers, means, squares, strict=True):
        layer.moving_mean.assign(mean.astype(np.float32))
        layer.moving_variance.assign(np.maximum(square - mean**2, 0.0).astype(np.float32))
    return batches * batch_size
