"""A folder or an archive opened where it lies, read as a run would read it, with nothing copied that need not be.

`chestbench look` takes seconds, so a folder is not packed into a zip first: its files go through the gates of those
that are packed, and are read one by one.
"""

import errno
import os
import shutil
import tempfile
import zipfile
from pathlib import Path

from chestbench.core import budget
from chestbench.core.bounds import MOST_PICTURE_BYTES
from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import FILE, FOLDER, kind_of, open_regular
from chestbench.datasets import folder
from chestbench.datasets.archive import ARCHIVE, PACKED_FOLDER, Archive, UnreadableMember, open_archive, with_parents
from chestbench.datasets.entries import too_large
from chestbench.datasets.packing import Listed, listed, nothing_in

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
            ChestbenchError: no visible file, a file above 2 GiB, a part of it that may not be listed, or an archive in
                it that is not safe.
        """
        self.path = path
        self.unopened: list[str] = []
        self._temporary = tempfile.TemporaryDirectory()
        self._inner: Archive | None = None
        self._files, self.folders, self.left_out = _files_of(path)
        try:
            self.size = sum(file.size for file in self._files.values())
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
        if self._inner and member not in self._files:
            return self._inner.read(member)
        if (size := self.size_of(member)) > MOST_PICTURE_BYTES:
            raise UnreadableMember(too_large(size))
        budget.for_file(size)
        return self.start(member, size)

    def start(self, member: str, count: int = 4096) -> bytes:
        """Return the first bytes of a file; see `read`."""
        if self._inner and member not in self._files:
            return self._inner.start(member, count)
        try:
            with open_regular(self.path / self._files[member].name) as stream:  # it can be another one by now
                return stream.read(count)
        except OSError as error:
            why = "no permission to read it" if error.errno in (errno.EACCES, errno.EPERM) else error.strerror
            raise UnreadableMember(why or "cannot be read") from None

    def size_of(self, member: str) -> int:
        """Return a file's size in bytes as it is now; 0 where it is gone."""
        if self._inner and member not in self._files:
            return self._inner.size_of(member)
        try:
            return (self.path / self._files[member].name).stat().st_size
        except OSError:
            return 0

    def _open(self, inner: dict[str, Listed]) -> None:
        if sum(file.size for file in inner.values()) > _MOST_INNER_BYTES:
            self.unopened = sorted(inner)
            return
        target = Path(self._temporary.name) / ARCHIVE
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, strict_timestamps=False) as packed:
            for name, file in inner.items():
                with open_regular(self.path / file.name) as source, packed.open(name, "w", force_zip64=True) as copy:
                    shutil.copyfileobj(source, copy, 1 << 20)
            packed.comment = PACKED_FOLDER  # so that archives in it are one level less deep
        try:
            self._inner = open_archive(target, may_be_empty=len(inner) < len(self._files))
        except ChestbenchError as error:
            # People know the folder; the file that holds copies of its archives is ours.
            raise ChestbenchError(str(error).replace(f"{target}: ", f"{self.path}/")) from None
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
    kind = kind_of(path)
    if kind == "nothing":
        raise ChestbenchError(f"{wanted}, received {str(path)!r}, where there is nothing; correct the path")
    if kind not in (FILE, FOLDER):
        raise ChestbenchError(f"{wanted}, received {str(path)!r}, which is a {kind}; give a folder or a file")
    wish = os.R_OK | (os.X_OK if kind == FOLDER else 0)
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


def _files_of(root: Path) -> tuple[dict[str, Listed], list[str], dict[str, list[str]]]:
    """Return names in the zip that a run would pack with the files they come from, folders, and what is left out."""
    files, notes = listed(root)
    if not files:
        raise nothing_in(root, notes)
    left_out: dict[str, list[str]] = {}
    for name, note in sorted(notes.items()):
        if note.kind:
            left_out.setdefault(note.left_out_as, []).append(name)
    folders = {name.rstrip("/") for name, note in notes.items() if not note.kind}
    folders |= {name.rpartition("/")[0] for name in (*files, *notes)} - {""}
    return files, sorted(with_parents(folders)), left_out
