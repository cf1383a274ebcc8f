"""Backend and precision."""

import os
import subprocess
import sys

import keras
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.training import device
from chestbench.training.device import Device, choose_precision, describe_device, no_gradients, select_backend

CPU = Device("cpu", "some chip", 2)


@pytest.mark.parametrize(
    ("capability", "expected"),
    [
        (None, "float32"),
        ((6, 1), "float32"),
        ((7, 0), "mixed_float16"),
        ((7, 5), "mixed_float16"),
        ((9, 0), "mixed_bfloat16"),
    ],
)
def test_automatic_precision(capability, expected):
    kind = "cpu" if capability is None else "gpu"
    assert choose_precision("auto", Device(kind, "chip", 1, capability)) == expected


def test_precision_that_was_asked_for():
    assert choose_precision("mixed_float16", CPU) == "mixed_float16"


def test_environment_wins_and_is_told(monkeypatch, caplog):
    running = keras.backend.backend()
    monkeypatch.setenv("KERAS_BACKEND", running)
    with caplog.at_level("INFO"):
        assert select_backend("jax" if running != "jax" else "torch") == running
    assert "KERAS_BACKEND" in caplog.text


def test_unknown_backend(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(ChestbenchError, match="received 'theano'"):
        select_backend("tensorflow")


def test_too_late_is_a_defect(monkeypatch):
    other = "jax" if keras.backend.backend() != "jax" else "torch"
    monkeypatch.setenv("KERAS_BACKEND", other)
    with pytest.raises(RuntimeError, match="keras was imported before"):
        select_backend(other)


def test_xla_is_told_before_it_starts(monkeypatch):
    """JAX reads XLA_FLAGS once, so the flag must be there before keras is imported; what the user set stays."""
    running = keras.backend.backend()
    monkeypatch.setenv("KERAS_BACKEND", running)
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=false")
    select_backend(running)
    assert os.environ["XLA_FLAGS"] == "--xla_cpu_enable_fast_math=false"
    for _ in range(2):
        select_backend(running, deterministic=True)
        told = os.environ["XLA_FLAGS"].split()
        assert told[0] == "--xla_cpu_enable_fast_math=false"
        assert told[1:] == (["--xla_gpu_deterministic_ops=true"] if running == "jax" else [])


def test_description_of_this_machine():
    found = describe_device()
    assert found.kind in ("cpu", "gpu") and found.name and found.count >= 1
    assert str(CPU) == "some chip (CPU, 2 cores)"
    with no_gradients():
        assert float(keras.ops.sum(keras.ops.ones(3))) == 3.0


def test_start_up_notes_are_dropped_and_all_else_is_passed_on(capfd):
    """What C++ writes to file descriptor 2 while a backend is imported."""
    with device._without_start_up_notes():
        os.write(2, b"I0000 00:00:1 1 port.cc:153] oneDNN custom operations are on.\nsomething that matters\n")
    os.write(2, b"later\n")
    assert capfd.readouterr().err == "something that matters\nlater\n"


def test_keras_does_not_wait_for_scikit_learn_which_is_there_all_the_same():
    program = (
        "import sys\nfrom chestbench.training.device import select_backend\n"
        f"select_backend({keras.backend.backend()!r})\nassert 'sklearn' not in sys.modules\n"
        "import sklearn.linear_model\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
