"""Where a network can be cut in two: layers that everything from input to output passes through."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

LEAST_MAP = 7


def cut_layers(model: "keras.Model") -> list["keras.Layer"]:
    """Return the layers that no connection jumps over, in order: in a residual network the ends of its blocks.

    `keras.Model(layer.output, model.output)` is then the rest of the network.
    """
    index_of = {layer.name: number for number, layer in enumerate(model.layers)}
    last_reader = [0] * len(model.layers)
    for number, layer in enumerate(model.layers):
        for parent in _parents(layer):
            last_reader[index_of[parent]] = max(last_reader[index_of[parent]], number)
    cuts, reach = [], 0
    for number, layer in enumerate(model.layers):
        if reach <= number:
            cuts.append(layer)
        reach = max(reach, last_reader[number])
    return cuts


def map_layer(model: "keras.Model", least: int = LEAST_MAP) -> "keras.Layer":
    """Return the layer whose maps (N, h, w, channels) are explained: the last one with h and w of at least `least`.

    7 x 7 is what ImageNet networks end with at their published 224 pixels, and where Grad-CAM was introduced. With
    smaller pictures the last maps of a ResNet are 2 x 2, which show no place; then an earlier block is taken. Where
    no layer has such maps it is the one with the largest.

    Args:
        model: a network for images.
        least: least height and width of the maps.
    """
    maps = [layer for layer in cut_layers(model) if len(layer.output.shape) == 4 and layer.name != model.layers[0].name]
    fine = [layer for layer in maps if min(layer.output.shape[1:3]) >= least]
    return fine[-1] if fine else max(maps, key=lambda layer: min(layer.output.shape[1:3]))


def first_float_layer(model: "keras.Model") -> "keras.Layer":
    """Return the first layer after the uint8 input: a gradient with respect to its output is one to grey values.

    Raises:
        ValueError: everything passes through integers only.
    """
    for layer in cut_layers(model):
        if "float" in layer.output.dtype:
            return layer
    raise ValueError("expected a network with a floating-point layer that everything passes through")


def logits_after(model: "keras.Model", layer: "keras.Layer") -> Callable[[Any], Any]:
    """Return the function from the output of `layer` to logits (N, C): what the last layer's softmax is given.

    Args:
        model: ends in a dense layer with softmax.
        layer: one of `cut_layers`.
    """
    import keras

    last = model.layers[-1]
    rest = keras.Model(layer.output, last.input)

    def logits(x: Any) -> Any:
        inner = rest(x, training=False)
        return keras.ops.matmul(keras.ops.cast(inner, last.kernel.dtype), last.kernel) + last.bias

    return logits


def _parents(layer: "keras.Layer") -> list[str]:
    """Return the names of the layers whose outputs this one reads; none for the input."""
    if type(layer).__name__ == "InputLayer":
        return []
    inputs = layer.input if isinstance(layer.input, list | tuple) else [layer.input]
    return [tensor._keras_history.operation.name for tensor in inputs]
