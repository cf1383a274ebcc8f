"""Locks of processes that log: the system frees them when their process dies, however it dies.

While a network trains its process holds one on a file named after the run: a run that was killed outright could not
say so itself. What completes runs afterwards holds another, one process at a time. Where files cannot be locked so
(Windows) nothing is held: such a run is marked when its training is run again.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl

FOLDER = Path(".dvc/tmp/running")


def hold(root: Path, run_id: str) -> IO[str] | None:
    """Say that this process logs the run, until it ends or `release` is called; None where that cannot be said."""
    if sys.platform == "win32":
        return None
    path = root / FOLDER / run_id
    # Locked before it has its name: nobody finds it without its lock.
    unnamed = path.with_name(f".{run_id}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = open(unnamed, "w")  # noqa: SIM115 (open as long as the run is)
        fcntl.flock(stream, fcntl.LOCK_EX)
        os.replace(unnamed, path)
    except OSError:  # a place that cannot be written, or a file system without locks
        return None
    return stream


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Let one process at a time complete runs: two that find the same thing missing would both send it."""
    if sys.platform == "win32":
        yield
        return
    path = root / FOLDER.with_name("completing.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = open(path, "w")  # noqa: SIM115 (closed below)
    except OSError:  # a place that cannot be written
        yield
        return
    with stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def release(root: Path, run_id: str, held: IO[str] | None) -> None:
    """Say that the run's end is logged."""
    if held is not None:
        forget(root, run_id)
        held.close()


def abandoned(root: Path) -> list[str]:
    """Return the ids of runs that a process logged which is dead now."""
    return [path.name for path in sorted((root / FOLDER).glob("[!.]*")) if _is_free(path)]


def is_held(root: Path, run_id: str) -> bool:
    """Tell whether a process that lives says that it logs the run."""
    path = root / FOLDER / run_id
    return path.exists() and not _is_free(path)


def forget(root: Path, run_id: str) -> None:
    """Remove what was said of a run."""
    (root / FOLDER / run_id).unlink(missing_ok=True)


def _is_free(path: Path) -> bool:
    if sys.platform == "win32":
        return False
    try:
        with open(path) as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, FileNotFoundError):
        return False
    return True
