"""Every network of the registry is built small, trained a step, saved, loaded and compared."""

import json
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.figures.gradcam import heat_maps
from chestbench.models import registry
from chestbench.models.build import build
from chestbench.models.network import require_size
from chestbench.models.parts import backbone_layers, gradcam_layer, head_layers, split_backbone
from chestbench.models.registry import get, known_names
from chestbench.models.standardised import plain_copy

# Depth makes a step slow, not different: one network of each family takes it here; `backend_check.py` does for all.
STEPPED = {
    "resnet50",
    "resnet50v2",
    "simple_cnn",
    "inception_v3",
    "efficientnet_b0",
    "efficientnet_lite0",
    "bit_r50x1",
    "tiny",
    "large_t",
    "simple_gmp",
}
SHIPPED = STEPPED | {
    "resnet101",
    "resnet101v2",
    "resnet152",
    "resnet152v2",
    "efficientnet_b3",
    "efficientnet_b7",
    "tiny_wide",
    "small",
    "large_w",
}


def images(n: int, size: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, size, size, 1), dtype=np.uint8)


def modules(config) -> set[str]:
    """Return the modules and registered names of all classes in a saved model's config."""
    if isinstance(config, dict):
        here = {str(config[key]) for key in ("module", "registered_name") if config.get(key)}
        return here.union(*(modules(value) for value in config.values()))
    return set().union(*(modules(value) for value in config)) if isinstance(config, list) else set()


@pytest.mark.parametrize("name", known_names())
def test_network(name, tmp_path):
    """Parameters as published, a step that changes weights, and the same predictions after saving and loading."""
    network = get(name)
    size = network.smallest
    model = build(get(name), size, n_classes=3, dropout=0.1)
    if network.parameters is not None:
        assert sum(layer.count_params() for layer in backbone_layers(model)) == network.parameters
    assert model.input_shape == (None, size, size, 1)
    assert model.inputs[0].dtype == "uint8"
    assert len(gradcam_layer(model).output.shape) == 4
    x, labels = images(2, size), np.array([0, 1])
    if name in STEPPED or name not in SHIPPED:
        before = model.get_weights()
        optimizer = keras.optimizers.Adam(1e-5)
        model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False, run_eagerly=True)
        changed = [False]
        for _ in range(2):  # blocks that start as the identity pass no gradient inside before their scale has moved
            if np.mean(changed) <= 0.9:
                model.train_on_batch(x, labels)
                changed = [not np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
        assert np.mean(changed) > 0.9
    expected = keras.ops.convert_to_numpy(model(x, training=False))
    assert expected.shape == (2, 3) and expected.dtype == np.float32
    np.testing.assert_allclose(expected.sum(axis=1), 1.0, rtol=1e-5)
    plain_copy(model).save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        found = modules(json.loads(archive.read("config.json")))
    assert found and all(module.partition(".")[0] == "keras" or module == "Functional" for module in found), found
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(loaded(x, training=False)), expected, rtol=1e-4, atol=1e-6)


def standardised(x):
    return (x / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])


@pytest.mark.parametrize(
    ("name", "outside"),
    [
        ("resnet50", keras.applications.resnet.preprocess_input),
        ("resnet50v2", keras.applications.resnet_v2.preprocess_input),
        ("inception_v3", keras.applications.inception_v3.preprocess_input),
        ("efficientnet_b0", standardised),
        ("efficientnet_lite0", lambda x: (x - 127) / 128),
        ("bit_r50x1", lambda x: (x / 255 - 0.5) / 0.5),
        ("tiny", lambda x: x[..., :1] / 255),
        ("simple_gmp", lambda x: x[..., :1] / 255),
        ("simple_cnn", lambda x: x[..., :1] / 255),
    ],
)
def test_normalisation_is_the_familys_own(name, outside):
    """What the first convolution sees, with random weights, is what the published weights were trained on."""
    size = get(name).smallest
    grey = images(2, size)
    model = build(get(name), size, 2)
    kinds = (keras.layers.Rescaling, keras.layers.Normalization)
    last = [layer for layer in model.layers if isinstance(layer, kinds)][-1]
    inside = keras.Model(model.input, last.output)(grey)
    expected = outside(np.repeat(grey, 3, axis=-1).astype(np.float32))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(inside), expected, atol=1e-4)


def test_model_loads_where_chestbench_is_not(tmp_path):
    """model.keras holds built-in layers only."""
    build(get("resnet50v2"), 32, 2).save(tmp_path / "model.keras")
    code = (
        "import sys, keras; m = keras.saving.load_model(sys.argv[1]);"
        "assert not any('chestbench' in n for n in sys.modules); print(m.count_params())"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tmp_path / "model.keras")], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == 23_564_800 + 2048 * 2 + 2


@pytest.mark.parametrize("name", ["resnet50", "simple_cnn", "bit_r50x1", "efficientnet_b0", "large_t", "simple_gmp"])
def test_split_backbone_shares_weights_and_composes_to_the_model(name):
    """Features then head equal the whole; a change in the head shows in the whole."""
    model = build(get(name), 32, 2)
    backbone, head = split_backbone(model)
    x = images(2, 32)

    def composed():
        return keras.ops.convert_to_numpy(head(backbone(x, training=False), training=False))

    np.testing.assert_allclose(composed(), keras.ops.convert_to_numpy(model(x, training=False)), rtol=1e-5)
    head.set_weights([weight + 1 for weight in head.get_weights()])
    np.testing.assert_allclose(composed(), keras.ops.convert_to_numpy(model(x, training=False)), rtol=1e-5)
    assert len(backbone_layers(model)) + 1 + len(head_layers(model)) == len(model.layers)


@pytest.mark.parametrize("name", ["inception_v3", "efficientnet_b0", "bit_r50x1", "large_t", "simple_gmp"])
def test_gradcam_reaches_the_last_maps(name):
    """Of the network as it is built and as it is saved; one of the two classes has something that speaks for it."""
    keras.utils.set_random_seed(1)
    size = max(64, get(name).smallest)
    model = build(get(name), size, 2)
    x = images(2, size)
    heat = heat_maps(model, np.repeat(x, 2, axis=0), np.array([0, 1, 0, 1]))
    assert heat.shape == (4, size, size) and np.isfinite(heat).all()
    assert heat.max() == 1.0 and heat.min() >= 0.0
    if plain_copy(model) is not model:
        again = heat_maps(plain_copy(model), np.repeat(x, 2, axis=0), np.array([0, 1, 0, 1]))
        np.testing.assert_allclose(again, heat, atol=1e-3)


def test_simple_cnn_is_what_the_issue_says():
    """conv 32, pool, conv 64, pool, flatten, dropout 0.5, dense 128, softmax."""
    model = build(get("simple_cnn"), 32, 2, dropout=0.1)
    kinds = [type(layer).__name__ for layer in model.layers[2:]]
    assert kinds == ["Conv2D", "MaxPooling2D", "Conv2D", "MaxPooling2D", "Flatten", "Dropout", "Dense", "Dense"]
    assert (model.get_layer("conv1").filters, model.get_layer("conv2").filters) == (32, 64)
    assert model.get_layer("dropout").rate == 0.5
    assert model.get_layer("hidden").units == 128


def test_mixed_precision_ends_in_float32():
    """Softmax and normalisation stay in float32 whatever the policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        model = build(get("resnet50v2"), 32, 2)
    finally:
        keras.config.set_dtype_policy(before)
    assert model.get_layer("probabilities").compute_dtype == "float32"
    assert model.get_layer("normalisation").compute_dtype == "float32"
    assert model.get_layer("conv1_conv").compute_dtype == "bfloat16"


def test_images_too_small_are_refused():
    """Both by `build` and where the check stage asks, with the least size and the published one."""
    message = r"preprocess\.size: expected 75 or more for inception_v3, received 64; add -S preprocess\.size=299"
    with pytest.raises(ChestbenchError, match=message):
        build(get("inception_v3"), 64, 2)
    with pytest.raises(ChestbenchError, match=message):
        require_size(get("inception_v3"), 64)
    require_size(get("inception_v3"), 75)
    assert {get(name).smallest for name in SHIPPED} == {32, 75}


def test_unknown_name_gets_the_nearest():
    """The error says what was received, the nearest names and all names."""
    with pytest.raises(ChestbenchError, match=r"received 'resnet52'; did you mean resnet152 or .*simple_cnn"):
        registry.check_names(["resnet50", "resnet52"])
    with pytest.raises(ChestbenchError, match=r"Known: bit_r50x1, efficientnet_b0, .*, resnet50, resnet50v2, "):
        registry.get("zzz")


def test_importing_the_registry_needs_no_keras(request):
    """The check and weights stages start in a moment."""
    code = (
        "import sys, chestbench.models.weights; from chestbench.models.registry import get, known_names;"
        "[get(name).published() for name in known_names() if get(name).published];"
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow')))"
    )
    environment = {"PYTHONPATH": str(request.config.rootpath / "src")}
    assert subprocess.run([sys.executable, "-c", code], env=environment).returncode == 0


def test_published_files_are_the_librarys():
    """The constants read from the source are those of the imported library."""
    from keras.src.applications.resnet import BASE_WEIGHTS_PATH, WEIGHTS_HASHES

    for name in ("resnet50", "resnet152v2"):
        published = get(name).published()
        assert published.md5 == WEIGHTS_HASHES[name][1]
        assert published.url == BASE_WEIGHTS_PATH + published.file
        assert published.file == f"{name}_weights_tf_dim_ordering_tf_kernels_notop.h5"


def test_every_published_file_has_a_checksum_or_a_check():
    """A file without a published checksum is judged by its content."""
    for name in SHIPPED:
        published = get(name).published
        if published:
            file = published()
            addresses = [file.url, *file.mirrors] if file.package is None else []
            assert all(url.startswith("https://") and url.endswith("/" + file.file) for url in addresses)
            assert [file.check, file.md5, file.sha256].count(None) == 2
            assert file.md5 is None or len(file.md5) == 32
            assert (file.url is None) != (file.package is None)
        ported = get(name).timm
        if ported:
            file = ported()
            assert file.url.startswith("https://") and file.md5 is None and file.check is not None


def test_every_network_can_be_chosen(request):
    """conf/model has a file for each network, and `all` names those that ship; a user's own needs no entry there."""
    folder = request.config.rootpath / "conf" / "model"
    for name in known_names():
        assert f"variants: [{name}]" in (folder / f"{name}.yaml").read_text(encoding="utf-8")
    assert set(known_names()) >= SHIPPED
    listed = yaml.safe_load((folder / "all.yaml").read_text(encoding="utf-8"))["variants"]
    assert len(listed) == len(SHIPPED) and set(listed) == SHIPPED


def test_groups_name_networks_of_the_registry(request):
    """The files that name several networks."""
    folder = request.config.rootpath / "conf" / "model"
    groups = {}
    for path in folder.glob("*.yaml"):
        parsed = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert parsed["name"] == path.stem
        assert set(parsed["variants"]) <= set(known_names())
        if path.stem not in known_names():
            groups[path.stem] = parsed["variants"]
    assert groups.keys() == {"all", "resnets", "transfusion", "efficientnets", "none"} and groups["none"] == []
    assert groups["transfusion"] == ["tiny", "tiny_wide", "small", "large_w", "large_t"]
    assert groups["efficientnets"] == ["efficientnet_b0", "efficientnet_b3", "efficientnet_b7"]
