"""EfficientNet-Lite0: built as published, and with its published file the network that ImageNet taught."""

import keras
import numpy as np
from matplotlib import cbook
from PIL import Image

from chestbench.models.build import build
from chestbench.models.parts import backbone_layers
from chestbench.models.registry import get
from chestbench.models.state_dict import read_state_dict

MILITARY_UNIFORM = 652


def test_published_count_with_the_classifier():
    """4,652,008 that learn; batch norm's means and variances come on top."""
    model = build(get("efficientnet_lite0"), 32, 1000)
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == 4_652_008


def test_it_is_b0_without_what_small_devices_lack():
    """No squeeze-and-excitation, no swish; 9 of 16 blocks are residual and start as the identity."""
    model = build(get("efficientnet_lite0"), 32, 2)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds.count("DepthwiseConv2D") == 16 and kinds.count("Add") == 9 and "Multiply" not in kinds
    activations = [layer for layer in model.layers if isinstance(layer, keras.layers.ReLU)]
    assert len(activations) == 33 and {layer.max_value for layer in activations} == {6.0}
    names = {layer.name for layer in model.layers}
    last = {layer.name: layer.get_weights()[0] for layer in model.layers if layer.name.endswith("project_bn")}
    assert all(gamma.any() != (name.replace("project_bn", "add") in names) for name, gamma in last.items())
    rates = [layer.rate for layer in model.layers if layer.name.endswith("_drop")]
    assert rates == sorted(rates) and rates[0] > 0 and rates[-1] < 0.2


def test_the_published_file_knows_a_photograph(lite0_file):
    """Grace Hopper in uniform (matplotlib ships her), as ImageNet's networks see pictures, and in grey as ours do."""
    arrays = read_state_dict(lite0_file)
    model = build(get("efficientnet_lite0"), 224, 2, weights_file=lite0_file)
    with cbook.get_sample_data("grace_hopper.jpg") as stream:
        photograph = Image.open(stream).convert("L").crop((0, 0, 512, 512)).resize((224, 224), Image.Resampling.BICUBIC)
    grey = np.array(photograph)[None, :, :, None]
    maps = keras.Model(model.input, backbone_layers(model)[-1].output)(grey, training=False)
    logits = keras.ops.convert_to_numpy(maps).mean((1, 2)) @ arrays["_fc.weight"].T + arrays["_fc.bias"]
    chance = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    assert chance[0].argmax() == MILITARY_UNIFORM and chance[0].max() > 0.3
