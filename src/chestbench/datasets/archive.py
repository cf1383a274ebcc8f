"""Reading images out of an archive without extracting it: safe names, bounded reads, many threads at once.

A zip, a tar (plain, gzip or bzip2) or MedMNIST's npz, told by content; so are those inside it. Members are found once
and then read by offset, so that threads share nothing but a file descriptor and a header that lies about sizes cannot
make a read larger than it says.
"""

import copy
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import FILE, kind_of, open_file
from chestbench.core.progress import still_at
from chestbench.datasets.byte_source import ByteSource
from chestbench.datasets.entries import PIXELS, UnreadableMember, read_entry, read_start
from chestbench.datasets.headers import Headers
from chestbench.datasets.member_names import is_hidden, member_path
from chestbench.datasets.nested import Contents
from chestbench.datasets.tar_listing import commit_in_tar, is_tar
from chestbench.datasets.unpacked import is_compressed, peek

__all__ = ["ARCHIVE", "Archive", "UnreadableMember", "is_hidden", "member_path", "open_archive"]

ARCHIVE = "archive.zip"  # what every source calls the file that it brings, whatever kind of archive it is
PACKED_FOLDER = b"a folder"  # the comment of a zip that `packing.pack` made
_START, _LONG_START = 512, 1 << 14


class Archive:
    """An open archive. Use `open_archive`, best in a `with` block.

    Attributes:
        path: the file.
        size: its size in bytes.
        members: names of the files in it that are not hidden, sorted, with forward slashes, in Unicode NFC; those of
            an inner archive as if it had been unpacked into its own folder.
        folders: names of all folders that are not hidden, sorted, also those without a member.
        left_out: what is no member: kind ("link", "password", "special file", "git-annex pointer",
            "copy in an inner archive", "archive" for one that lies too deep or is empty) -> names, sorted.
        text_encoding: in which its texts are written that are not UTF-8, "" where that is to be found out.
    """

    text_encoding = ""

    def __init__(self, path: Path, contents: Contents) -> None:
        listing = contents.listing
        self.path = path
        self.size = contents.sources[0].size
        self.members = sorted(listing.files)
        named = (name for names in listing.left_out.values() for name in names)
        self.folders = sorted(with_parents({*listing.folders, *_parents(listing.files), *_parents(named)}))
        self.left_out = {kind: sorted(names) for kind, names in sorted(listing.left_out.items())}
        self._entries = listing.files
        self._sources = contents.sources

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __contains__(self, member: str) -> bool:
        return member in self._entries

    def written_in(self, encoding: str) -> "Archive":
        """Return the same archive with `text_encoding`; one `close` closes both."""
        other = copy.copy(self)
        other.text_encoding = encoding
        return other

    def close(self) -> None:
        """Close the file; `read` fails from here on."""
        for source in self._sources:
            source.close()

    def read(self, member: str) -> bytes:
        """Return one member's content. Threads may call this at the same time.

        At most the size that the archive's directory states (and `open_archive` has judged) is ever held.

        Raises:
            UnreadableMember: the bytes are damaged.
            KeyError: `member` is not in `members`.
        """
        entry = self._entries[member]
        return read_entry(self._sources[entry.source], entry)

    def start(self, member: str, count: int = 4096) -> bytes:
        """Return the first bytes of a member, to tell what it is; see `read`."""
        entry = self._entries[member]
        return read_start(self._sources[entry.source], entry, count)

    def size_of(self, member: str) -> int:
        """Return a member's size in bytes as the archive states it."""
        return self._entries[member].size

    @property
    def array_sizes(self) -> set[tuple[int, int]]:
        """Height and width of the pictures that are rows of arrays (MedMNIST); empty for an archive of files."""
        return {(entry.shape[0], entry.shape[1]) for entry in self._entries.values() if entry.how == PIXELS}


def open_archive(path: Path, may_be_empty: bool = False) -> Archive:
    """Open an archive of images after checking the whole directory of it; of a zip no member is unpacked.

    Hidden files (`.name`, `__MACOSX`, `Thumbs.db`, `desktop.ini`) are left out of `members`. Zips, tars and MedMNIST's
    npz inside are read as if unpacked there; a stored one where it lies, another from a temporary file without a name.
    Deeper ones are left out, as are links, devices and members with a password; each is named in `left_out`.

    Args:
        path: the file.
        may_be_empty: whether an archive without any file that can be read is no error; `left_out` then says why.

    Raises:
        ChestbenchError: the file is missing, is no archive, is cut off or empty, or holds members that climb out of it,
            unusually compressed members, two different members of one name, or a zip bomb.
    """
    path = Path(path)
    if (kind := kind_of(path)) != FILE:
        there = kind if kind == "nothing" else f"a {kind}"
        raise ChestbenchError(f"{path}: expected a .zip file, found {there} there; put the archive there")
    contents = Contents(str(path), ByteSource(open_file(path, str(path))))
    try:
        with still_at(f"listing {path.name}"):
            contents.read_all(depth=0 if _is_packed_folder(contents.sources[0]) else 1)
        if not contents.listing.files and not may_be_empty:
            raise ChestbenchError(_nothing_in(path, contents.listing.left_out))
    except BaseException:
        contents.close()
        raise
    return Archive(path, contents)


def is_archive(path: Path) -> bool:
    """Tell by its content whether a regular file is a zip or a tar."""
    with open_file(path, str(path)) as stream:
        source = ByteSource(stream)
        start = source.read_at(0, _START)
        return zipfile.is_zipfile(stream) or is_tar(start) or (is_compressed(start) and is_tar(peek(source, _START)))


def comment_of(path: Path) -> str:
    """Return the comment of a zip, or what `git archive` wrote in its place into a tar; "" where there is none."""
    with open_file(path, str(path)) as stream:
        source = ByteSource(stream)
        if zipfile.is_zipfile(stream):
            try:
                with zipfile.ZipFile(Headers(source, str(path))) as opened:  # type: ignore[arg-type]
                    return opened.comment.decode("ascii", "replace").strip()
            except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
                return ""
        start = source.read_at(0, _LONG_START)
        return commit_in_tar(peek(source, _LONG_START) if is_compressed(start) else start)


def _is_packed_folder(source: ByteSource) -> bool:
    ending = len(PACKED_FOLDER).to_bytes(2, "little") + PACKED_FOLDER
    return source.read_at(max(0, source.size - len(ending)), len(ending)) == ending


def _nothing_in(path: Path, left_out: dict[str, list[str]]) -> str:
    why = "no visible file in it"
    if left_out:
        counts = ", ".join(f"{len(names)} {kind} ({sorted(names)[0]!r})" for kind, names in left_out.items())
        why = f"{why} that can be read: {counts}"
    return f"{path}: expected images in the archive, received an empty one ({why})"


def _parents(names: Iterable[str]) -> set[str]:
    return {name.rpartition("/")[0] for name in names} - {""}


def with_parents(folders: set[str]) -> set[str]:
    level = folders
    while level:
        level = _parents(level)
        folders = folders | level
    return folders
