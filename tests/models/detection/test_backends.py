"""A detector has the same loss and gradient under TensorFlow and JAX; skipped where one of them is not installed."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest


@pytest.mark.campaign
def test_the_gradient_is_the_same(tmp_path, request):
    missing = [name for name in ("tensorflow", "jax") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs two backends: {missing[0]} is not installed")
    said = ""
    for backend, command in (("tensorflow", "write"), ("jax", "check")):
        environment = {**os.environ, "KERAS_BACKEND": backend}
        asked = [sys.executable, "-m", "tests.models.detection.backend_check", command, str(tmp_path / "saved.npz")]
        done = subprocess.run(asked, env=environment, capture_output=True, text=True, cwd=request.config.rootpath)
        assert done.returncode == 0, done.stderr
        said = done.stdout
    found = json.loads(said.splitlines()[-1])
    assert found["loss"] < 1e-4 and found["gradient"] < 1e-2, found
