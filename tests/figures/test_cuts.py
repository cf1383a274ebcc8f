"""Cut points: everything passes through them, and the two parts are the network."""

import numpy as np
import pytest

from chestbench.figures.cuts import cut_layers, first_float_layer, logits_after, map_layer


@pytest.fixture(scope="module")
def resnet():
    from chestbench.models import registry
    from chestbench.models.build import build

    return build(registry.get("resnet50"), 64, 3)


def test_a_residual_network_is_cut_at_the_ends_of_its_blocks(resnet) -> None:
    names = [layer.name for layer in cut_layers(resnet)]
    assert "conv3_block4_out" in names
    assert "conv3_block4_add" in names
    assert not {"conv3_block2_1_conv", "conv3_block2_2_relu", "conv3_block1_0_bn"} & set(names)
    assert names[0] == "grey"
    assert names[-1] == "probabilities"


@pytest.mark.parametrize("layer", ["conv3_block4_out", "conv2_block1_out", "conv5_block3_out", "normalisation"])
def test_both_parts_together_are_the_network(resnet, layer: str) -> None:
    import keras

    images = np.random.default_rng(1).integers(0, 256, (2, 64, 64, 1), dtype=np.uint8)
    cut = resnet.get_layer(layer)
    middle = keras.Model(resnet.input, cut.output)(images, training=False)
    probabilities = keras.ops.softmax(logits_after(resnet, cut)(middle))
    np.testing.assert_allclose(probabilities, resnet.predict(images, verbose=0), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "size", "expected"), [("resnet50", 64, 8), ("resnet50", 32, 8), ("simple_cnn", 64, 14)]
)
def test_maps_are_the_last_of_seven_by_seven_or_more(name: str, size: int, expected: int) -> None:
    from chestbench.models import registry
    from chestbench.models.build import build

    layer = map_layer(build(registry.get(name), size, 2))
    assert layer.output.shape[1:3] == (expected, expected)


def test_at_224_pixels_it_is_the_last_layer_of_the_body(resnet) -> None:
    from chestbench.models import registry
    from chestbench.models.build import build

    assert map_layer(build(registry.get("resnet50"), 224, 2)).name == "conv5_block3_out"


def test_where_no_maps_are_large_enough_the_largest_are_taken() -> None:
    from chestbench.models import registry
    from chestbench.models.build import build

    assert map_layer(build(registry.get("simple_cnn"), 48, 2), least=1000).output.shape[1] == 48


def test_gradients_start_at_the_first_layer_of_floats(resnet) -> None:
    assert first_float_layer(resnet).name == "grey_to_three_channels"
