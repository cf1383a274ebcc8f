"""BiT R50x1: units as an independent numpy implementation has them, and files in the published layout."""

import keras
import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.models import bit
from chestbench.models.build import build
from chestbench.models.parts import backbone_layers
from chestbench.models.registry import get

HEAD = {
    "resnet/head/conv2d/kernel": np.zeros((1, 1, 2048, 1000), np.float32),
    "resnet/head/conv2d/bias": np.zeros(1000),
}


def convolved(x, kernel, stride=1, pad=0):
    """Cross-correlation of (N, H, W, C) with a kernel (k, k, C, F) after its standardisation."""
    kernel = (kernel - kernel.mean(axis=(0, 1, 2))) / np.sqrt(kernel.var(axis=(0, 1, 2)) + 1e-10)
    windows = slid(np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0))), kernel.shape[0], stride)
    return np.einsum("nhwcij,ijcf->nhwf", windows, kernel)


def slid(x, size, stride):
    return np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))[:, ::stride, ::stride]


def normalised(x, gamma, beta):
    """Group norm with 32 groups of neighbouring channels, then ReLU."""
    groups = x.reshape(len(x), -1, 32, x.shape[-1] // 32)
    mean, variance = (f(groups, axis=(1, 3), keepdims=True) for f in (np.mean, np.var))
    return np.maximum(((groups - mean) / np.sqrt(variance + 1e-5)).reshape(x.shape) * gamma + beta, 0)


@pytest.mark.parametrize(("stride", "project"), [(1, True), (2, True), (1, False)])
def test_unit_equals_numpy(stride, project):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 6, 6, 128)).astype(np.float32)
    grey = keras.Input((6, 6, 128))
    model = keras.Model(grey, bit.unit(grey, 32, stride, project, "u"))
    model.set_weights([rng.normal(0.3, 1, weight.shape) for weight in model.get_weights()])
    weights = {name: model.get_layer(f"u_{name}").get_weights() for name in ("a_norm", "b_norm", "c_norm")}
    kernels = {name: model.get_layer(f"u_{name}_conv").get_weights()[0].astype(float) for name in "abc"}
    first = normalised(x.astype(float), *weights["a_norm"])
    shortcut = x
    if project:
        shortcut = convolved(first, model.get_layer("u_proj").get_weights()[0].astype(float), stride)
    branch = normalised(convolved(first, kernels["a"]), *weights["b_norm"])
    branch = normalised(convolved(branch, kernels["b"], stride, 1), *weights["c_norm"])
    expected = shortcut + convolved(branch, kernels["c"])
    assert expected.shape == (2, 6 // stride, 6 // stride, 128)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model(x)), expected, rtol=1e-3, atol=1e-3)


@pytest.fixture(scope="module")
def model():
    """A network of random weights in which no group norm is the plain one."""
    model = build(get("bit_r50x1"), 32, 2)
    rng = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.GroupNormalization):
            layer.set_weights([rng.normal(1, 0.2, layer.gamma.shape), rng.normal(0, 0.2, layer.beta.shape)])
    return model


@pytest.fixture
def grey():
    return np.random.default_rng(0).integers(0, 256, (2, 32, 32, 1), dtype=np.uint8)


def output_of(model, name, x):
    return keras.ops.convert_to_numpy(keras.Model(model.input, model.get_layer(name).output)(x))


def test_root_and_end_equal_numpy(model, grey):
    """Padding of 3 and 1 with zeros around a 7x7 convolution and a 3x3 pool; group norm and ReLU at the end."""
    x = np.repeat(grey, 3, -1) / 127.5 - 1
    maps = convolved(x, model.get_layer("root_conv").get_weights()[0].astype(float), 2, 3)
    pooled = slid(np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0))), 3, 2).max(axis=(-2, -1))
    assert (pooled[:, 0] == 0).any()  # at the edge it is the zeros that win, not the values below zero
    np.testing.assert_allclose(output_of(model, "root_pool", grey), pooled, rtol=1e-3, atol=1e-3)
    last = output_of(model, "block4_unit03_add", grey)
    expected = normalised(last, *model.get_layer("norm").get_weights())
    np.testing.assert_allclose(output_of(model, "relu", grey), expected, rtol=1e-3, atol=1e-3)


def published_arrays(model):
    """Return the model's weights under the names of the published file."""
    found = {"resnet/root_block/standardized_conv2d/kernel": model.get_layer("root_conv").get_weights()[0]}
    found["resnet/group_norm/gamma"], found["resnet/group_norm/beta"] = model.get_layer("norm").get_weights()
    for block, units in ((1, 3), (2, 4), (3, 6), (4, 3)):
        for unit in range(1, units + 1):
            prefix, layer = f"resnet/block{block}/unit{unit:02d}", f"block{block}_unit{unit:02d}"
            if unit == 1:
                found[f"{prefix}/a/proj/standardized_conv2d/kernel"] = model.get_layer(f"{layer}_proj").get_weights()[0]
            for part in "abc":
                kernel = model.get_layer(f"{layer}_{part}_conv").get_weights()[0]
                gamma, beta = model.get_layer(f"{layer}_{part}_norm").get_weights()
                found[f"{prefix}/{part}/standardized_conv2d/kernel"] = kernel
                found[f"{prefix}/{part}/group_norm/gamma"] = gamma
                found[f"{prefix}/{part}/group_norm/beta"] = beta
    return found


def test_published_file_is_loaded_and_gives_equal_features(model, grey, tmp_path):
    """Every weight of the body comes from the file; the file's own classifier is left out."""
    arrays = published_arrays(model)
    assert sum(array.size for array in arrays.values()) == 23_500_352
    assert {array.name: array.shape for array in bit.arrays()} == {name: a.shape for name, a in arrays.items()}
    np.savez(tmp_path / bit.FILE, **arrays, **HEAD)
    loaded = build(get("bit_r50x1"), 32, 2, weights_file=tmp_path / bit.FILE)
    for old, new in zip(backbone_layers(model), backbone_layers(loaded), strict=True):
        for first, second in zip(old.get_weights(), new.get_weights(), strict=True):
            np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(output_of(loaded, "features", grey), output_of(model, "features", grey), rtol=1e-4)


def tiny_arrays():
    """Every name of the published file, with next to nothing under it."""
    return {array.name: np.zeros(1, np.float32) for array in bit.arrays()}


ROOT = "resnet/root_block/standardized_conv2d/kernel"
DEEPER = {"resnet/block3/unit23/a/group_norm/gamma": np.zeros(1)}
WRONG = {
    "missing": (
        lambda a: {key: a[key] for key in list(a)[1:]},
        "1 of 151 arrays are missing, such as resnet/root_block",
    ),
    "deeper": (lambda a: {**a, **DEEPER}, "1 arrays more than R50x1 has, such as resnet/block3/unit23"),
    "shape": (lambda a: {**a, ROOT: np.zeros((7, 7, 1, 64))}, r"shape \(7, 7, 1, 64\), expected \(7, 7, 3, 64\)"),
    "nan": (lambda a: {**a, ROOT: np.full((7, 7, 3, 64), np.nan)}, "finite"),
    "bit-m": (lambda a: {**a, bit.HEAD_KERNEL: np.zeros((1, 1, 1, 21_843))}, "21,843 classes: this is BiT-M"),
    "pickled": (lambda a: {**a, ROOT: np.array([{}], object)}, "allow_pickle"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arrays_are_named(name, tmp_path):
    change, message = WRONG[name]
    np.savez(tmp_path / bit.FILE, **change(tiny_arrays()))
    with pytest.raises(ValueError, match=message):
        bit.check_file(tmp_path / bit.FILE)


def test_files_that_are_no_npz_are_refused(tmp_path):
    path = tmp_path / bit.FILE
    np.savez(path, **tiny_arrays())
    whole = path.read_bytes()
    for content in (b"<html>404</html>", b"", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ValueError):
            bit.check_file(path)
    with open(path, "wb") as stream:
        np.save(stream, np.zeros(3))
    with pytest.raises(ValueError, match="a single array"):
        bit.check_file(path)


def test_build_names_the_file_and_what_was_expected(tmp_path):
    path = tmp_path / "mine.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(ChestbenchError, match=r"mine\.npz: expected the ImageNet weights of bit_r50x1 \(BiT-S-R50x1"):
        build(get("bit_r50x1"), 32, 2, weights_file=path)
