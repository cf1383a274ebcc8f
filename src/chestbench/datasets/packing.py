"""A folder as a zip that depends on names and contents only: sorted, fixed times and permissions, nothing compressed.

So the same pictures give the same bytes on every machine.
"""

import logging
import os
import stat
import zipfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple

from tqdm import tqdm

from chestbench.core.errors import ChestbenchError
from chestbench.core.folder_walk import walk
from chestbench.core.gate import (
    BROKEN_LINK,
    FILE,
    FOLDER,
    LINKED_FOLDER,
    LOOP,
    open_regular,
    pieces,
)
from chestbench.core.progress import bar, still_at
from chestbench.datasets.archive import PACKED_FOLDER, is_hidden, open_archive
from chestbench.datasets.member_names import BAD_NAME, HIDDEN_FOLDER, hidden_folder, name_in_zip
from chestbench.datasets.zip_listing import ANNEX, most_bytes

logger = logging.getLogger(__name__)

# The earliest time a zip can hold.
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_SHOWN = 3
# So many empty files are no pictures that were lost here and there.
_MANY = 1000


def pack(root: Path, target: Path) -> int:
    """Write every visible file under `root` into a stored zip, the same bytes whatever order or times files have.

    Links to files are followed. Links to folders are left out with a warning: DVC does not look behind them either,
    so changes there would go unnoticed. Hidden files and folders, broken links, FIFOs, sockets, devices and files that
    may not be read, or whose names cannot stand in a zip, are left out, and never opened. What is left out but not
    hidden, and folders without a file, stand in the zip by their names and kinds, so that the catalog can tell.

    Returns:
        The number of files packed.

    Raises:
        ChestbenchError: see `listed`; or a file changes while it is packed.
    """
    files, notes = listed(root)
    for kind, count in sorted(Counter(note.kind for note in notes.values() if note.kind).items()):
        names = [name for name, note in sorted(notes.items()) if note.kind == kind]
        more = f" and {count - _SHOWN:,} more" if count > _SHOWN else ""
        logger.warning("left out, not opened: %s%s (%s)", ", ".join(names[:_SHOWN]), more, kind)
    if not files:
        raise nothing_in(root, notes)
    total = sum(file.size for file in files.values())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as zipped, bytes_bar(total, "pack") as shown:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            info.file_size = files[name].size
            with _opened(root, files[name].name) as source, zipped.open(info, "w") as member:
                copy_bytes(source, member, shown, name)
        for name in sorted(notes):
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            info.create_system = 3
            info.external_attr = (notes[name].mode | 0o755) << 16
            zipped.writestr(info, notes[name].content)
        zipped.comment = PACKED_FOLDER
    open_archive(target).close()
    return len(files)


def nothing_in(root: Path, notes: Mapping[str, "_Note"]) -> ChestbenchError:
    """Return the error on a folder without a file that can be packed."""
    names = [name for name, note in notes.items() if note.kind == BAD_NAME]
    if not names and (hidden := [name for name, note in notes.items() if note.kind == HIDDEN_FOLDER]):
        return ChestbenchError(
            f"dataset.path: expected images in folders named after their classes, received {str(root)!r}, in which the "
            f"folder {hidden[0]!r} is hidden by the dot before its name; rename it if its pictures are yours"
        )
    why = f"{len(names)} files of unusable names alone, such as {names[0]!r}" if names else "without any visible file"
    mend = "rename them: UTF-8, no backslash, no drive letter" if names else "put them there"
    return ChestbenchError(
        f"dataset.path: expected images in folders named after their classes, received {str(root)!r}, a folder {why}; "
        f"{mend}"
    )


class _Note(NamedTuple):
    """What stands in the zip in place of something that is not packed: a folder, or a link or device without a file."""

    mode: int
    content: bytes = b""
    kind: str = ""

    @property
    def left_out_as(self) -> str:
        """The kind by which an archive leaves it out."""
        if self.mode != stat.S_IFLNK:
            return self.kind
        return "git-annex pointer" if self.content else "link"


class Listed(NamedTuple):
    """A file to be packed: its path below the folder, and its bytes when it was listed."""

    name: str
    size: int


def listed(root: Path) -> tuple[dict[str, Listed], dict[str, _Note]]:
    """Map names in the zip to the files they come from, and to what is only noted.

    Raises:
        ChestbenchError: a file above 2 GiB, thousands of files that are all empty, or see `folder_walk.walk`.
    """
    files: dict[str, Listed] = {}
    notes: dict[str, _Note] = {}
    hidden = total = 0
    with_content: set[str] = set()

    def skips(name: str) -> bool:
        nonlocal hidden
        is_skipped = is_hidden(name)
        if is_skipped and hidden_folder(name) and _holds_something(root / name):
            notes[name_in_zip(name)[0]] = _Note(stat.S_IFIFO, HIDDEN_FOLDER.encode(), HIDDEN_FOLDER)
        hidden += is_skipped
        return is_skipped

    with still_at(f"listing {root.name}"):
        for found in walk(root, "dataset.path", skips):
            name, is_usable = name_in_zip(found.name)
            with_content.add(name.rpartition("/")[0])
            if found.kind == FOLDER:
                notes[name + "/"] = _Note(stat.S_IFDIR)
                continue
            if not is_usable:
                notes[name] = _Note(stat.S_IFIFO, BAD_NAME.encode(), BAD_NAME)
                continue
            if name in files or name in notes:
                raise ChestbenchError(
                    f"dataset.path: expected every name once, received {name!r} in two spellings; rename one"
                )
            if found.kind != FILE:
                notes[name] = _note_of(root / found.name, found.kind)
            elif found.size > most_bytes(name):
                raise ChestbenchError(
                    f"dataset.path: expected images, received {name!r} of {found.size:,} bytes (at most "
                    f"{most_bytes(name):,}); move it out of the folder"
                )
            else:
                files[name] = Listed(found.name, found.size)
                total += found.size
    if len(files) >= _MANY and not total:
        raise ChestbenchError(
            f"dataset.path: expected images, received {len(files):,} files that are all empty; fetch them again"
        )
    if hidden:
        logger.info("left out %d hidden files or folders", hidden)
    # A folder with something in it needs no note of its own.
    return files, {name: note for name, note in notes.items() if name[:-1] not in with_content or name[-1:] != "/"}


def _holds_something(path: Path) -> bool:
    """Tell whether a hidden name is a folder, no link to one, with anything in it that may be listed."""
    try:
        with os.scandir(path) as entries:
            return not path.is_symlink() and any(True for _ in entries)
    except OSError:
        return False


def _note_of(path: Path, kind: str) -> _Note:
    """Return what stands for something that is not read; of a link's target only that it is one of git-annex."""
    if kind not in (BROKEN_LINK, LOOP, LINKED_FOLDER):
        return _Note(stat.S_IFIFO, kind.encode(), kind)
    is_annexed = kind == BROKEN_LINK and ANNEX in path.readlink().as_posix()
    return _Note(stat.S_IFLNK, ANNEX.encode() if is_annexed else b"", kind)


def bytes_bar(total: int, label: str) -> tqdm:
    """Return a bar of bytes."""
    return bar(total, label, "B", unit_scale=True, unit_divisor=1024)


def _opened(root: Path, name: str) -> BinaryIO:
    """Open a listed file, which may be another one, or gone, by now."""
    try:
        return open_regular(root / name)
    except OSError as error:
        raise ChestbenchError(
            f"dataset.path: expected files that stay as they are while they are packed, received {name!r}: "
            f"{error.strerror}; run again"
        ) from None


def copy_bytes(source: BinaryIO, target: IO[bytes], shown: tqdm, name: object) -> None:
    """Copy an open file in pieces: what it held when it was opened.

    Raises:
        ChestbenchError: its length changed meanwhile.
    """
    for piece in pieces(source, name, "dataset.path"):
        target.write(piece)
        shown.update(len(piece))
