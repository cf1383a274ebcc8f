"""Starts the process that has imported packages, and asks it for commands."""

import atexit
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from socket import AF_UNIX, socket
from typing import IO

from tests.warm import protocol

ROOT = Path(__file__).parents[2]
_HERE = Path(__file__).parent
_KEPT_VARIABLES = ("PATH", "TMPDIR", "LANG", "LC_ALL", "OPENBLAS_NUM_THREADS")
# DVC's commands, and a quarter of a second.
DVC = (
    *("dvc.cli.parser", "dvc.repo.reproduce", "dvc.repo.experiments.run", "dvc.repo.experiments.executor.local"),
    *("hydra", "omegaconf", "pydantic", "rich.console", "yaml", "numpy"),
)
# The stages', and nine seconds. It has settled on TensorFlow as Keras' backend.
STAGES = (
    *DVC,
    *("tensorflow", "cv2", "pandas", "matplotlib.figure", "matplotlib.backends.backend_agg", "scipy.stats"),
    *("sklearn.linear_model", "sklearn.metrics", "mlflow.tracking", "mlflow.store.tracking.sqlalchemy_store"),
)


def run(
    *command: str,
    cwd: Path,
    env: Mapping[str, str],
    timeout: float = 120,
    merged: bool = False,
    ahead: tuple[str, ...] = DVC,
) -> subprocess.CompletedProcess[str]:
    """Do what `subprocess.run([sys.executable, "-m", *command], ...)` does, its output captured as text.

    Args:
        command: a module, or the path of a program that ends in .py, and its arguments.
        cwd: its folder.
        env: its whole environment.
        timeout: seconds, after which it is killed.
        merged: whether stderr goes to stdout.
        ahead: modules that it finds imported.

    Raises:
        subprocess.TimeoutExpired: it took longer; with what it had said.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, socket(AF_UNIX) as connection:
        with open(os.devnull) as nothing:
            files = {0: nothing.fileno(), 1: out.fileno(), 2: out.fileno() if merged else err.fileno()}
            connection.settimeout(timeout)
            connection.connect(_address(ahead))
            kind = "file" if command[0].endswith(".py") else "-m"
            protocol.send(connection, [kind, *command], str(cwd), dict(env), files)
        try:
            status = protocol.wait(connection)
        except TimeoutError as error:  # the connection ends, and it with it
            raise subprocess.TimeoutExpired(command, timeout, _text(out)) from error
        return subprocess.CompletedProcess(list(command), status, _text(out), _text(err))


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", errors="replace")


@cache
def folder_of_python(ahead: tuple[str, ...] = STAGES) -> Path:
    """Return a folder for PATH with a `python` that finds these modules imported."""
    address = Path(_address(ahead))
    (folder := address.parent / "bin").mkdir()
    (folder / protocol.MARK).touch()
    program = (
        f'#!/bin/sh\nexec "{sys.executable}" -E -s -S "{_HERE / "python.py"}" "{address}" "{sys.executable}" "$@"\n'
    )
    for name in ("python", "python3"):
        (folder / name).write_text(program)
        (folder / name).chmod(0o755)
    return folder


@cache
def _address(ahead: tuple[str, ...]) -> str:
    """Return where the process that has these modules imported is asked, after its start."""
    folder = tempfile.TemporaryDirectory(prefix="warm")
    address = str(Path(folder.name, "socket"))
    # libgit2 looks for the settings of Git in the home folder when it is imported, matplotlib for fonts.
    (home := Path(folder.name, "home")).mkdir()
    kept = {key: value for key, value in os.environ.items() if key in _KEPT_VARIABLES}
    if any(name.startswith("chestbench") for name in ahead):
        kept["PYTHONPATH"] = str(ROOT / "src")
    process = subprocess.Popen(
        [sys.executable, str(_HERE / "serve.py"), address, *ahead],
        env={**kept, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )

    def end() -> None:
        process.stdin.close()
        process.wait()
        folder.cleanup()

    atexit.register(end)
    assert process.stdout.readline() == b"ready\n", f"{ahead} cannot be imported"
    return address
