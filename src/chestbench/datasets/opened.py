"""A folder or an archive opened where it lies, read as a run would read it, with nothing copied that need not be.

`chestbench look` takes seconds, so a folder is not packed into a zip first: its files go through the gates of those
that are packed, and are read one by one.
"""

import errno
import os
import stat
import tempfile
import zipfile
from pathlib import Path

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.datasets import folder
from chestbench.datasets.archive import ARCHIVE, PACKED_FOLDER, Archive, UnreadableMember, is_hidden, open_archive
from chestbench.datasets.bounds import MAX_MEMBER_BYTES
from chestbench.datasets.packing import listed

# Files of a folder that may hold further pictures; they alone are packed, so that they are opened as a run opens them.
_INNER = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".npz")
_MOST_INNER_BYTES = 2 << 30


class OpenedFolder(Archive):
    """The visible files of a folder, with the interface of `Archive`.

    Attributes:
        path: the folder.
        size: bytes of all files.
        members: names, sorted, with forward slashes, in Unicode NFC; those inside archives too.
        folders: names of all visible folders that are no links, sorted, empty ones as well.
        left_out: what is no member: kind ("link" to a folder, or to nothing; "special file") -> names, sorted.
        unopened: names of archives in it that are too large to be opened for a look; a run opens them.
    """

    def __init__(self, path: Path) -> None:
        """List a folder; nothing is read but the archives in it.

        Raises:
            ChestbenchError: no visible file, a file above 2 GiB, a name that cannot stand in a zip, a part of it that
                may not be listed, or an archive in it that is not safe.
        """
        self.path = path
        self.unopened: list[str] = []
        self._temporary = tempfile.TemporaryDirectory()
        self._inner: Archive | None = None
        self._files, self.folders, self.left_out = _files_of(path)
        try:
            self.size = sum(file.stat().st_size for file in self._files.values())
            inner = {name: file for name, file in self._files.items() if name.lower().endswith(_INNER)}
            if inner:
                self._open(inner)
        except BaseException:
            self.close()
            raise
        self.members = sorted([*self._files, *(self._inner.members if self._inner else [])])

    def close(self) -> None:
        """Give back what was opened; `read` of what lies in archives fails from here on."""
        if self._inner:
            self._inner.close()
        self._temporary.cleanup()

    def read(self, member: str) -> bytes:
        """Return one file's content. Threads may call this at the same time.

        Raises:
            UnreadableMember: it may not be read, is gone, or is no regular file any more.
            KeyError: `member` is not in `members`.
        """
        return self.start(member, MAX_MEMBER_BYTES)

    def start(self, member: str, count: int = 4096) -> bytes:
        """Return the first bytes of a file; see `read`."""
        if self._inner and member not in self._files:
            return self._inner.read(member) if count == MAX_MEMBER_BYTES else self._inner.start(member, count)
        try:
            # The file can be another one by now: a FIFO would wait for ever, a device never end.
            descriptor = os.open(self._files[member], os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            with open(descriptor, "rb") as stream:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise UnreadableMember("no regular file any more")
                return stream.read(count)
        except OSError as error:
            why = "no permission to read it" if error.errno in (errno.EACCES, errno.EPERM) else error.strerror
            raise UnreadableMember(why or "cannot be read") from None

    def size_of(self, member: str) -> int:
        """Return a file's size in bytes; 0 where it is gone."""
        if self._inner and member not in self._files:
            return self._inner.size_of(member)
        try:
            return self._files[member].stat().st_size
        except OSError:
            return 0

    def _open(self, inner: dict[str, Path]) -> None:
        if sum(file.stat().st_size for file in inner.values()) > _MOST_INNER_BYTES:
            self.unopened = sorted(inner)
            return
        target = Path(self._temporary.name) / ARCHIVE
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, strict_timestamps=False) as packed:
            for name, file in inner.items():
                packed.write(file, name)
            packed.comment = PACKED_FOLDER  # so that archives in it are one level less deep
        self._inner = open_archive(target)
        self._files = {name: file for name, file in self._files.items() if name not in inner}
        self.folders = sorted({*self.folders, *self._inner.folders})
        for kind, names in self._inner.left_out.items():
            self.left_out[kind] = sorted([*self.left_out.get(kind, []), *names])


def check_kind(path: Path) -> None:
    """Refuse what is neither a folder nor a regular file before it is opened: a FIFO would wait for ever.

    Raises:
        ChestbenchError: nothing is there, or a device, a FIFO or a socket, or what may not be read.
    """
    wanted = "dataset.path: expected a folder or an archive of images that can be read"
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise ChestbenchError(f"{wanted}, received {str(path)!r}, where there is nothing; correct the path") from None
    except OSError as error:
        raise ChestbenchError(f"{wanted}, received {str(path)!r}: {error.strerror}; correct the path") from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise ChestbenchError(
            f"{wanted}, received {str(path)!r}, which is a device, a pipe or a socket; give a folder or a file"
        )
    wish = os.R_OK | (os.X_OK if stat.S_ISDIR(mode) else 0)
    if not os.access(path, wish, effective_ids=os.access in os.supports_effective_ids):
        raise ChestbenchError(f"{wanted}, received {str(path)!r}, which you may not read; change its permissions")


def open_any(path: Path, dataset: Dataset) -> Archive:
    """Open a folder, or an archive that the source `folder` takes.

    Args:
        path: where `dataset.path` leads; no `~`.
        dataset: its description.

    Raises:
        ChestbenchError: see `check_kind`, `folder.check` and `open_archive`.
    """
    check_kind(path)
    folder.check(dataset)
    return OpenedFolder(path) if path.is_dir() else open_archive(path)


def _files_of(root: Path) -> tuple[dict[str, Path], list[str], dict[str, list[str]]]:
    """Return names in the zip that a run would pack with the files they come from, folders, and what is left out."""
    try:
        files, _ = listed(root)
        folders, left_out = _others_of(root)
    except PermissionError as error:
        place = Path(error.filename or "")
        inside = place.relative_to(root).as_posix() if place.is_relative_to(root) else place.name
        raise ChestbenchError(
            f"dataset.path: expected a folder that can be read, received one whose part {inside!r} may not be listed; "
            "change its permissions"
        ) from None
    if not files:
        raise ChestbenchError(
            f"dataset.path: expected images in folders named after their classes, received {str(root)!r}, a folder "
            "without any visible file; put them there"
        )
    return files, folders, left_out


def _others_of(root: Path) -> tuple[list[str], dict[str, list[str]]]:
    folders: list[str] = []
    left_out: dict[str, list[str]] = {}
    for found, below, names in os.walk(root):
        below[:] = [name for name in below if not is_hidden(name)]
        for name in below:
            path = Path(found, name)
            if path.is_symlink():
                left_out.setdefault("link", []).append(path.relative_to(root).as_posix())
            else:
                folders.append(path.relative_to(root).as_posix())
        for path in (Path(found, name) for name in names if not is_hidden(name)):
            if not path.is_file():
                kind = "link" if path.is_symlink() else "special file"
                left_out.setdefault(kind, []).append(path.relative_to(root).as_posix())
    return sorted(folders), {kind: sorted(names) for kind, names in sorted(left_out.items())}
