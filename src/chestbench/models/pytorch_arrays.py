"""What a PyTorch file of an EfficientNet must hold, and how it goes into the Keras network: exactly, array by array.

Nothing is computed: axes are put into Keras' order and every array is used once. Needs no keras to compare a file with.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import keras


class Stage(NamedTuple):
    """Blocks of one kind, table 1 of the EfficientNet paper.

    Attributes:
        repeats: how many in B0.
        kernel: side of the depthwise convolution.
        stride: of the first block.
        expand: channels inside a block, as a multiple of those before it.
        filters: channels behind a block in B0.
    """

    repeats: int
    kernel: int
    stride: int
    expand: int
    filters: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
STEM_FILTERS, HEAD_FILTERS = 32, 1280
# Of the channels before a block; the squeezed ones in its squeeze-and-excitation.
SQUEEZED = 0.25
CLASSES = 1000


class Array(NamedTuple):
    """One array of a file: its name and shape there, and the layer and variable that it belongs to."""

    name: str
    shape: tuple[int, ...]
    layer: str
    variable: str


class Block(NamedTuple):
    """One block: its place, what it is called in Keras, and its channels before and behind.

    Attributes:
        stage: from 0.
        repeat: within the stage, from 0.
        number: within the network, from 0.
        name: such as block1a.
        kernel: side of the depthwise convolution.
        stride: of the depthwise convolution.
        before: channels before it.
        inside: channels of the depthwise convolution.
        behind: channels behind it.
    """

    stage: int
    repeat: int
    number: int
    name: str
    kernel: int
    stride: int
    before: int
    inside: int
    behind: int


# From a block to what the file calls its parts: expand_conv, expand_bn, dwconv, bn, se_reduce, se_expand, project_conv,
# project_bn; and under None stem_conv, stem_bn, top_conv, top_bn and classifier.
Names = Callable[[Block | None], Mapping[str, str]]


def rounded(filters: int, width: float) -> int:
    """Return channels for a width, a multiple of 8 and at most a tenth less than asked for."""
    found = max(8, int(filters * width + 4) // 8 * 8)
    return found + 8 if found < 0.9 * filters * width else found


def blocks(width: float = 1.0, depth: float = 1.0) -> Iterator[Block]:
    """Yield the blocks of an EfficientNet.

    Args:
        width: multiple of B0's channels.
        depth: multiple of B0's repeats.
    """
    number, before = 0, rounded(STEM_FILTERS, width)
    for place, stage in enumerate(STAGES):
        behind = rounded(stage.filters, width)
        for repeat in range(math.ceil(depth * stage.repeats)):
            stride = stage.stride if repeat == 0 else 1
            name = f"block{place + 1}{chr(ord('a') + repeat)}"
            yield Block(place, repeat, number, name, stage.kernel, stride, before, stage.expand * before, behind)
            number, before = number + 1, behind


def arrays(names: Names, width: float, depth: float, squeeze: bool) -> Iterator[Array]:
    """Yield what a file holds of the body.

    Args:
        names: what the file calls the parts.
        width: multiple of B0's channels.
        depth: multiple of B0's repeats.
        squeeze: whether its blocks have squeeze-and-excitation.
    """
    outside = names(None)
    stem, top, last = rounded(STEM_FILTERS, width), rounded(HEAD_FILTERS, width), rounded(STAGES[-1].filters, width)
    yield from _conv(outside["stem_conv"], (stem, 3, 3, 3), "stem_conv")
    yield from _norm(outside["stem_bn"], stem, "stem_bn")
    for block in blocks(width, depth):
        called = names(block)
        if block.inside != block.before:
            yield from _conv(called["expand_conv"], (block.inside, block.before, 1, 1), f"{block.name}_expand_conv")
            yield from _norm(called["expand_bn"], block.inside, f"{block.name}_expand_bn")
        yield from _conv(called["dwconv"], (block.inside, 1, block.kernel, block.kernel), f"{block.name}_dwconv")
        yield from _norm(called["bn"], block.inside, f"{block.name}_bn")
        if squeeze:
            squeezed = max(1, int(block.before * SQUEEZED))
            for part, shape in (("reduce", (squeezed, block.inside)), ("expand", (block.inside, squeezed))):
                yield from _conv(called[f"se_{part}"], (*shape, 1, 1), f"{block.name}_se_{part}")
                yield Array(f"{called[f'se_{part}']}.bias", shape[:1], f"{block.name}_se_{part}", "bias")
        yield from _conv(called["project_conv"], (block.behind, block.inside, 1, 1), f"{block.name}_project_conv")
        yield from _norm(called["project_bn"], block.behind, f"{block.name}_project_bn")
    yield from _conv(outside["top_conv"], (top, last, 1, 1), "top_conv")
    yield from _norm(outside["top_bn"], top, "top_bn")


def _conv(name: str, shape: tuple[int, ...], layer: str) -> Iterator[Array]:
    yield Array(f"{name}.weight", shape, layer, "kernel")


def _norm(name: str, channels: int, layer: str) -> Iterator[Array]:
    called = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
    for theirs, ours in called.items():
        yield Array(f"{name}.{theirs}", (channels,), layer, ours)


def check(found: Mapping[str, np.ndarray], wanted: list[Array], classifier: str) -> None:
    """Raise unless a file holds exactly these arrays, its classifier, and PyTorch's counters of batches.

    Raises:
        ValueError: arrays are missing, too many, of another shape, or not of finite floating-point numbers; one of them
            is named.
    """
    names = {array.name for array in wanted}
    counters = {f"{array.name.removesuffix('running_var')}num_batches_tracked" for array in wanted}
    others = {f"{classifier}.weight", f"{classifier}.bias", *counters}
    if missing := sorted(names - found.keys()):
        raise ValueError(f"{len(missing)} of {len(names)} arrays are missing, such as {missing[0]}")
    if more := sorted(found.keys() - names - others):
        raise ValueError(f"{len(more)} arrays more than the network has, such as {more[0]}")
    for array in wanted:
        value = found[array.name]
        if value.shape != array.shape:
            raise ValueError(f"{array.name} has the shape {value.shape}, expected {array.shape}")
        if value.dtype.kind != "f" or not np.isfinite(value).all():
            raise ValueError(f"{array.name} is not of finite floating-point numbers")


def assign(network: "keras.Model", found: Mapping[str, np.ndarray], wanted: list[Array]) -> None:
    """Give a Keras network the arrays of a file that `check` passed.

    Raises:
        ValueError: a variable of the network would be left as it was, or has another shape.
    """
    import keras

    given = {(array.layer, array.variable) for array in wanted}
    # keras.applications keep their normalisation in variables; it is no part of the file.
    layers = [layer for layer in network.layers if not isinstance(layer, keras.layers.Normalization)]
    own = {(layer.name, variable.name) for layer in layers for variable in layer.weights}
    if own != given:
        raise ValueError(f"other variables than the network has, such as {sorted(own ^ given)[0]}")
    for array in wanted:
        getattr(network.get_layer(array.layer), array.variable).assign(in_keras_order(found[array.name], array))


def in_keras_order(value: np.ndarray, array: Array) -> np.ndarray:
    """Return an array of a file with its axes as Keras has them, float32.

    Convolutions are (filters, channels, height, width) there and (height, width, channels, filters) here; depthwise
    ones (channels, 1, height, width) and (height, width, channels, 1).
    """
    if array.variable == "kernel":
        value = value.transpose((2, 3, 0, 1) if array.layer.endswith("_dwconv") else (2, 3, 1, 0))
    return np.ascontiguousarray(value, np.float32)
