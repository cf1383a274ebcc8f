"""Heat maps lie where the class is decided, and their gradients equal what finite differences say."""

import numpy as np
import pytest

from chestbench.figures.evidence import evidence_of
from chestbench.figures.gradcam import coarse_maps, fine_maps, heat_maps, scaled


@pytest.fixture(scope="module")
def model():
    import keras

    from chestbench.models import registry
    from chestbench.models.build import build

    keras.utils.set_random_seed(3)
    return build(registry.get("simple_cnn"), 48, 3)


@pytest.fixture(scope="module")
def bright():
    """A network that counts bright pixels for class 1 and against class 0, on maps of 8 x 8."""
    import keras

    grey = keras.Input((32, 32, 1), dtype="uint8")
    x = keras.layers.Rescaling(1 / 255, dtype="float32")(grey)
    x = keras.layers.AveragePooling2D(4, name="maps")(x)
    x = keras.layers.GlobalAveragePooling2D(name="features")(x)
    model = keras.Model(grey, keras.layers.Dense(2, activation="softmax", name="probabilities")(x))
    model.get_layer("probabilities").set_weights([np.array([[-1.0, 1.0]]), np.zeros(2)])
    return model


def corners() -> np.ndarray:
    images = np.zeros((2, 32, 32, 1), np.uint8)
    images[0, :10, :10] = 255
    images[1, 20:, 20:] = 255
    return images


def test_the_gradient_is_that_of_the_logit_less_the_mean_of_the_others(model) -> None:
    import keras

    from chestbench.figures.cuts import logits_after, map_layer

    images = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1), dtype=np.uint8)
    classes = np.array([2, 0])
    found = evidence_of(model)(images, classes)
    assert found.maps.shape == found.maps_gradient.shape == (2, *map_layer(model).output.shape[1:])
    logits = logits_after(model, map_layer(model))
    weights = np.full((2, 3), -0.5)
    weights[[0, 1], classes] = 1
    direction = np.sign(found.maps_gradient)

    def score(maps: np.ndarray) -> np.ndarray:
        values = keras.ops.convert_to_numpy(logits(keras.ops.convert_to_tensor(maps.astype(np.float32))))
        return (values * weights).sum(axis=1)

    # Small enough that hardly a hidden unit crosses its kink.
    step = 1e-4
    rise = (score(found.maps + step * direction) - score(found.maps - step * direction)) / (2 * step)
    np.testing.assert_allclose(rise, np.abs(found.maps_gradient).sum(axis=(1, 2, 3)), rtol=5e-2)


def test_the_gradient_to_grey_values_is_of_the_whole_network(bright) -> None:
    found = evidence_of(bright)(corners(), np.array([1, 1]))
    # Each of 1024 pixels adds one part in 1024 to logit 1 and takes it from logit 0.
    np.testing.assert_allclose(found.grey_gradient, 2 / 1024, rtol=1e-5)


def test_grad_cam_is_the_papers(model) -> None:
    """Equations 1 and 2: channels weighed by their mean gradient, and what is positive of the sum."""
    images = np.random.default_rng(1).integers(0, 256, (3, 48, 48, 1), dtype=np.uint8)
    found = evidence_of(model)(images, np.array([0, 1, 2]))
    _, height, width, channels = found.maps.shape
    expected = np.zeros((3, height, width))
    for n in range(3):
        for k in range(channels):
            expected[n] += found.maps_gradient[n, :, :, k].mean() * found.maps[n, :, :, k]
    small = found._replace(grey_gradient=np.zeros((3, height, width), np.float32))
    np.testing.assert_allclose(coarse_maps(small), np.maximum(expected, 0), atol=1e-5)


def test_the_map_is_hot_where_the_class_is(bright) -> None:
    images = corners()
    heat = heat_maps(bright, images, np.array([1, 1]))
    assert heat.shape == (2, 32, 32)
    assert heat.dtype == np.float32
    assert heat.max(axis=(1, 2)).tolist() == [1, 1]
    assert heat[0, 2:8, 2:8].min() > 0.4
    assert heat[0, 16:, 16:].max() == 0
    assert heat[1, 24:30, 24:30].min() > 0.4
    # Brightness speaks against class 0: nothing to show.
    assert heat_maps(bright, images, np.array([0, 0])).max() == 0


def test_a_dark_finding_is_found_too(bright) -> None:
    """Where darkness decides, it is the pixels darker than their surroundings that are hot."""
    images = 255 - corners()
    evidence = evidence_of(bright)(images, np.array([0, 0]))
    fine = scaled(fine_maps(evidence, images))
    assert fine[0, 2:8, 2:8].min() > 0.5
    assert fine[0, 20:, 20:].max() < 0.1


def test_more_images_than_one_step_takes_are_each_explained(model) -> None:
    images = np.random.default_rng(2).integers(0, 256, (9, 48, 48, 1), dtype=np.uint8)
    classes = np.arange(9) % 3
    together = heat_maps(model, images, classes)
    alone = np.concatenate([heat_maps(model, images[n : n + 1], classes[n : n + 1]) for n in range(9)])
    np.testing.assert_allclose(together, alone, atol=1e-4)


def test_no_images_give_no_maps(model) -> None:
    assert heat_maps(model, np.zeros((0, 48, 48, 1), np.uint8), np.zeros(0, int)).shape == (0, 48, 48)
