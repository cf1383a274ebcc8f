"""A model file from elsewhere: nothing of it runs, and what does not fit is said in one sentence."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.models import registry
from chestbench.models.build import build
from chestbench.serving.description import Description
from chestbench.serving.network import Network
from chestbench.serving.safety import check_model_file

DESCRIBED = {
    "classes": ["a", "b"],
    "image_size": 32,
    "fit": "pad",
    "roi": "none",
    "modality": "CT",
    "backend": "tensorflow",
}


@pytest.fixture(scope="module")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.keras"
    build(registry.get("simple_cnn"), 32, 2).save(path)
    return path


def changed(source: Path, target: Path, change: Any = None, **added: bytes) -> Path:
    """Copy a model with another config.json, or with further members."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "config.json" and change:
                content = json.dumps(change(json.loads(content))).encode()
            new.writestr(info.filename, content)
        for name, content in added.items():
            new.writestr(name.replace("__", "."), content)
    return target


@pytest.mark.parametrize("name", registry.known_names())
def test_every_network_of_the_registry_passes(name: str, tmp_path: Path) -> None:
    import keras

    from chestbench.models.standardised import plain_copy

    keras.backend.clear_session()
    network = registry.get(name)
    if network.parameters and network.parameters > 30_000_000:
        pytest.skip("of a family whose smaller members are tried")
    model = plain_copy(build(network, 75, 2))  # as a training saves it
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("config.json", json.dumps(json.loads(model.to_json())))
        packed.writestr("metadata.json", "{}")
    check_model_file(path)


def test_a_lambda_layer_is_refused_before_keras_sees_it(tmp_path: Path) -> None:
    import keras

    grey = keras.Input((32, 32, 1))
    model = keras.Model(grey, keras.layers.Flatten()(keras.layers.Lambda(lambda x: x * 2)(grey)))
    model.save(tmp_path / "model.keras")
    with pytest.raises(ChestbenchError, match="'Lambda', which runs code of the file's author"):
        check_model_file(tmp_path / "model.keras")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"class_name": "function", "module": "builtins", "config": "exec"}, "runs code"),
        ({"class_name": "get_file", "module": "keras.utils", "config": {}}, "of the module 'keras.utils'"),
        ({"class_name": "system", "module": "os", "config": {}}, "of the module 'os'"),
        ({"class_name": "Dense", "module": "keras.layers", "registered_name": "mine>Dense"}, "'mine>Dense'"),
        ({"class_name": "TFSMLayer", "module": "keras.layers", "config": {"filepath": "/x"}}, "runs code"),
        ({"class_name": "Odd", "module": None, "registered_name": "mine>Odd"}, "'Odd' of the module ''"),
    ],
)
def test_what_could_run_code_is_refused_wherever_it_hides(
    model_file: Path, tmp_path: Path, entry: dict, words: str
) -> None:
    def hide(config: dict) -> dict:
        config["config"]["layers"][1]["config"]["hidden"] = [{"deep": entry}]
        return config

    path = changed(model_file, tmp_path / "model.keras", hide)
    with pytest.raises(ChestbenchError, match=words) as refused:
        Network(Description.from_json(DESCRIBED, "it"), path, None)
    assert "\n" not in str(refused.value)


def test_other_files_are_refused(model_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    for content, words in (
        (b"\x89HDF\r\n\x1a\n", "HDF5"),
        (b"text", "damaged or of another kind"),
        (b"", "damaged"),
    ):
        path.write_bytes(content)
        with pytest.raises(ChestbenchError, match=words):
            check_model_file(path)
    with pytest.raises(ChestbenchError, match=r"also holds 'evil.py'"):
        check_model_file(changed(model_file, path, evil__py=b"print()"))
    path.write_bytes(model_file.read_bytes()[:5000])
    with pytest.raises(ChestbenchError, match="damaged"):
        check_model_file(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"image_size": 64}, "grey pictures of 64 x 64"),
        ({"classes": ["a", "b", "c"]}, "3 classes"),
        ({"backend": "caffe"}, "backend must be one of tensorflow, jax, torch"),
    ],
)
def test_a_description_of_another_network_is_refused(
    model_file: Path, monkeypatch: pytest.MonkeyPatch, change: dict, words: str
) -> None:
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    with pytest.raises(ChestbenchError, match=words) as refused:
        Network(Description.from_json(DESCRIBED | change, "it"), model_file, None)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "change",
    [{"classes": ["a"]}, {"classes": 3}, {"roi": "liver"}, {"positive": "z"}, {"image_size": "big"}, {"thresholds": 7}],
)
def test_a_damaged_description_is_one_sentence(change: dict) -> None:
    with pytest.raises(ChestbenchError, match=r"^it: expected the description of a network") as refused:
        Description.from_json(DESCRIBED | change, "it")
    assert "\n" not in str(refused.value)
