"""The gate for every path that a person names: what it is comes first, by asking the system and opening nothing.

A device never ends, a FIFO never begins, a file can grow while it is read: a program that only opens and reads waits
for ever, or fills the memory. What is opened here is asked once more what it is, without waiting, so that a FIFO put in
a file's place cannot hold it either.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from chestbench.core.bounds import MOST_FILES
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
_SHOWN = 3


class NotRegular(OSError):
    """What should be opened is no regular file (any more)."""


class Found(NamedTuple):
    """What lies in a folder.

    Attributes:
        name: path below the folder, with forward slashes.
        kind: FILE, FOLDER, or what is not read: LINKED_FOLDER, BROKEN_LINK, LOOP, FORBIDDEN, FIFO, socket, device.
        size: of a file, in bytes.
    """

    name: str
    kind: str
    size: int = 0


def kind_of(path: Path) -> str:
    """Return what a path leads to, links followed: file, folder, device, FIFO, socket, broken link, loop or nothing."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a null byte in it
        is_link = not isinstance(error, ValueError) and path.is_symlink()
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return BROKEN_LINK if is_link else "nothing"
        return LOOP if is_link else "path that cannot be read"
    return _kind_of_mode(mode)


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


def walk(folder: Path, key: str, skips: Callable[[str], bool] = lambda name: False) -> Iterator[Found]:
    """Yield all that lies below a folder, in the order of names, folders before what is in them; nothing is opened.

    Links to files are followed, as DVC follows them; links to folders are not, so that all folders have an end.

    Args:
        folder: that a person named.
        key: what named it, for the message.
        skips: told the last part of a name, says what is passed over with all that is in it.

    Raises:
        ChestbenchError: it holds more than MOST_FILES entries, or a folder in it may not be listed.
    """
    count = 0
    waiting = [(str(folder), "")]
    while waiting:
        place, base = waiting.pop()
        ordered = []
        for entry in _entries(place, base, key):
            count += 1
            if count > MOST_FILES:
                raise ChestbenchError(
                    f"{key}: expected a folder of images, received one of more than {MOST_FILES:,} files and folders; "
                    "name the folder that holds the images alone"
                )
            ordered.append(entry)
        ordered.sort(key=lambda entry: entry.name)
        below = []
        for entry in ordered:
            if skips(entry.name):
                continue
            found = _found(entry, base + entry.name)
            yield found
            if found.kind == FOLDER:
                below.append((entry.path, f"{base}{entry.name}/"))
        waiting += reversed(below)


def check_folder(folder: Path, key: str) -> None:
    """Refuse a folder that DVC cannot hash: it opens all that lies there, and a FIFO would hold it for ever.

    Raises:
        ChestbenchError: a broken link, a device, FIFO or socket, a file that may not be read, or a name that is no
            UTF-8 is in it; or `walk`.
    """
    odd = []
    for found in walk(folder, key):
        if not _is_utf8(found.name):
            raise ChestbenchError(
                f"{key}: expected names in UTF-8, as DVC reads no others, received {os.fsencode(found.name)!r}; rename "
                "it, or pack the folder as a zip and give that"
            )
        if found.kind not in (FILE, FOLDER, LINKED_FOLDER):
            odd.append(found)
    if odd:
        shown = ", ".join(f"{found.name!r} ({found.kind})" for found in odd[:_SHOWN])
        more = f" and {len(odd) - _SHOWN:,} more" if len(odd) > _SHOWN else ""
        raise ChestbenchError(
            f"{key}: expected files and folders that DVC can read, received {shown}{more}; move them elsewhere, or put "
            "the files in their place"
        )


def _is_utf8(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _entries(place: str, base: str, key: str) -> Iterator["os.DirEntry[str]"]:
    try:
        with os.scandir(place) as entries:
            yield from entries
    except PermissionError:
        raise ChestbenchError(
            f"{key}: expected a folder that can be read, received one whose part {base.rstrip('/') or place!r} may not "
            "be listed; change its permissions"
        ) from None


def _found(entry: "os.DirEntry[str]", name: str) -> Found:
    """Ask what an entry is: what the listing said already, and one question more."""
    if entry.is_dir(follow_symlinks=False):
        return Found(name, FOLDER)
    try:
        found = entry.stat()
    except OSError:
        return Found(name, kind_of(Path(entry.path)))
    kind = _kind_of_mode(found.st_mode)
    if kind == FOLDER:
        return Found(name, LINKED_FOLDER)
    if kind == FILE and not is_readable(found, entry.path):
        return Found(name, FORBIDDEN)
    return Found(name, kind, found.st_size)


def _kind_of_mode(mode: int) -> str:
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "special file")


def _a(kind: str) -> str:
    return kind if kind == "nothing" else f"a {kind}"
