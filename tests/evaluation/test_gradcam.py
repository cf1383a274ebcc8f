"""Grad-CAM finds where the class is decided, and equals what finite differences say."""

import numpy as np
import pytest

from chestbench.evaluation.gradcam import _gradient, _tail, choose_images, heat_maps


@pytest.fixture(scope="module")
def model():
    import keras

    from chestbench.models import registry

    keras.utils.set_random_seed(3)
    return registry.build("simple_cnn", 32, 3)


def test_the_gradient_is_that_of_the_logit(model) -> None:
    import keras

    maps_shape = model.get_layer("pool2").output.shape[1:]
    maps = np.random.default_rng(0).random((2, *maps_shape)).astype(np.float32)
    tail, wanted = _tail(model), np.eye(3, dtype=np.float32)[[2, 0]]
    gradient = _gradient(keras.backend.backend(), tail, keras.ops.convert_to_tensor(maps), wanted)
    assert gradient.shape == maps.shape
    direction = np.sign(gradient)

    def score(values: np.ndarray) -> np.ndarray:
        logits = keras.ops.convert_to_numpy(tail(keras.ops.convert_to_tensor(values)))
        return (logits * wanted).sum(axis=1)

    # Small enough that hardly a hidden unit crosses its kink.
    step = 1e-4
    rise = (score(maps + step * direction) - score(maps - step * direction)) / (2 * step)
    np.testing.assert_allclose(rise, np.abs(gradient).sum(axis=(1, 2, 3)), rtol=5e-2)


def test_logits_lead_to_the_models_own_probabilities(model) -> None:
    import keras

    images = np.random.default_rng(1).integers(0, 256, (4, 32, 32, 1), dtype=np.uint8)
    maps = keras.Model(model.input, model.get_layer("pool2").output)(images)
    probabilities = keras.ops.softmax(_tail(model)(maps))
    np.testing.assert_allclose(probabilities, model.predict(images, verbose=0), atol=1e-6)


def test_the_map_is_hot_where_the_class_is(model) -> None:
    """A network that is made to count bright pixels of channel 0 must be explained by the bright corner."""
    import keras

    images = np.zeros((2, 32, 32, 1), np.uint8)
    images[0, :10, :10] = 255
    images[1, 20:, 20:] = 255
    grey = keras.Input((32, 32, 1), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255, dtype="float32")(grey)
    x = keras.layers.AveragePooling2D(4, name="maps")(x)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    bright = keras.Model(grey, keras.layers.Dense(2, activation="softmax", name="probabilities")(x))
    bright.get_layer("probabilities").set_weights([np.array([[-1.0, 1.0]]), np.zeros(2)])
    heat = heat_maps(bright, images, np.array([1, 1]))
    assert heat.shape == (2, 32, 32)
    assert heat[0, :8, :8].min() > 0.6
    assert heat[0, 16:, 16:].max() == 0
    assert heat[1, 24:, 24:].min() > 0.6
    # Brightness speaks against class 0: nothing to show.
    assert heat_maps(bright, images, np.array([0, 0])).max() == 0


def test_no_images_give_no_maps(model) -> None:
    assert heat_maps(model, np.zeros((0, 32, 32, 1), np.uint8), np.zeros(0, int)).shape == (0, 32, 32)


def test_chosen_images_show_every_kind_of_hit_and_miss() -> None:
    labels = np.array([0] * 50 + [1] * 50)
    predicted = labels.copy()
    predicted[[3, 60]] = 1 - predicted[[3, 60]]
    confidence = np.linspace(0.5, 0.99, 100)
    chosen = choose_images(labels, predicted, confidence, 6)
    assert len(chosen) == len(set(chosen)) == 6
    assert {3, 60, 49, 99} <= set(chosen)
    assert choose_images(labels, predicted, confidence, 0) == []
    assert len(choose_images(labels[:3], predicted[:3], confidence[:3], 8)) == 3
