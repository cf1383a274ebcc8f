"""What is compiled is kept, found again by another process, bounded, and never in the way.

With JAX: KERAS_BACKEND=jax python -m pytest tests/training/test_compile_cache.py
"""

import importlib.util
import os
import subprocess
import sys

import pytest

from chestbench.training.compile_cache import FOLDER, keep_compiled, sweep

# Prints how many compilations were found and how many were not, and what was predicted.
PROGRAM = """
import os, sys
from collections import Counter
os.environ["KERAS_BACKEND"] = "jax"
from chestbench.training.compile_cache import keep_compiled
from chestbench.training.device import select_backend
keep_compiled(select_backend("jax"))
import jax, keras
import numpy as np
seen = Counter()
jax.monitoring.register_event_listener(lambda event, **_: seen.update([event.rpartition("/")[2]]))
from chestbench.models.build import build
from chestbench.models.registry import get
from chestbench.training.predict import predict
keras.utils.set_random_seed(1)
found = predict(build(get("tiny"), 32, 2), np.zeros((4, 32, 32, 1), np.uint8), 4)
print(seen["cache_hits"], seen["cache_misses"], found.tobytes().hex())
"""


def answer(folder, root):
    environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}", "DVC_ROOT": str(folder)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    hits, misses, found = done.stdout.split()
    return int(hits), int(misses), found


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="needs JAX")
def test_a_second_process_compiles_nothing_anew(tmp_path, request):
    (tmp_path / ".dvc").mkdir()
    _, cold, first = answer(tmp_path, request.config.rootpath)
    hits, misses, second = answer(tmp_path, request.config.rootpath)
    assert cold > 0 and hits > 0 and misses < cold / 4 and first == second
    # An entry that a kill or a full disk tore is compiled again.
    torn = sorted((tmp_path / FOLDER).rglob("*-cache"))
    assert torn
    for path in torn:
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert answer(tmp_path, request.config.rootpath)[2] == first


def test_nothing_is_kept_where_there_is_nothing_to_keep(tmp_path):
    assert keep_compiled("tensorflow", tmp_path) is None
    assert keep_compiled("jax", tmp_path) is None  # no repository
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_passed_over(tmp_path, caplog):
    (tmp_path / ".dvc").mkdir()
    (tmp_path / ".dvc" / "tmp").write_text("a file")
    with caplog.at_level("INFO"):
        assert keep_compiled("torch", tmp_path) is None
    assert "compiled code is not kept" in caplog.text


def test_pytorch_is_told_and_an_own_choice_stays(tmp_path, monkeypatch):
    (tmp_path / ".dvc").mkdir()
    for name in ("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"):
        monkeypatch.setenv(name, "")  # restored afterwards
        monkeypatch.delenv(name)
    folder = keep_compiled("torch", tmp_path)
    assert folder is not None and os.environ["TORCHINDUCTOR_CACHE_DIR"] == str(folder)
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", "/elsewhere")
    keep_compiled("torch", tmp_path)
    assert os.environ["TORCHINDUCTOR_CACHE_DIR"] == "/elsewhere"


def test_the_oldest_go_first_and_only_where_there_is_too_much(tmp_path):
    for age in range(8):
        path = tmp_path / "jax" / f"{age}-cache"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(100))
        os.utime(path, (1000 + age, 1000 + age))
    assert sweep(tmp_path, 800) == 800
    assert sweep(tmp_path, 799) == 500
    assert sorted(path.name for path in tmp_path.rglob("*-cache")) == [f"{age}-cache" for age in range(3, 8)]
    assert sweep(tmp_path / "none", 10) == 0
