"""All that a training changes, as arrays: taken from a model and its optimizer, and put back."""

import keras
import numpy as np

from chestbench.training.checkpoint import Arrays


def snapshot(model: keras.Model, optimizer: keras.optimizers.Optimizer) -> Arrays:
    """Return copies of all variables of model (weights, random states) and optimizer (step, rate, moments)."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in (*model.variables, *optimizer.variables)]


def restore(arrays: Arrays, model: keras.Model, optimizer: keras.optimizers.Optimizer | None) -> None:
    """Set what `snapshot` returned; without an optimizer the model's part of it. No arrays: nothing."""
    variables = [*model.variables, *(optimizer.variables if optimizer else [])]
    for variable, array in zip(variables, arrays, strict=False):
        variable.assign(array)
