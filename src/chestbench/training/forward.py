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

_kept: "WeakKeyDictionary[keras.Model, Forward]" = WeakKeyDictionary()


def forward_of(model: keras.Model) -> Forward:
    """Return the compiled forward pass of `model` in inference mode, the same function whenever it is asked for.

    The weights are read in every call, so that they may change in between; which layers learn makes no difference.
    """
    if model not in _kept:
        makers = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
        _kept[model] = makers[keras.backend.backend()](model)
    return _kept[model]


# What follows holds the network weakly: a function that held it would keep it from ever being freed.


def _tensorflow(model: keras.Model) -> Forward:
    import tensorflow as tf

    held = ref(model)

    # XLA pays on a GPU; on a CPU it only lengthens the start.
    @tf.function(jit_compile=describe_device().kind == "gpu", autograph=False, reduce_retracing=False)
    def forward(images: Any) -> Any:
        return _alive(held)(images, training=False)

    return lambda images: forward(tf.constant(images))


def _jax(model: keras.Model) -> Forward:
    import jax

    held, variables = ref(model), list(model.variables)

    @jax.jit
    def forward(values: Any, images: Any) -> Any:
        with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
            return _alive(held)(images, training=False)

    return lambda images: forward([variable.value for variable in variables], dealt_out(images))


def _torch(model: keras.Model) -> Forward:
    """PyTorch computes op by op by design; nothing is recorded for gradients."""
    held = ref(model)

    def forward(images: np.ndarray) -> Any:
        with no_gradients():
            return _alive(held)(images, training=False)

    return forward


def _alive(held: "ref[keras.Model]") -> keras.Model:
    model = held()
    if model is None:
        raise RuntimeError("the network was freed while its forward pass was asked for")
    return model
