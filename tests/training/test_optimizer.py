"""The flat optimizer takes the same steps as keras' own."""

import keras
import numpy as np
import pytest

from chestbench.models.build import build
from chestbench.models.registry import get
from chestbench.training.optimizer import FlatAdamW
from tests.training.helpers import squares


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_same_weights_as_keras_adamw(decay):
    images, labels = squares(8)
    results = []
    for own in (True, False):
        keras.utils.set_random_seed(1)
        model = build(get("simple_cnn"), 32, 2)
        model.get_layer("dropout").rate = 0.0
        schedule = keras.optimizers.schedules.CosineDecay(1e-3, 10)
        if own:
            optimizer = FlatAdamW(schedule, decay)
        else:
            optimizer = keras.optimizers.AdamW(schedule, weight_decay=decay)
            optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
        model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
        for _ in range(5):
            model.train_on_batch(images, labels)
        results.append(model.get_weights())
        assert int(keras.ops.convert_to_numpy(optimizer.iterations)) == 5
    for got, expected in zip(*results, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-3, atol=2e-5)


def test_state_is_one_vector_per_moment_and_is_built_once():
    model = build(get("simple_cnn"), 32, 2)
    optimizer = FlatAdamW()
    optimizer.build(model.trainable_variables)
    optimizer.build(model.trainable_variables)
    sizes = sorted(int(np.prod(variable.shape)) for variable in optimizer.variables)
    assert sizes == [1, 1, model.count_params(), model.count_params()]


def test_loss_scaling_wraps_it():
    """mixed_float16 skips steps whose gradients overflow; the state must survive that."""
    images, labels = squares(8)
    model = build(get("simple_cnn"), 32, 2)
    scaled = keras.optimizers.LossScaleOptimizer(FlatAdamW(1e-3))
    model.compile(scaled, "sparse_categorical_crossentropy", jit_compile=False)
    before = model.get_weights()
    for _ in range(3):
        model.train_on_batch(images, labels)
    assert not np.array_equal(before[0], model.get_weights()[0])
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
