"""The forward pass of a network for prediction, compiled once and kept as long as the network lives.

Every epoch's validation, the final one, evaluation and serving ask the same function: `keras.Model.predict` computes
the same, but makes a stream of batches, callbacks and threads anew in every call.
"""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary, ref

import keras
import numpy as np

from chestbench.training.device import describe_device, no_gradients
from chestbench.training.devices import dealt_out

# Takes images (B, ...), gives the network's output, which stays on the device. It traces once for each size of batch.
Forward = Callable[[np.ndarray], Any]

# Middle, up, down, left, right.
PLACES = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))

_kept: "WeakKeyDictionary[keras.Model, dict[int, Forward]]" = WeakKeyDictionary()


def forward_of(model: keras.Model, shifts: int = 0) -> Forward:
    """Return the compiled forward pass of `model` in inference mode, the same function whenever it is asked for.

    The weights are read in every call, so that they may change in between; which layers learn makes no difference.

    Args:
        model: takes images.
        shifts: pixels; above 0 the output is the mean over an image (H, W, 1) and the image shifted so far up, down,
            left and right, with black coming in.
    """
    kept = _kept.setdefault(model, {})
    if shifts not in kept:
        makers = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
        kept[shifts] = makers[keras.backend.backend()](model, shifts)
    return kept[shifts]


def _output(model: keras.Model, images: Any, shifts: int) -> Any:
    """Return the output, with `shifts` its mean over `PLACES`: one pass of all, so that the network is traced once."""
    if not shifts:
        return model(images, training=False)
    size, (height, width) = images.shape[0], images.shape[1:3]
    wide = keras.ops.pad(images, ((0, 0), (shifts, shifts), (shifts, shifts), (0, 0)))
    starts = [(shifts - down * shifts, shifts - right * shifts) for down, right in PLACES]
    shifted = [wide[:, top : top + height, left : left + width] for top, left in starts]
    outputs = model(keras.ops.concatenate(shifted), training=False)
    return keras.ops.mean(keras.ops.reshape(outputs, (len(PLACES), size, *outputs.shape[1:])), axis=0)


# What follows holds the network weakly: a function that held it would keep it from ever being freed.


def _tensorflow(model: keras.Model, shifts: int) -> Forward:
    import tensorflow as tf

    held = ref(model)

    # XLA pays on a GPU; on a CPU it only lengthens the start.
    @tf.function(jit_compile=describe_device().kind == "gpu", autograph=False, reduce_retracing=False)
    def forward(images: Any) -> Any:
        return _output(_alive(held), images, shifts)

    return lambda images: forward(tf.constant(images))


def _jax(model: keras.Model, shifts: int) -> Forward:
    import jax

    held, variables = ref(model), list(model.variables)

    @jax.jit
    def forward(values: Any, images: Any) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return _output(_alive(held), images, shifts)

    return lambda images: forward([variable.value for variable in variables], dealt_out(images))


def _torch(model: keras.Model, shifts: int) -> Forward:
    """PyTorch computes op by op by design; nothing is recorded for gradients."""
    held = ref(model)

    def forward(images: np.ndarray) -> Any:
        with no_gradients():
            return _output(_alive(held), images, shifts)

    return forward


def _alive(held: "ref[keras.Model]") -> keras.Model:
    model = held()
    if model is None:
        raise RuntimeError("the network was freed while its forward pass was asked for")
    return model
