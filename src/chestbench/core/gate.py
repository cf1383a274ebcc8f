"""The gate for every path that a person names: what it is comes first, by asking the system and opening nothing.

A device never ends, a FIFO never begins, a file can grow while it is read: a program that only opens and reads waits
for ever, or fills the memory. What is opened here is asked once more what it is, without waiting, so that a FIFO put in
a file's place cannot hold it either.
"""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from chestbench.core.errors import ChestbenchError

FILE, FOLDER, LINKED_FOLDER, BROKEN_LINK = "file", "folder", "link to a folder", "broken link"
LOOP, FORBIDDEN = "link that leads to itself", "file without permission to read it"
_KINDS = (
    (stat.S_ISREG, FILE),
    (stat.S_ISDIR, FOLDER),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
    (stat.S_ISFIFO, "FIFO"),
    (stat.S_ISSOCK, "socket"),
)
# Absent on Windows, which has neither FIFOs nor devices among its files.
_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_CHUNK = 1 << 20


class NotRegular(OSError):
    """What should be opened is no regular file (any more)."""


def kind_of(path: Path) -> str:
    """Return what a path leads to, links followed: file, folder, device, FIFO, socket, broken link, loop or nothing."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a null byte in it
        is_link = not isinstance(error, ValueError) and path.is_symlink()
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return BROKEN_LINK if is_link else "nothing"
        return LOOP if is_link else "path that cannot be read"
    return kind_of_mode(mode)


def is_readable(found: os.stat_result, path: str | Path) -> bool:
    """Tell whether a file may be read, without asking the system where its mode says so."""
    if found.st_mode & 0o444 == 0o444:
        return True
    return os.access(path, os.R_OK, effective_ids=os.access in os.supports_effective_ids)


def require_file(path: Path, key: str, most_bytes: int | None = None) -> int:
    """Return the size of a regular file in bytes.

    Args:
        path: that a person named.
        key: what named it, for the message, such as dataset.path.
        most_bytes: the largest size that is taken; None: any.

    Raises:
        ChestbenchError: it is something else, may not be read, or is larger.
    """
    kind = kind_of(path)
    if kind != FILE:
        raise ChestbenchError(f"{key}: expected a file, received {str(path)!r}, which is {_a(kind)}; name a file")
    found = path.stat()
    if not is_readable(found, path):
        raise ChestbenchError(
            f"{key}: expected a file that can be read, received {str(path)!r}, which you may not read; change its "
            "permissions"
        )
    if most_bytes is not None and found.st_size > most_bytes:
        raise ChestbenchError(
            f"{key}: expected a file of at most {most_bytes:,} bytes, received {str(path)!r} of {found.st_size:,}; "
            "name another"
        )
    return found.st_size


def open_file(path: Path, key: str, most_bytes: int | None = None) -> BinaryIO:
    """Open a regular file to be read; what is no such file is never waited for.

    Raises:
        ChestbenchError: see `require_file`.
    """
    require_file(path, key, most_bytes)
    try:
        return open_regular(path)
    except OSError as error:
        raise ChestbenchError(
            f"{key}: expected a file that can be read, received {str(path)!r}: {error.strerror}; name another"
        ) from None


def open_regular(path: str | Path) -> BinaryIO:
    """Open what was a regular file when it was asked for.

    Raises:
        OSError: it cannot be opened, or is no regular file any more.
    """
    descriptor = os.open(path, os.O_RDONLY | _WITHOUT_WAITING)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NotRegular(errno.EINVAL, "no regular file any more", str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def pieces(stream: BinaryIO, path: object, key: str) -> Iterator[bytes]:
    """Yield what an open file held when this began, 1 MiB at a time, and never more.

    Args:
        stream: from `open_file` or `open_regular`, at its start.
        path: of the file, or its name, for the message.
        key: what named it, likewise.

    Raises:
        ChestbenchError: it has another length at the end.
    """
    left = size = os.fstat(stream.fileno()).st_size
    while left and (piece := stream.read(min(_CHUNK, left))):
        left -= len(piece)
        yield piece
    if left or os.fstat(stream.fileno()).st_size != size:
        raise ChestbenchError(
            f"{key}: expected a file that nobody writes to, received {str(path)!r}, whose size changed while it was "
            "read; run again when it is whole"
        )


def read_file(path: Path, key: str, most_bytes: int) -> bytes:
    """Read a whole regular file, and never more than it had when it was opened.

    Raises:
        ChestbenchError: see `require_file`; or it changed its size meanwhile.
    """
    with open_file(path, key, most_bytes) as stream:
        return b"".join(pieces(stream, path, key))


def kind_of_mode(mode: int) -> str:
    """Return what a mode of `stat` says: file, folder, device, FIFO, socket or special file."""
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "special file")


def _a(kind: str) -> str:
    return kind if kind == "nothing" else f"a {kind}"
