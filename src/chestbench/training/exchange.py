"""Exchange of a network's weights with one flat vector, compiled as each backend compiles."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops


def exchange_of(variables: Sequence[Any], flat: Any) -> Callable[[], None]:
    """Return what exchanges the values of `variables` and of `flat`; twice is as if it had not been.

    Args:
        variables: float32, of any shapes.
        flat: float32 (sum of their sizes,), the values in their order.
    """
    makers = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
    return makers[keras.backend.backend()](list(variables), flat)


def _tensorflow(variables: list[Any], flat: Any) -> Callable[[], None]:
    import tensorflow as tf

    @tf.function(autograph=False)
    def exchange() -> None:
        _assign(variables, flat, *_exchanged([variable.value for variable in variables], flat.value))

    return lambda: exchange() and None


def _jax(variables: list[Any], flat: Any) -> Callable[[], None]:
    import jax

    exchanged = jax.jit(_exchanged)
    return lambda: _assign(variables, flat, *exchanged([variable.value for variable in variables], flat.value))


def _torch(variables: list[Any], flat: Any) -> Callable[[], None]:
    """PyTorch computes op by op by design."""
    import torch

    def exchange() -> None:
        with torch.no_grad():
            _assign(variables, flat, *_exchanged([variable.value.clone() for variable in variables], flat.value))

    return exchange


def _exchanged(values: list[Any], flat: Any) -> tuple[list[Any], Any]:
    ends, total = [], 0
    for value in values:
        total += math.prod(value.shape)
        ends.append(total)
    parts = ops.split(flat, ends[:-1])
    new = [ops.reshape(part, value.shape) for part, value in zip(parts, values, strict=True)]
    return new, ops.concatenate([ops.reshape(value, (-1,)) for value in values])


def _assign(variables: list[Any], flat: Any, new: list[Any], old: Any) -> None:
    for variable, value in zip(variables, new, strict=True):
        variable.assign(value)
    flat.assign(old)
