"""Convolutions whose kernels are standardised, and how a network that has them is saved without them.

The one layer class of the project's own. Built-in layers cannot train such a kernel, but they can use it: once the
training is over it is a constant. So the file that a training leaves behind holds the plain copy of the network, and
needs nothing but keras to load.
"""

from typing import Any

import keras

# As published: added to the variance of a filter.
EPSILON = 1e-10


@keras.saving.register_keras_serializable(package="chestbench")
class StandardisedConv2D(keras.layers.Conv2D):
    """A `Conv2D` that uses its kernel with mean 0 and variance 1 over each filter's (height, width, input channels).

    S. Qiao, H. Wang, C. Liu, W. Shen, A. Yuille. Micro-Batch Training with Batch-Channel Normalization and Weight
    Standardization. arXiv:1903.10520, equation 11 (without its gain; BiT has none).
    """

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        """Convolve with the standardised kernel; keras calls this hook from `call`."""
        return super().convolution_op(inputs, keras.ops.cast(standardise(kernel), self.compute_dtype))


def standardise(kernel: Any) -> Any:
    """Return a kernel (height, width, input channels, filters) with mean 0 and variance 1 per filter, in float32."""
    kernel = keras.ops.cast(kernel, "float32")  # the variance of small numbers is none in float16
    mean, variance = keras.ops.moments(kernel, axes=[0, 1, 2], keepdims=True)
    return (kernel - mean) / keras.ops.sqrt(variance + EPSILON)


def plain_copy(model: keras.Model) -> keras.Model:
    """Return a network of built-in layers that predicts the same: what is saved when a training is over.

    Kernels are copied as they are used, standardised, so the copy is for prediction: trained on, it would be another
    kind of network. A model without standardised convolutions is returned as it is.
    """
    if not any(isinstance(layer, StandardisedConv2D) for layer in model.layers):
        return model
    copy = keras.models.clone_model(model, clone_function=_plain_layer)
    for layer in model.layers:
        weights = layer.get_weights()
        if isinstance(layer, StandardisedConv2D):
            weights[0] = keras.ops.convert_to_numpy(standardise(layer.kernel))
        if weights:
            copy.get_layer(layer.name).set_weights(weights)
    return copy


def _plain_layer(layer: keras.Layer) -> keras.Layer:
    kind = keras.layers.Conv2D if isinstance(layer, StandardisedConv2D) else type(layer)
    return kind.from_config(layer.get_config())
