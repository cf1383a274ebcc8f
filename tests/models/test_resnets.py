import keras
import numpy as np
import pytest

from chestbench.models.build import build
from chestbench.models.registry import get
from chestbench.models.resnets import start_as_identity


def last_scales(model):
    ends = "_3_conv" if model.name.endswith("v2") else "_3_bn"
    layers = [layer for layer in model.layers if layer.name.endswith(ends)]
    return [np.asarray(layer.kernel if hasattr(layer, "kernel") else layer.gamma) for layer in layers]


@pytest.mark.parametrize("name", ["resnet50", "resnet50v2"])
def test_random_weights_start_every_block_as_the_identity(name):
    scales = last_scales(build(get(name), 32, 2))
    assert len(scales) == 16
    assert not any(scale.any() for scale in scales)


@pytest.mark.parametrize("constructor", ["ResNet50", "ResNet50V2"])
def test_nothing_but_the_last_scales_is_changed(constructor):
    network = getattr(keras.applications, constructor)(include_top=False, weights=None, input_shape=(32, 32, 3))
    before = [np.array(weight) for weight in network.get_weights()]
    start_as_identity(network)
    after = network.get_weights()
    changed = [
        index for index, (old, new) in enumerate(zip(before, after, strict=True)) if not np.array_equal(old, new)
    ]
    assert len(changed) == 16
