"""The project's one layer class: what it computes, that it saves and loads, and the copy that does without it."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from chestbench.models.build import build
from chestbench.models.registry import get
from chestbench.models.standardised import StandardisedConv2D, plain_copy


def small(dtype=None):
    grey = keras.Input((9, 9, 2), name="grey")
    x = StandardisedConv2D(4, 3, strides=2, use_bias=False, name="first", dtype=dtype)(grey)
    x = keras.layers.GroupNormalization(2, name="norm")(x)
    return keras.Model(grey, StandardisedConv2D(3, 1, padding="same", name="second", dtype=dtype)(x), name="small")


def outputs(model, x):
    return np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(model(x, training=False), "float32")))


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(2, 9, 9, 2)).astype(np.float32)


def test_kernel_is_used_with_mean_0_and_variance_1(x):
    """The same as a plain convolution with the kernel standardised in numpy, whatever the kernel's offset and scale."""
    grey = keras.Input((9, 9, 2))
    layer = StandardisedConv2D(4, 3, use_bias=False)
    model = keras.Model(grey, layer(grey))
    kernel = np.random.default_rng(1).normal(3, 0.01, (3, 3, 2, 4)).astype(np.float32)
    layer.set_weights([kernel])
    flat = kernel.astype(np.float64)
    flat = (flat - flat.mean(axis=(0, 1, 2))) / np.sqrt(flat.var(axis=(0, 1, 2)) + 1e-10)
    plain = keras.layers.Conv2D(4, 3, use_bias=False)
    plain.build((None, 9, 9, 2))
    plain.set_weights([flat.astype(np.float32)])
    np.testing.assert_allclose(outputs(model, x), outputs(keras.Model(grey, plain(grey)), x), rtol=1e-3, atol=1e-3)


def test_it_saves_and_loads_where_chestbench_is_imported(x, tmp_path):
    model = small()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    assert isinstance(loaded.get_layer("first"), StandardisedConv2D)
    np.testing.assert_allclose(outputs(loaded, x), outputs(model, x), rtol=1e-6)


def test_plain_copy_predicts_the_same_and_leaves_the_model_alone(x):
    model = small()
    model.get_layer("norm").set_weights([np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.1, 0.2, 0.3, 0.4])])
    model.get_layer("second").bias.assign(np.array([1.0, -1.0, 2.0]))
    before = model.get_weights()
    copy = plain_copy(model)
    assert [type(layer) for layer in copy.layers].count(keras.layers.Conv2D) == 2
    assert [layer.name for layer in copy.layers] == [layer.name for layer in model.layers]
    np.testing.assert_allclose(outputs(copy, x), outputs(model, x), rtol=1e-5, atol=1e-5)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_model_of_built_in_layers_is_its_own_plain_copy():
    model = build(get("tiny"), 32, 2)
    assert plain_copy(model) is model


def test_sixteen_bits_standardise_in_float32(x):
    """A kernel whose variance float16 cannot hold; the result is in float16 all the same."""
    single, half = small(), small(keras.DTypePolicy("mixed_float16"))
    single.get_layer("first").kernel.assign(single.get_layer("first").kernel * 1e-3)
    half.set_weights(single.get_weights())
    assert half.get_layer("first").output.dtype == "float16"
    np.testing.assert_allclose(outputs(half, x), outputs(single, x), rtol=0.05, atol=0.05)


def test_plain_copy_of_bit_loads_where_chestbench_is_not(tmp_path):
    """The same predictions from built-in layers alone."""
    model = build(get("bit_r50x1"), 32, 2)
    grey = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 1), dtype=np.uint8)
    plain_copy(model).save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", grey)
    code = (
        "import sys, keras, numpy as np; m = keras.saving.load_model('model.keras');"
        "assert not any('chestbench' in n for n in sys.modules);"
        "np.save('y.npy', keras.ops.convert_to_numpy(m(np.load('x.npy'), training=False)))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), outputs(model, grey), rtol=1e-4, atol=1e-6)
