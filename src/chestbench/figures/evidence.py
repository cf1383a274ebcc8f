"""What speaks for a class, and where: the gradients that heat maps are made of, compiled once for each network."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from chestbench.figures.cuts import first_float_layer, logits_after, map_layer

if TYPE_CHECKING:
    import keras


class Evidence(NamedTuple):
    """What heat maps are made of, for n images.

    Attributes:
        maps: (n, h, w, channels) float32, output of `cuts.map_layer`.
        maps_gradient: the same shape: gradient of the class's evidence with respect to `maps`.
        grey_gradient: (n, H, W) float32, with respect to the grey values, up to a positive factor.
    """

    maps: NDArray[np.float32]
    maps_gradient: NDArray[np.float32]
    grey_gradient: NDArray[np.float32]


Gather = Callable[[NDArray[np.uint8], NDArray[np.integer]], Evidence]
# From images and what each logit counts to (maps, gradient to maps, gradient to the first floating-point layer).
Compiled = Callable[[NDArray[np.uint8], NDArray[np.float32]], Any]

_kept: "WeakKeyDictionary[keras.Model, Gather]" = WeakKeyDictionary()


def evidence_of(model: "keras.Model") -> Gather:
    """Return the function from images (n, H, W, 1) and classes (n,) to their `Evidence`, the same one for one network.

    It is compiled once for each n that it is asked with. The evidence for a class is its logit less the mean of the
    others': what decides the softmax, and not flat where the network is certain.
    """
    if model not in _kept:
        _kept[model] = _gather(model)
    return _kept[model]


class _Parts:
    """A network cut in three, without the network itself: what is kept for it must not keep it from being freed."""

    def __init__(self, model: "keras.Model") -> None:
        import keras

        first, middle = first_float_layer(model), map_layer(model)
        self.to_first = keras.Model(model.input, first.output)
        self._to_maps = keras.Model(first.output, middle.output)
        self._logits = logits_after(model, middle)
        self.variables = list(model.variables)

    def start(self, images: Any) -> Any:
        import keras

        return keras.ops.cast(self.to_first(images, training=False), "float32")

    def maps(self, start: Any) -> Any:
        import keras

        return keras.ops.cast(self._to_maps(start, training=False), "float32")

    def score(self, maps: Any, counts: Any) -> Any:
        import keras

        return keras.ops.sum(self._logits(maps) * counts)


def _gather(model: "keras.Model") -> Gather:
    import keras

    makers = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
    compiled = makers[keras.backend.backend()](_Parts(model))
    n_classes = model.output_shape[-1]

    def gather(images: NDArray[np.uint8], class_index: NDArray[np.integer]) -> Evidence:
        counts = np.where(np.eye(n_classes)[class_index] == 1, 1.0, -1.0 / (n_classes - 1)).astype(np.float32)
        found = compiled(np.asarray(images), counts)
        maps, to_maps, to_grey = (np.asarray(keras.ops.convert_to_numpy(part), np.float32) for part in found)
        return Evidence(maps, to_maps, to_grey.sum(axis=-1))

    return gather


def _tensorflow(parts: _Parts) -> Compiled:
    """Compile from the second step of a size on: a trace costs as much as some six steps, and one is often all."""
    import tensorflow as tf

    seen: set[tuple[int, ...]] = set()

    def compute(images: Any, counts: Any) -> Any:
        start = parts.start(images)
        with tf.GradientTape() as tape:
            tape.watch(start)
            maps = parts.maps(start)
            value = parts.score(maps, counts)
        to_grey, to_maps = tape.gradient(value, [start, maps])
        return maps, to_maps, to_grey

    compiled = tf.function(compute, autograph=False)

    def step(images: NDArray[np.uint8], counts: NDArray[np.float32]) -> Any:
        once = compiled if images.shape in seen else compute
        seen.add(images.shape)
        return once(tf.constant(images), tf.constant(counts))

    return step


def _jax(parts: _Parts) -> Compiled:
    import jax
    import keras

    @jax.jit
    def compiled(values: Any, images: Any, counts: Any) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(parts.variables, values, strict=True))):
            maps, back = jax.vjp(parts.maps, parts.start(images))
            to_maps = jax.grad(parts.score)(maps, counts)
            (to_grey,) = back(to_maps)
        return maps, to_maps, to_grey

    return lambda images, counts: compiled([variable.value for variable in parts.variables], images, counts)


def _torch(parts: _Parts) -> Compiled:
    """PyTorch computes op by op by design."""
    import keras
    import torch

    def compute(images: NDArray[np.uint8], counts: NDArray[np.float32]) -> Any:
        with torch.no_grad():
            start = parts.start(keras.ops.convert_to_tensor(images))
        start = start.detach().requires_grad_()
        maps = parts.maps(start)
        to_grey, to_maps = torch.autograd.grad(parts.score(maps, keras.ops.convert_to_tensor(counts)), [start, maps])
        return maps.detach(), to_maps, to_grey

    return compute
