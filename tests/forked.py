"""A program of Python as a process of its own that finds what DVC imports imported already, which takes a second.

The process is forked from one that has imported those packages and nothing of this project, so that what it finds of
the project is what lies in its folder or on its PYTHONPATH.
"""

import atexit
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from multiprocessing import forkserver
from pathlib import Path
from unittest.mock import patch

AHEAD = [
    *("dvc.cli.parser", "dvc.repo.reproduce", "dvc.repo.experiments.run", "dvc.repo.experiments.executor.local"),
    *("hydra", "omegaconf", "pydantic", "rich.console", "yaml", "numpy"),
]


def run_module(
    *command: str, cwd: Path, env: Mapping[str, str], timeout: float = 120, merged: bool = False
) -> subprocess.CompletedProcess[str]:
    """Do what `subprocess.run([sys.executable, "-m", *command], ...)` does, its output captured as text.

    Args:
        command: a module and its arguments.
        cwd: its folder.
        env: its whole environment.
        timeout: seconds, after which it is killed.
        merged: whether stderr goes to stdout.

    Raises:
        subprocess.TimeoutExpired: it took longer.
    """
    with tempfile.TemporaryDirectory() as folder:
        streams = [Path(folder, name) for name in ("stdout", "stdout" if merged else "stderr")]
        given = (command, str(cwd), dict(env), [str(path) for path in streams])
        process = multiprocessing.get_context("forkserver").Process(target=_main, args=given)
        # multiprocessing knows one such process, and tests/stages/measured.py has it import this project.
        with patch.object(forkserver, "connect_to_new_process", _server().connect_to_new_process):
            process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(command, timeout)
        told = [path.read_text(encoding="utf-8", errors="replace") for path in streams[: 1 if merged else 2]]
    return subprocess.CompletedProcess(list(command), process.exitcode, *told)


@cache
def _server() -> forkserver.ForkServer:
    # libgit2 looks for the settings of Git in the home folder when it is imported.
    home, before = tempfile.TemporaryDirectory(), dict(os.environ)
    atexit.register(home.cleanup)
    server = forkserver.ForkServer()
    server.set_forkserver_preload(AHEAD)
    os.environ.update(HOME=home.name, GIT_CONFIG_NOSYSTEM="1")
    os.environ.pop("PYTHONPATH", None)
    try:
        server.ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return server


def _main(command: tuple[str, ...], cwd: str, env: dict[str, str], streams: list[str]) -> None:
    """Be `python -m MODULE ARGUMENTS`, in a process that was forked."""
    for number, path in enumerate(streams, start=1):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    sys.path[:0] = [cwd, *filter(None, env.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv = list(command)
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    finally:
        # multiprocessing leaves by os._exit.
        atexit._run_exitfuncs()
