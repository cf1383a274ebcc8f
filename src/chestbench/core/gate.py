"""The gate for every path that a person names: what it is comes first, by asking the system and opening nothing.

A device never ends, a FIFO never begins, a folder that links to itself has no bottom: a program that only opens and
reads waits for ever, or fills the memory.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from chestbench.core.errors import ChestbenchError

# More files than any public set has (CheXpert: 224,316; MIMIC-CXR: 377,110): such a folder is another one than meant.
MOST_FILES = 5_000_000
_KINDS = (
    (stat.S_ISREG, "file"),
    (stat.S_ISDIR, "folder"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
    (stat.S_ISFIFO, "FIFO"),
    (stat.S_ISSOCK, "socket"),
)
_SHOWN = 3


def kind_of(path: Path) -> str:
    """Return what a path leads to, links followed: file, folder, device, FIFO, socket, broken link, loop or nothing."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return "broken link" if path.is_symlink() else "nothing"
        return "link that leads to itself" if path.is_symlink() else "path that cannot be read"
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "special file")


def require_file(path: Path, key: str, most_bytes: int | None = None) -> int:
    """Return the size of a regular file in bytes.

    Args:
        path: that a person named.
        key: what named it, for the message, such as dataset.path.
        most_bytes: the largest size that is taken; None: any.

    Raises:
        ChestbenchError: it is something else, or larger.
    """
    kind = kind_of(path)
    if kind != "file":
        raise ChestbenchError(f"{key}: expected a file, received {str(path)!r}, which is {_a(kind)}; name a file")
    size = path.stat().st_size
    if most_bytes is not None and size > most_bytes:
        raise ChestbenchError(
            f"{key}: expected a file of at most {most_bytes:,} bytes, received {str(path)!r} of {size:,}; name another"
        )
    return size


def read_file(path: Path, key: str, most_bytes: int) -> bytes:
    """Read a whole regular file, and never more than it had when it was asked for.

    Raises:
        ChestbenchError: see `require_file`; or it changed its size meanwhile.
    """
    size = require_file(path, key, most_bytes)
    with open(path, "rb") as stream:
        content = stream.read(size + 1)
    if len(content) != size:
        raise ChestbenchError(
            f"{key}: expected a file that nobody writes, received {str(path)!r}, whose size changed while it was read; "
            "run again when it is whole"
        )
    return content


def walk_files(folder: Path, key: str) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the regular files of a folder, links followed but not into a folder that is being walked already.

    Args:
        folder: that a person named.
        key: what named it, for the message.

    Raises:
        ChestbenchError: a device, FIFO or socket is in it, a link leads to a folder around it, or it holds more than
            MOST_FILES files.
    """
    count, odd = 0, []

    def enter(path: Path, above: frozenset[tuple[int, int]]) -> Iterator[tuple[Path, os.stat_result]]:
        nonlocal count
        found = path.stat()
        here = (found.st_dev, found.st_ino)
        if here in above:
            raise ChestbenchError(
                f"{key}: expected a folder with an end, received a link in it that leads back to a folder around it: "
                f"{str(path.relative_to(folder))!r}; remove the link"
            )
        with os.scandir(path) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
        for entry in ordered:
            kind = kind_of(Path(entry.path)) if not entry.is_file(follow_symlinks=False) else "file"
            if kind == "folder":
                yield from enter(Path(entry.path), above | {here})
            elif kind == "file":
                count += 1
                if count > MOST_FILES:
                    raise ChestbenchError(
                        f"{key}: expected a folder of images, received one of more than {MOST_FILES:,} files; "
                        "name the folder that holds the images alone"
                    )
                yield Path(entry.path), entry.stat()
            elif kind in ("device", "FIFO", "socket", "special file", "link that leads to itself"):
                odd.append(f"{str(Path(entry.path).relative_to(folder))!r} ({kind})")

    yield from enter(folder, frozenset())
    if odd:
        more = f" and {len(odd) - _SHOWN} more" if len(odd) > _SHOWN else ""
        raise ChestbenchError(
            f"{key}: expected files and folders, received {', '.join(odd[:_SHOWN])}{more}, which cannot be read as "
            "files; move them elsewhere"
        )


def _a(kind: str) -> str:
    return kind if kind == "nothing" else f"a {kind}"
