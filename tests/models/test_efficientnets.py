"""EfficientNet: ImageNet files give what the library gives, and random weights start as the identity."""

import h5py
import keras
import numpy as np
import pytest
from keras.src.applications import efficientnet

from chestbench.core.errors import ChestbenchError
from chestbench.models.build import build
from chestbench.models.parts import backbone_layers
from chestbench.models.registry import get
from tests.models.weights_server import md5, write_legacy_h5

# The published files hold the deviation under the name of the variance.
AS_PUBLISHED = {
    "mean": np.array([0.485, 0.456, 0.406], np.float32),
    "variance": np.array([0.229, 0.224, 0.225], np.float32),
    "count": 0,
}


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory):
    """Random weights in the layout of efficientnetb0_notop.h5."""
    path = tmp_path_factory.mktemp("weights") / "models" / "efficientnetb0_notop.h5"
    path.parent.mkdir()
    plain = keras.applications.EfficientNetB0(include_top=False, weights=None, input_shape=(32, 32, 3))
    write_legacy_h5(plain, path, 1, AS_PUBLISHED)
    return path


def features(model, x):
    return keras.ops.convert_to_numpy(keras.Model(model.input, backbone_layers(model)[-1].output)(x, training=False))


def test_file_gives_what_the_library_gives_for_imagenet(weights_file, monkeypatch):
    """The library normalises fully only when it finds the file itself; given as a path we must do it."""
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(weights_file.parents[1]))
    monkeypatch.setitem(efficientnet.WEIGHTS_HASHES, "b0", ("", md5(weights_file.read_bytes())))
    library = keras.applications.EfficientNetB0(include_top=False, weights="imagenet", input_shape=(32, 32, 3))
    grey = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 1), dtype=np.uint8)
    expected = keras.ops.convert_to_numpy(library(np.repeat(grey, 3, -1).astype(np.float32), training=False))
    model = build(get("efficientnet_b0"), 32, 2, weights_file=weights_file)
    np.testing.assert_allclose(features(model, grey), expected, rtol=1e-4, atol=1e-7)
    assert np.ptp(expected) > 0
    kernel = next(layer for layer in model.layers if layer.name == "stem_conv").get_weights()[0]
    assert np.all((kernel > 0.0099) & (kernel < 0.0201))


def test_normalisation_survives_saving(weights_file, tmp_path):
    model = build(get("efficientnet_b0"), 32, 2, weights_file=weights_file)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    x = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 1), dtype=np.uint8)
    np.testing.assert_allclose(features(loaded, x), features(model, x), rtol=1e-5)


def test_wrong_files_are_refused(weights_file, tmp_path):
    """Another network's, one array of another shape, cut short, HDF5 without weights."""
    other = tmp_path / "efficientnetb0_notop.h5"

    def refused(match):
        with pytest.raises(ChestbenchError, match=match) as caught:
            build(get("efficientnet_b0"), 32, 2, weights_file=other)
        assert str(other) in str(caught.value) and "efficientnet_b0 (efficientnetb0_notop.h5)" in str(caught.value)

    small = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3), keras.layers.BatchNormalization()])
    write_legacy_h5(small, other, 1)
    refused("found 2 saved layers")
    other.write_bytes(weights_file.read_bytes())
    with h5py.File(other, "a") as file:
        name = next(key for key in file["stem_conv/stem_conv"] if key.startswith("kernel"))
        del file[f"stem_conv/stem_conv/{name}"]
        file[f"stem_conv/stem_conv/{name}"] = np.zeros((3, 3, 3, 40), np.float32)
    refused(r"\(3, 3, 3, 40\)")
    other.write_bytes(weights_file.read_bytes()[: 2**20])
    refused("truncated")
    with h5py.File(other, "w"):
        pass
    refused("found 0 saved layers")


def test_random_weights_start_every_residual_block_as_the_identity():
    model = build(get("efficientnet_b0"), 32, 2)
    names = {layer.name for layer in model.layers}
    last = {layer.name: layer.get_weights()[0] for layer in model.layers if layer.name.endswith("project_bn")}
    residual = {name for name in last if name.replace("project_bn", "add") in names}
    assert len(last) == 16 and len(residual) == 9
    assert all(gamma.any() != (name in residual) for name, gamma in last.items())


def test_published_files_are_the_librarys():
    for name in ("b0", "b3", "b7"):
        published = get(f"efficientnet_{name}").published()
        assert published.md5 == efficientnet.WEIGHTS_HASHES[name][1]
        assert published.url == f"{efficientnet.BASE_WEIGHTS_PATH}efficientnet{name}_notop.h5"
