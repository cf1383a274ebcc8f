"""A process that has imported what all need, and forks for each command that it is asked for.

Run as `python serve.py ADDRESS MODULE...` with a clean environment; ends when its stdin does. It imports nothing of
this project unless told to, so that a command finds the project in its own folder or on its PYTHONPATH.
"""

import atexit
import fcntl
import importlib
import multiprocessing
import os
import random
import runpy
import select
import signal
import socket
import sys
import threading
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

# In place of this file's own folder, and gone before a command runs: it finds `tests` where it is run, or nowhere.
sys.path[0] = str(Path(__file__).parents[2])
from tests.warm import protocol  # noqa: E402

# What the code of `-c` takes the place of.
_KEPT: list[ModuleType] = []


def main(address: str, *ahead: str) -> None:
    """Listen until stdin ends."""
    del sys.path[0]
    for name in [name for name in sys.modules if name.split(".")[0] == "tests"]:
        del sys.modules[name]
    for name in ahead:
        importlib.import_module(name)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who serve
    print("ready", flush=True)
    while True:
        readable, _, _ = select.select([listener, 0], [], [])
        if 0 in readable:
            return
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _serve(connection)
            os._exit(0)
        connection.close()


def _serve(connection: socket.socket) -> None:
    """Start what is asked for, tell how it ended, and end it when whoever asked is gone."""
    asked, descriptors = protocol.receive(connection)
    child = os.fork()
    if child == 0:
        connection.close()
        _be(asked, descriptors)
    for each in descriptors:
        os.close(each)
    ended = os.pidfd_open(child)
    readable, _, _ = select.select([connection, ended], [], [])
    if ended not in readable:
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if ended in readable:
        connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _be(asked: dict[str, Any], descriptors: list[int]) -> None:
    """Be the command: its group, streams, folder, environment and arguments."""
    os.setpgid(0, 0)
    numbers = asked["descriptors"]
    above = max([2, *numbers, *descriptors]) + 1
    moved = [fcntl.fcntl(each, fcntl.F_DUPFD, above) for each in descriptors]
    os.closerange(0, above)
    for each, number in zip(moved, numbers, strict=True):
        os.dup2(each, number)  # inheritable
    os.closerange(above, max(moved, default=above) + 1)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    kind, what, *arguments = asked["command"]
    folders = [*filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    sys.path[:0] = [str(Path(what).resolve().parent if kind == "file" else Path.cwd()), *folders]
    sys.argv = ["-c" if kind == "-c" else what, *arguments]
    for folder in folders:  # as Python does when it starts
        if (path := Path(folder, "sitecustomize.py")).is_file():
            runpy.run_path(str(path))
    if asked["python"]:
        sys.executable = asked["python"]
        multiprocessing.set_executable(asked["python"])
    os._exit(_status_of(kind, what))


def _status_of(kind: str, what: str) -> int:
    """Run it and end as Python does: threads, exit functions, streams."""
    status = 0
    try:
        if kind == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        elif kind == "-c":
            _KEPT.append(sys.modules["__main__"])
            sys.modules["__main__"] = ModuleType("__main__")
            exec(compile(what, "<string>", "exec"), sys.modules["__main__"].__dict__)
        else:
            runpy.run_path(what, run_name="__main__")
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        if status and not isinstance(ended.code, int):
            print(ended.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
        status = 1
    finally:
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    return status


if __name__ == "__main__":
    main(*sys.argv[1:])
