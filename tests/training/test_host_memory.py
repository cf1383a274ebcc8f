"""What a training frees stays with its process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chestbench.training import host_memory
from chestbench.training.host_memory import keep_memory

# Blocks of a gigabyte in all, taken and freed as by a training step; how many pages the system had to clear for them.
STEPS = """
import resource, sys, threading
import numpy as np
from chestbench.training import host_memory
from pathlib import Path

host_memory._GPU_DRIVER = Path("none")
kept = host_memory.keep_memory() if sys.argv[1] == "keep" else None

def step():
    blocks = [np.ones(size << 17) for size in (1, 8, 40, 80, 3)]

def steps():
    for _ in range(4):
        step()

def in_a_thread():
    thread = threading.Thread(target=steps)
    thread.start()
    thread.join()

in_a_thread()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
in_a_thread()
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(way: str) -> tuple[str, int]:
    """Run the steps, without settings of the person who tests."""
    command = [sys.executable, "-c", STEPS, way]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    kept, count = done.stdout.split()
    return kept, int(count)


@pytest.mark.skipif(not hasattr(os, "confstr") or "glibc" not in str(os.confstr("CS_GNU_LIBC_VERSION")), reason="glibc")
def test_what_is_freed_is_not_cleared_again() -> None:
    (_, before), (kept, after) = faults("do not"), faults("keep")
    assert kept == "True"
    assert after < before / 20, (before, after)


def test_settings_of_ones_own_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_memory, "_GPU_DRIVER", Path("none"))
    for name, value in (("MALLOC_ARENA_MAX", "4"), ("GLIBC_TUNABLES", "glibc.malloc.trim_threshold=1")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert not keep_memory()


def test_beside_a_gpu_nothing_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(host_memory, "_GPU_DRIVER", tmp_path)
    assert not keep_memory()
