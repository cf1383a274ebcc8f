"""train.deterministic: the same weights to the last bit, in another process, after a kill and as a later seed."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import keras
import pytest
import yaml

from chestbench.training.checkpoint import Checkpoint

SETTINGS = {
    "deterministic": True,
    "epochs": 4,
    "batch_size": 8,
    "dropout": 0.3,
    "augment": "light",
    "schedule": "cosine",
    "precision": "float32",
}


def digest(root: Path, params: Path, how: str, backend: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    command = [sys.executable, "-m", "tests.training.digest", str(params), str(params.with_name("state")), how]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_the_same_weights_in_every_way(backend, tmp_path, default_parameters, request):
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed beside {keras.backend.backend()}")
    params, root = tmp_path / "params.yaml", request.config.rootpath
    params.write_text(yaml.safe_dump({**default_parameters, "train": {**default_parameters["train"], **SETTINGS}}))
    killed = digest(root, params, "killed", backend)
    assert killed.returncode == -9, killed.stderr
    assert Checkpoint(tmp_path / "state").load()[0].epochs_done == 2
    straight, resumed = (digest(root, params, how, backend) for how in ("straight", "resumed"))
    assert straight.returncode == resumed.returncode == 0, straight.stderr + resumed.stderr
    (expected,), (after_a_kill, once_more) = straight.stdout.splitlines(), resumed.stdout.splitlines()
    assert after_a_kill == expected, "a training that was killed ends with other weights"
    assert once_more == expected, "a second training of a process ends with other weights"
