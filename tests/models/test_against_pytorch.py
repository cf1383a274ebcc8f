"""Converted weights give what PyTorch computes with the file itself: maps, features and ImageNet's own logits."""

import keras
import numpy as np
import pytest

from chestbench.models import efficientnet_lite, timm
from chestbench.models.build import build
from chestbench.models.parts import backbone_layers
from chestbench.models.registry import get
from chestbench.models.state_dict import read_state_dict
from tests.models.pytorch_files import random_arrays, write_safetensors, write_state_dict

torch = pytest.importorskip("torch")
from tests.models.pytorch_forward import Forward, classified, lite_maps, timm_maps  # noqa: E402

MEANS, DEVIATIONS = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
CONSTRUCTORS = {"b0": "EfficientNetB0", "b3": "EfficientNetB3"}


def grey(side, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (2, side, side, 1), dtype=np.uint8)


def channels_first(x):
    return torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2), np.float32))


def maps_of(model, x):
    found = keras.Model(model.input, backbone_layers(model)[-1].output)(x, training=False)
    return keras.ops.convert_to_numpy(found)


def assert_equal(ours, theirs):
    """Within 1e-4 of the largest value; and the values do differ from each other."""
    theirs = theirs.detach().numpy().transpose(0, 2, 3, 1)
    largest = np.abs(theirs).max()
    assert ours.shape == theirs.shape and largest > 0.1 and theirs.std() > 0.01
    np.testing.assert_allclose(ours, theirs, atol=1e-4 * max(largest, 1), rtol=0)


@pytest.mark.parametrize(("size", "side", "depth"), [("b0", 64, 1.0), ("b0", 75, 1.0), ("b3", 64, 1.4)])
def test_timms_efficientnet(size, side, depth, tmp_path):
    """Even and odd sides: padding is TensorFlow's."""
    constructor = CONSTRUCTORS[size]
    arrays = random_arrays(timm.wanted(constructor), timm.CLASSIFIER)
    path = tmp_path / timm.published(constructor).file
    write_safetensors(path, arrays)
    model = build(get(f"efficientnet_{size}"), side, 2, weights_file=path)
    x = grey(side)
    inputs = channels_first((np.repeat(x, 3, -1) / 255 - MEANS) / DEVIATIONS)
    assert_equal(maps_of(model, x), timm_maps(Forward(arrays, torch.nn.functional.silu), inputs, depth))


@pytest.mark.parametrize("side", [64, 75])
def test_lite0(side, tmp_path):
    arrays = random_arrays(efficientnet_lite.wanted(), efficientnet_lite.CLASSIFIER)
    path = tmp_path / efficientnet_lite.FILE
    write_state_dict(path, arrays)
    model = build(get("efficientnet_lite0"), side, 2, weights_file=path)
    x = grey(side)
    inputs = channels_first((np.repeat(x, 3, -1) - 127.0) / 128)
    assert_equal(maps_of(model, x), lite_maps(Forward(arrays, torch.nn.functional.relu6), inputs))


def test_reader_gives_what_torch_loads(tmp_path):
    """Of a file that PyTorch wrote in the format before 1.6; a transposed tensor among them."""
    wanted = {
        "a": torch.rand(3, 4),
        "b": torch.rand(2, 3, 5, 5).permute(3, 2, 0, 1),
        "c": torch.tensor(7),
        "d": torch.rand(5),
    }
    torch.save(wanted, tmp_path / "x.pth", _use_new_zipfile_serialization=False)
    found = read_state_dict(tmp_path / "x.pth")
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        np.testing.assert_array_equal(found[name], value.numpy())
    torch.save(wanted, tmp_path / "x.pth")
    with pytest.raises(ValueError, match=r"before 1\.6"):
        read_state_dict(tmp_path / "x.pth")


@pytest.mark.parametrize("size", ["b0", "b3", "b7"])
def test_timms_own_module(size, tmp_path):
    """timm's network with made-up weights, written by the safetensors library and read by us."""
    library = pytest.importorskip("timm")
    writer = pytest.importorskip("safetensors.torch")
    constructor = f"EfficientNet{size.upper()}"
    torch.manual_seed(0)
    network = library.create_model(f"tf_efficientnet_{size}", pretrained=False).eval()
    state = network.state_dict()
    for name, value in random_arrays(timm.wanted(constructor), timm.CLASSIFIER).items():
        state[name].copy_(torch.from_numpy(value))
    path = tmp_path / timm.published(constructor).file
    writer.save_model(network, str(path))
    timm.check_file(constructor, path)
    x = grey(64)
    ours = maps_of(build(get(f"efficientnet_{size}"), 64, 2, weights_file=path), x)
    inputs = channels_first((np.repeat(x, 3, -1) / 255 - MEANS) / DEVIATIONS)
    with torch.no_grad():
        assert_equal(ours, network.forward_features(inputs))


def test_timms_own_lite0(tmp_path):
    """timm's network and ours are one: the file's arrays under timm's names give the same maps."""
    library = pytest.importorskip("timm")
    arrays = random_arrays(efficientnet_lite.wanted(), efficientnet_lite.CLASSIFIER)
    write_state_dict(tmp_path / efficientnet_lite.FILE, arrays)
    network = library.create_model("tf_efficientnet_lite0", pretrained=False).eval()
    # Both list their parts in the order of the network.
    names = zip(network.state_dict(), arrays.values(), strict=True)
    network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in names})
    x = grey(64)
    ours = maps_of(build(get("efficientnet_lite0"), 64, 2, weights_file=tmp_path / efficientnet_lite.FILE), x)
    with torch.no_grad():
        assert_equal(ours, network.forward_features(channels_first((np.repeat(x, 3, -1) - 127.0) / 128)))


def test_the_published_lite0_is_the_imagenet_network(lite0_file):
    """Its logits of 1,000 classes, with its own classifier on our body, are PyTorch's."""
    arrays = read_state_dict(lite0_file)
    model = build(get("efficientnet_lite0"), 224, 2, weights_file=lite0_file)
    x = grey(224)
    maps = maps_of(model, x)
    ours = maps.mean((1, 2)) @ arrays["_fc.weight"].T + arrays["_fc.bias"]
    network = Forward(arrays, torch.nn.functional.relu6)
    theirs = lite_maps(network, channels_first((np.repeat(x, 3, -1) - 127.0) / 128))
    assert_equal(maps, theirs)
    np.testing.assert_allclose(ours, classified(network, theirs, "_fc").numpy(), atol=1e-4)
