"""Feature maps of several scales, found in the graph of a body that gives only its last ones."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

# Finer maps than these are left out: they cost four times the next ones and see little.
FINEST_STRIDE = 8
MOST_MAPS = 3


def scales_of(grey: "keras.KerasTensor", maps: "keras.KerasTensor") -> list["keras.KerasTensor"]:
    """Return up to three feature maps of a body, finest first; the last are `maps`.

    Of each scale the last tensor is taken that all paths of the graph go through: the end of a block and no part of
    one. As in a pyramid over a ResNet's stages (T.-Y. Lin et al., Feature Pyramid Networks, CVPR 2017,
    arXiv:1612.03144): strides 8, 16 and 32 of ResNets, EfficientNets and Inception v3, 8 and 16 of the Transfusion
    networks, and the last one alone where a body ends with finer ones than 8.

    Args:
        grey: the body's input (N, H, W, 1), square.
        maps: its output (N, h, w, channels).
    """
    size, last = grey.shape[1], {tensor.shape[1]: tensor for tensor in _bottlenecks(grey, maps)}
    taken = [maps]
    for cells in sorted(last):
        # Unpadded convolutions give sizes that lie between the powers of two.
        is_next, is_coarse = cells >= 1.5 * taken[0].shape[1], size / cells >= FINEST_STRIDE * 0.8
        if is_next and is_coarse and len(taken) < MOST_MAPS:
            taken.insert(0, last[cells])
    return taken


def _bottlenecks(grey: "keras.KerasTensor", maps: "keras.KerasTensor") -> list["keras.KerasTensor"]:
    """Return the maps (N, h, h, channels) that every path from `grey` to `maps` goes through, in order."""
    import keras

    layers = keras.Model(grey, maps).layers  # in an order in which each comes after what it is given
    place = {id(layer.output): number for number, layer in enumerate(layers)}
    used_until = [0] * len(layers)
    for number, layer in enumerate(layers[1:], 1):
        for tensor in keras.tree.flatten(layer.input):
            used_until[place[id(tensor)]] = number
    found, until = [], 0
    for number, layer in enumerate(layers):
        # Nothing from before is used after it. What is padded for the next layer has the size of no scale.
        is_padding = isinstance(layer, keras.layers.ZeroPadding2D)
        if until <= number and not is_padding and len(layer.output.shape) == 4:
            found.append(layer.output)
        until = max(until, used_until[number])
    return found
