"""All that a training changes, as arrays: copied on the device, brought back when they are asked for, and put back."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import keras
import numpy as np

from chestbench.training.checkpoint import Arrays
from chestbench.training.divergence import all_finite


class Copies:
    """Copies of variables as they are now: the next step may change these, or give their memory away.

    With JAX and PyTorch they stay on the device, so that another thread can bring them back beside the next step.
    """

    def __init__(self, variables: Sequence[Any]) -> None:
        self._variables = list(variables)
        self._copies = _copied(self._variables)

    def all_finite(self) -> bool:
        """Tell whether every number is finite; of what lies on the device only the answer comes back."""
        backend = keras.backend.backend()
        if backend == "tensorflow":
            return all_finite(self._copies)
        return bool((_jax_tools()[1] if backend == "jax" else _torch_finite)(self._copies))

    def take_again(self, variable: Any) -> None:
        """Copy one of the variables anew, which has changed since."""
        (self._copies[self._place(variable)],) = _copied([variable])

    def arrays(self) -> Arrays:
        """Return all of them, in the order of the variables; what lay on the device is let go there."""
        if not all(isinstance(copy, np.ndarray) for copy in self._copies):
            self._copies = _brought_back(self._copies)
        return self._copies

    def arrays_of(self, variables: Sequence[Any]) -> Arrays:
        """Return those of some of the variables, in that order."""
        places = {id(variable): place for place, variable in enumerate(self._variables)}
        arrays = self.arrays()
        return [arrays[places[id(variable)]] for variable in variables]

    def _place(self, variable: Any) -> int:
        return next(place for place, known in enumerate(self._variables) if known is variable)


class Weights:
    """Weights of one epoch, from a checkpoint or from copies, which are let go once they were asked for."""

    def __init__(self, arrays: Arrays | None = None, copies: Copies | None = None, of: Sequence[Any] = ()) -> None:
        self._arrays, self._copies, self._of = arrays, copies, of

    def arrays(self) -> Arrays:
        """Return them in the order of `get_weights`."""
        if self._copies is not None:
            self._arrays, self._copies = self._copies.arrays_of(self._of), None
        return self._arrays or []


def restore(arrays: Arrays, model: keras.Model, optimizer: keras.optimizers.Optimizer | None) -> None:
    """Set what `Copies` of model and optimizer gave; without an optimizer the model's part. No arrays: nothing."""
    variables = [*model.variables, *(optimizer.variables if optimizer else [])]
    for variable, array in zip(variables, arrays, strict=False):
        variable.assign(array)


def _copied(variables: Sequence[Any]) -> list[Any]:
    backend = keras.backend.backend()
    if backend == "jax":
        return list(_jax_tools()[0]([variable.value for variable in variables]))
    if backend == "torch":
        return [variable.value.detach().clone() for variable in variables]
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def _brought_back(copies: list[Any]) -> Arrays:
    if keras.backend.backend() == "jax":
        import jax

        # All at once: the ways back overlap.
        return [np.asarray(array) for array in jax.device_get(copies)]
    return [np.array(keras.ops.convert_to_numpy(copy)) for copy in copies]


@cache
def _jax_tools() -> tuple[Any, Any]:
    """Return what copies a list of arrays, and what tells whether all are finite, each one compiled function."""
    import jax
    import jax.numpy as jnp

    @jax.jit
    def copied(values: Any) -> Any:
        return [jnp.copy(value) for value in values]

    @jax.jit
    def finite(values: Any) -> Any:
        floats = [value for value in values if jnp.issubdtype(value.dtype, jnp.inexact)]
        return jnp.all(jnp.stack([jnp.isfinite(value).all() for value in floats]))

    return copied, finite


def _torch_finite(values: list[Any]) -> Any:
    import torch

    floats = [value for value in values if value.is_floating_point()]
    return torch.stack([torch.isfinite(value).all() for value in floats]).all()
