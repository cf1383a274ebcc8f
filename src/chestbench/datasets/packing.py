"""A folder as a zip that depends on names and contents only: sorted, fixed times and permissions, nothing compressed.

So the same pictures give the same bytes on every machine.
"""

import logging
import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from tqdm import tqdm

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import CHUNK_BYTES
from chestbench.core.progress import bar
from chestbench.datasets.archive import PACKED_FOLDER, is_hidden, member_path, open_archive
from chestbench.datasets.zip_listing import ANNEX, most_bytes

logger = logging.getLogger(__name__)

# The earliest time a zip can hold.
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


def pack(root: Path, target: Path) -> int:
    """Write every visible file under `root` into a stored zip, the same bytes whatever order or times files have.

    Links to files are followed. Links to folders are left out with a warning: DVC does not look behind them either,
    so changes there would go unnoticed. Hidden files and folders, broken links and special files are left out. What is
    left out but not hidden, and folders without a file, stand in the zip by their names, so that the catalog can tell.

    Returns:
        The number of files packed.

    Raises:
        ChestbenchError: no file, a file above 2 GiB, or a name that cannot stand in a zip.
    """
    files, notes = _listed(root)
    if not files:
        raise ChestbenchError(
            f"dataset.path: expected images in folders named after their classes, received {str(root)!r}, a folder "
            "without any visible file; put them there"
        )
    total = sum(path.stat().st_size for path in files.values())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as zipped, bytes_bar(total, "pack") as shown:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            info.file_size = files[name].stat().st_size
            with open(files[name], "rb") as source, zipped.open(info, "w") as member:
                copy_bytes(source, member, shown)
        for name in sorted(notes):
            info = zipfile.ZipInfo(name, _FIXED_TIME)
            info.create_system = 3
            info.external_attr = (notes[name].mode | 0o755) << 16
            zipped.writestr(info, notes[name].content)
        zipped.comment = PACKED_FOLDER
    open_archive(target).close()
    return len(files)


class _Note(NamedTuple):
    """What stands in the zip in place of something that is not packed: a folder, or a link or device without a file."""

    mode: int
    content: bytes = b""


def _listed(root: Path) -> tuple[dict[str, Path], dict[str, _Note]]:
    """Map names in the zip to the files they come from, and to what is only noted."""
    found: dict[str, Path] = {}
    notes: dict[str, _Note] = {}
    for path, note in _visible(root):
        name = _name_in_zip(path.relative_to(root))
        if name in found or name in notes:
            raise ChestbenchError(
                f"dataset.path: expected every name once, received {name!r} in two spellings; rename one"
            )
        if note:
            notes[name + "/" if note.mode == stat.S_IFDIR else name] = note
            continue
        if (size := path.stat().st_size) > most_bytes(name):
            raise ChestbenchError(
                f"dataset.path: expected images, received {name!r} of {size:,} bytes (at most {most_bytes(name):,}); "
                "move it out of the folder"
            )
        found[name] = path
    return found, notes


def _name_in_zip(relative: Path) -> str:
    try:
        if any("\\" in part for part in relative.parts):
            raise ValueError("a backslash would be read as a folder")
        name = member_path(relative.as_posix())
        name.encode("utf-8")
    except ValueError:
        raise ChestbenchError(
            "dataset.path: expected file names in UTF-8 without backslashes and drive letters, received "
            f"{os.fsencode(relative)!r}; rename it"
        ) from None
    return name


def _visible(root: Path) -> Iterator[tuple[Path, _Note | None]]:
    """Yield files to pack, and with a note what is not packed."""
    hidden = 0
    for found, subfolders, names in os.walk(root, onerror=_raise):
        folder = Path(found)
        links = [name for name in subfolders if (folder / name).is_symlink()]
        for name in links:
            if not is_hidden(name):
                logger.warning("left out %s: links to folders are not followed", folder / name)
                yield folder / name, _Note(stat.S_IFLNK)
        subfolders[:] = [name for name in subfolders if name not in links and not is_hidden(name)]
        if not subfolders and not any(not is_hidden(name) for name in (*names, *links)) and folder != root:
            yield folder, _Note(stat.S_IFDIR)
        for name in names:
            if is_hidden(name):
                hidden += 1
            elif (folder / name).is_file():
                yield folder / name, None
            else:
                logger.warning("left out %s: a broken link or not a regular file", folder / name)
                yield folder / name, _note_of(folder / name)
    if hidden:
        logger.info("left out %d hidden files", hidden)


def _note_of(path: Path) -> _Note:
    """Return what stands for a broken link or a device; of a link's target only that it is one of git-annex."""
    if not path.is_symlink():
        return _Note(stat.S_IFIFO)
    return _Note(stat.S_IFLNK, ANNEX.encode() if ANNEX in path.readlink().as_posix() else b"")


def _raise(error: OSError) -> None:
    raise error


def bytes_bar(total: int, label: str) -> tqdm:
    """Return a bar of bytes."""
    return bar(total, label, "B", unit_scale=True, unit_divisor=1024)


def copy_bytes(source: IO[bytes], target: IO[bytes], shown: tqdm) -> None:
    """Copy an open file in pieces."""
    while chunk := source.read(CHUNK_BYTES):
        target.write(chunk)
        shown.update(len(chunk))
