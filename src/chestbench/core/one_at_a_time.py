"""One process at a time for one piece of work: a lock that names its holder, and that the system frees when it dies.

Where files cannot be locked so (Windows, some network drives) nothing is held.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from chestbench.core.errors import ChestbenchError

if sys.platform != "win32":
    import fcntl

# Locks of the stages that are at work in a repository.
STAGES = Path(".dvc/tmp/stages")


@contextmanager
def one_at_a_time(lock: Path, what: str) -> Iterator[None]:
    """Do the work of the block while no other process does.

    Args:
        lock: file that stands for the work; it is made, holds the number of the process, and is removed at the end.
        what: the work in words, such as "train@resnet50".

    Raises:
        ChestbenchError: another process is at it; its number and how to end it.
    """
    stream = _take(lock, what)
    try:
        yield
    finally:
        if stream is not None:
            lock.unlink(missing_ok=True)  # while it is held: nobody else's
            stream.close()


def refuse_beside(folder: Path) -> None:
    """Refuse where a process holds a lock of `folder`; a lock's name, without its ending, is its work in words.

    Raises:
        ChestbenchError: another process is at it; its number and how to end it.
    """
    if sys.platform == "win32":
        return
    for lock in sorted(folder.glob("*.lock")):
        try:
            stream = open(lock, encoding="utf-8")  # noqa: SIM115 (closed below, or by what reads it)
        except OSError:  # its holder has removed it
            continue
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ChestbenchError(_is_running(stream, lock.stem)) from None
        except OSError:  # a file system without locks
            pass
        stream.close()


def _take(lock: Path, what: str) -> IO[str] | None:
    if sys.platform == "win32":
        return None
    while True:
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            stream = open(lock, "a+", encoding="utf-8")  # noqa: SIM115 (open as long as the work is)
        except OSError:  # a place that cannot be written
            return None
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ChestbenchError(_is_running(stream, what)) from None
        except OSError:  # a file system without locks
            stream.close()
            return None
        if _is_still(lock, stream):
            stream.truncate(0)
            stream.write(f"{os.getpid()}\n")
            stream.flush()
            return stream
        stream.close()  # its holder removed it in between


def _is_still(lock: Path, stream: IO[str]) -> bool:
    """Tell whether the file of that name is the one that is open."""
    try:
        return os.path.samestat(lock.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False


def _is_running(stream: IO[str], what: str) -> str:
    with stream:
        stream.seek(0)
        number = stream.read().strip()
    process, end = (f"process {number}", f"`kill {number}`") if number.isdigit() else ("another process", "its number")
    return (
        f"{what}: expected to be the only one at this work, but it is still running as {process} (what started it may "
        f"have been killed); wait for it, or end it with {end}, and run the same command again: nothing is lost"
    )
