"""Precise batch norm: the statistics of the images given, and nothing else changed."""

import keras
import numpy as np

from chestbench.training.batchnorm import learning_layers, reestimate


def network(momentum: float = 0.99) -> keras.Model:
    inputs = keras.Input((4, 4, 1), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255)(inputs)
    x = keras.layers.Conv2D(3, 1, name="conv")(x)
    x = keras.layers.BatchNormalization(momentum=momentum, name="first")(x)
    x = keras.layers.Conv2D(2, 1)(x)
    x = keras.layers.BatchNormalization(name="second")(x)
    return keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x))


def pictures(n: int) -> np.ndarray:
    # Batches that differ, so that the mean of batch variances is not the variance of all.
    return (
        np.random.default_rng(0).integers(0, 60, (n, 4, 4, 1)) + 150 * (np.arange(n) >= n // 2)[:, None, None, None]
    ).astype(np.uint8)


def statistics(layer: keras.Layer) -> tuple[np.ndarray, np.ndarray]:
    return keras.ops.convert_to_numpy(layer.moving_mean), keras.ops.convert_to_numpy(layer.moving_variance)


def test_one_batch_gives_its_own_statistics():
    """After one batch, predicting equals what training mode computes on that batch."""
    model, images = network(), pictures(16)
    assert reestimate(model, images, 16) == 16
    training = keras.ops.convert_to_numpy(model(images, training=True))
    reestimate(model, images, 16)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model(images, training=False)), training, atol=1e-4)


def test_batches_pool_to_the_statistics_of_all_images():
    model, images = network(), pictures(256)
    assert reestimate(model, images, 64) == 256
    inside = keras.Model(model.input, model.get_layer("conv").output)(images)
    values = keras.ops.convert_to_numpy(inside).reshape(-1, 3)
    mean, variance = statistics(model.get_layer("first"))
    np.testing.assert_allclose(mean, values.mean(axis=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(variance, values.var(axis=0), rtol=1e-3, atol=1e-6)


def test_momentum_and_weights_stay():
    model = network(momentum=0.7)
    before = [keras.ops.convert_to_numpy(weight) for weight in model.trainable_weights]
    reestimate(model, pictures(16), 16)
    assert model.get_layer("first").momentum == 0.7 and model.get_layer("second").momentum == 0.99
    for old, weight in zip(before, model.trainable_weights, strict=True):
        np.testing.assert_array_equal(old, keras.ops.convert_to_numpy(weight))


def test_frozen_layers_are_left_alone():
    model = network()
    model.get_layer("first").trainable = False
    before = statistics(model.get_layer("first"))
    assert learning_layers(model) == [model.get_layer("second")]
    reestimate(model, pictures(16), 16)
    for old, new in zip(before, statistics(model.get_layer("first")), strict=True):
        np.testing.assert_array_equal(old, new)
    assert not np.allclose(statistics(model.get_layer("second"))[1], 1.0)


def test_nothing_to_estimate():
    inputs = keras.Input((4, 4, 1), dtype="uint8")
    assert reestimate(keras.Model(inputs, keras.layers.Rescaling(1.0)(inputs)), pictures(4), 4) == 0
    assert reestimate(network(), pictures(4)[:0], 4) == 0


def test_dropout_between_layers_does_not_widen_the_variance():
    inputs = keras.Input((4, 4, 1), dtype="uint8")
    x = keras.layers.Dropout(0.5, name="drop")(keras.layers.Rescaling(1 / 255)(inputs))
    model = keras.Model(inputs, keras.layers.BatchNormalization(name="norm")(x))
    images = pictures(64)
    reestimate(model, images, 64)
    mean, variance = statistics(model.get_layer("norm"))
    np.testing.assert_allclose(mean, [images.mean() / 255], rtol=1e-4)
    np.testing.assert_allclose(variance, [(images / 255).var()], rtol=1e-3)
    assert model.get_layer("drop").rate == 0.5
