"""What lies below a folder that a person names, each with its kind; nothing is opened."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from chestbench.core.bounds import MOST_FILES
from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import FILE, FOLDER, FORBIDDEN, LINKED_FOLDER, is_readable, kind_of, kind_of_mode

_SHOWN = 3


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


def walk(folder: Path, key: str, skips: Callable[[str], bool] = lambda name: False) -> Iterator[Found]:
    """Yield all that lies below a folder, in the order of names, folders before what is in them; nothing is opened.

    Links to files are followed, as DVC follows them; links to folders are not, so that all folders have an end.

    Args:
        folder: that a person named.
        key: what named it, for the message.
        skips: told the path below the folder, says what is passed over with all that is in it.

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
            if skips(base + entry.name):
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
    kind = kind_of_mode(found.st_mode)
    if kind == FOLDER:
        return Found(name, LINKED_FOLDER)
    if kind == FILE and not is_readable(found, entry.path):
        return Found(name, FORBIDDEN)
    return Found(name, kind, found.st_size)
