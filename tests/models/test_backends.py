"""A network saved under one backend predicts the same under another, which trains, saves and loads it as well.

Skipped where no second backend is installed. Here the networks with layers that no other family has; for every
network (half an hour): `python -m tests.models.backend_check`.
"""

import importlib.util
import json
import os
import subprocess
import sys

import keras
import pytest

from tests.models.backend_check import write

FAMILIES = ["simple_cnn", "tiny", "efficientnet_b0", "bit_r50x1"]
HERE = keras.backend.backend()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("backends")
    for name in FAMILIES:
        write(name, folder)
    return folder


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_another_backend_predicts_the_same(backend, request):
    if backend == HERE or importlib.util.find_spec(backend) is None:
        pytest.skip(f"needs a second backend: {backend} is not installed beside {HERE}")
    folder = request.getfixturevalue("written")
    root = request.config.rootpath
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    command = [sys.executable, "-m", "tests.models.backend_check", "check", str(folder), *FAMILIES]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=root)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [entry["network"] for entry in found] == FAMILIES
    for entry in found:
        assert entry["backend"] == backend
        assert entry["across"] < 1e-4 and entry["features"] < 1e-4 and entry["reloaded"] < 1e-4, entry
