"""The Transfusion networks: published parameter counts and the blocks of the paper."""

import pytest

from chestbench.models.build import build
from chestbench.models.registry import get


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("large_t", 8_537_474),
        ("large_w", 8_438_530),
        ("small", 2_111_874),
        ("tiny", 1_078_914),
        ("tiny_wide", 4_308_226),
    ],
)
def test_whole_network_counts_as_published(name, count):
    """With one channel and two classes; trained parameters and batch-norm statistics together."""
    assert build(get(name), 32, 2).count_params() == count


def test_blocks():
    """Convolution, batch norm, ReLU, pool; a quarter of the side after two blocks; no last pool in LargeT."""
    model = build(get("tiny"), 32, 2)
    kinds = [type(layer).__name__ for layer in model.layers[2:10]]
    assert kinds == ["Conv2D", "BatchNormalization", "Activation", "MaxPooling2D"] * 2
    assert model.get_layer("pool2").output.shape == (None, 8, 8, 64)
    assert model.get_layer("conv1").kernel_size == (5, 5)
    assert model.get_layer("pool4").pool_size == (3, 3)
    large = build(get("large_t"), 32, 2)
    assert large.get_layer("conv1").kernel_size == (7, 7)
    assert large.get_layer("relu5").output.shape == (None, 2, 2, 512)
    assert "pool5" not in [layer.name for layer in large.layers]
