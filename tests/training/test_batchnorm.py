"""Precise batch norm: the statistics of the images given, and nothing else changed."""

import keras
import numpy as np

from chestbench.training.batchnorm import Reestimator, learning_layers, reestimate


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


def test_the_step_is_traced_once_for_all_epochs_and_the_final_estimate(monkeypatch):
    """Also when weights change in between, and with more images at the end."""
    model, traced = network(), []
    norm = model.get_layer("first")
    plain = norm.call
    monkeypatch.setattr(norm, "call", lambda *args, **more: (traced.append(1), plain(*args, **more))[1])
    again = Reestimator(model)
    for images in (pictures(128), pictures(128), pictures(512)):
        again(images, 64)
        model.get_layer("conv").kernel.assign(model.get_layer("conv").kernel.value * 2)
    calls = {"tensorflow": 1, "jax": 1, "torch": 2 + 2 + 8}[keras.backend.backend()]
    assert len(traced) == calls


def test_other_layers_that_learn_are_another_step():
    """As from the head phase to the main one."""
    model, images = network(), pictures(64)
    model.get_layer("first").trainable = False
    again = Reestimator(model)
    again(images, 64)
    model.get_layer("first").trainable = True
    again(images, 64)
    expected = network()
    expected.set_weights(model.get_weights())
    reestimate(expected, images, 64)
    for name in ("first", "second"):
        for one, other in zip(statistics(model.get_layer(name)), statistics(expected.get_layer(name)), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5)


def test_large_means_do_not_swallow_a_small_variance():
    """What is summed over batches is summed in float64: mean squared and variance nearly cancel."""
    inputs = keras.Input((4, 4, 1), dtype="uint8")
    model = keras.Model(inputs, keras.layers.BatchNormalization(name="norm")(keras.layers.Rescaling(1 / 255)(inputs)))
    images = np.random.default_rng(0).integers(250, 256, (2048, 4, 4, 1)).astype(np.uint8)
    reestimate(model, images, 64)
    np.testing.assert_allclose(statistics(model.get_layer("norm"))[1], [(images / 255).var()], rtol=5e-3)
