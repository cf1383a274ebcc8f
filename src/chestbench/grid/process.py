"""A program in a process group of its own: its output in a file, its memory, and its end together with its parent's.

DVC and its stages hold locks and cards. Who started them may be killed outright, and can then end nothing: the program
looks for itself whether its parent is still there (`end_with_parent`), and ends its whole group where it is not.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import psutil

PARENT = "CHESTBENCH_GRID_PARENT"
_SECONDS_BETWEEN_LOOKS, _SECONDS_TO_DIE = 0.5, 10.0


class Group:
    """A running program and all that it starts.

    Args:
        command: of the program, which calls `end_with_parent` first.
        folder: it works in.
        environment: its variables.
        output: file that takes what it prints; replaced.
        held: descriptors of locks that it shall hold as long as it lives.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        output: Path,
        held: Sequence[int] = (),
    ) -> None:
        output.parent.mkdir(parents=True, exist_ok=True)
        with open(output, "wb") as stream:
            self._process = subprocess.Popen(
                list(command),
                cwd=folder,
                env={**environment, PARENT: str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=tuple(held),
            )
        self.number = self._process.pid

    def poll(self) -> int | None:
        """Return the exit status, None while it runs."""
        return self._process.poll()

    def end(self) -> None:
        """End the group at once: what trains writes its state so that this may happen at any moment."""
        with suppress(ProcessLookupError):
            os.killpg(self.number, signal.SIGKILL)
        self._process.wait()
        # A process that the system still takes apart has files open.
        until = time.monotonic() + _SECONDS_TO_DIE
        while self.members() and time.monotonic() < until:
            time.sleep(0.05)

    def members(self) -> list[psutil.Process]:
        """Return the processes of the group that live."""
        found = []
        for process in psutil.process_iter():
            with suppress(ProcessLookupError, psutil.Error):
                if os.getpgid(process.pid) == self.number and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def memory(self) -> int:
        """Return the bytes that all processes of the group hold, shared ones counted once where the system says so."""
        held = 0
        for process in self.members():
            with suppress(psutil.Error):
                whole = process.memory_full_info()
                held += getattr(whole, "pss", whole.rss)
        return held


def lives(number: int) -> bool:
    """Tell whether a process of this machine lives; one that only waits to be asked for its status does not."""
    try:
        return bool(psutil.Process(number).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def end_with_parent() -> None:
    """End this process's group, from now on, as soon as the process that started it is gone, or this one itself is.

    Ray kills a worker's children before the worker, so that this process may be killed and what it has started not: a
    second process of the group, forked before there are threads, sees to that.
    """
    parent, program = int(os.environ[PARENT]), os.getpid()
    if os.getpgrp() == program and os.fork() == 0:  # of another's group it is not the end
        _end_after(program)

    def watch() -> None:
        _end_after(parent)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


def _end_after(parent: int) -> NoReturn:
    """End the group of this process when its parent, of that number, is gone."""
    while os.getppid() == parent:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    os.killpg(0, signal.SIGKILL)
    os._exit(1)  # the signal is faster
