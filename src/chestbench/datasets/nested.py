"""All that an archive holds, with the archives inside it as if they were unpacked where they lie."""

import zlib
from pathlib import PurePosixPath

from chestbench.core.bounds import MOST_FILES
from chestbench.core.errors import ChestbenchError
from chestbench.datasets import bounds
from chestbench.datasets.byte_source import ByteSource
from chestbench.datasets.entries import DEFLATED, Entry, Listing, UnreadableMember, read_entry, read_start
from chestbench.datasets.headers import too_many
from chestbench.datasets.medmnist import OtherArrays, has_pictures, pictures_of
from chestbench.datasets.tar_listing import is_tar, list_tar
from chestbench.datasets.unpacked import damaged, is_compressed, peek, unpack, unpack_entry
from chestbench.datasets.zip_listing import list_zip

# What says by its name that it is an archive, longest first; its content must say so as well.
_ENDINGS = (".tar.bz2", ".tar.gz", ".tbz2", ".tgz", ".tar", ".zip", ".npz")
_START = 512
COPY, ARCHIVE = "copy in an inner archive", "archive"


class Contents:
    """What was found so far.

    Attributes:
        listing: files, folders and what is left out, by their names in the whole.
        sources: the files that hold the members: the archive itself first, then temporary ones.
        unpacked: bytes in temporary files.
    """

    def __init__(self, where: str, root: ByteSource) -> None:
        self.where = where
        self.listing = Listing()
        self.sources = [root]
        self.unpacked = 0
        self._why_other = ""

    def close(self) -> None:
        """Close all files."""
        for source in self.sources:
            source.close()

    def read_all(self, depth: int) -> None:
        """Read the directory of the whole, whose own depth is 1, or 0 for a folder that was packed.

        Raises:
            ChestbenchError: see `open_archive`.
        """
        root = self.sources[0]
        start = root.read_at(0, _START)
        number, source = 0, root
        if is_compressed(start) and is_tar(peek(root, _START)):
            number, source = self._kept(unpack(self.where, root, root.size))
        listing = self._listed(self.where, number, source)
        if listing.files and all(name.endswith(".npy") for name in listing.files):
            raise ChestbenchError(
                f"{self.where}: expected pictures, or the arrays of MedMNIST (train, val and test _images, uint8 "
                "(N, H, W) or (N, H, W, 3), with _labels, one integer each), received "
                + (self._why_other or f"other arrays: {', '.join(sorted(listing.files)[:6])}")
                + "; save the pictures as PNG, in folders named after their classes, or beside a table with a 0/1 "
                "column for each finding (dataset.labels)"
            )
        self._add(listing, "", depth)
        total = sum(entry.size for entry in self.listing.files.values())
        if bounds.is_too_much(total, root.size):
            raise ChestbenchError(bounds.bomb(self.where, "its members", total, root.size))

    def _listed(self, where: str, number: int, source: ByteSource) -> Listing:
        if is_tar(source.read_at(0, _START)):
            return list_tar(where, source, number)
        listing = list_zip(where, source, number)
        if has_pictures(listing):
            try:
                return pictures_of(listing, lambda entry: self._placed(where, entry))
            except OtherArrays as error:
                self._why_other = str(error)
        return listing

    def _placed(self, where: str, entry: Entry) -> tuple[int, ByteSource]:
        """Return a member as a source, and the number of the file it lies in."""
        source = unpack_entry(where, self.sources[entry.source], entry)
        return self._kept(source) if entry.how == DEFLATED else (entry.source, source)

    def _kept(self, source: ByteSource) -> tuple[int, ByteSource]:
        self.sources.append(source)
        self.unpacked += source.size
        if bounds.is_too_much(self.unpacked, self.sources[0].size):
            raise ChestbenchError(bounds.bomb(self.where, "it", self.unpacked, self.sources[0].size))
        return len(self.sources) - 1, source

    def _add(self, listing: Listing, base: str, depth: int) -> None:
        for kind, names in listing.left_out.items():
            self.listing.left_out.setdefault(kind, []).extend(base + name for name in names)
        self.listing.folders.update(base + name for name in listing.folders)
        in_all = len(self.listing.files) + len(listing.files) + sum(map(len, self.listing.left_out.values()))
        if in_all > MOST_FILES:
            raise ChestbenchError(too_many(self.where, in_all))
        inner = []
        for name, entry in listing.files.items():
            if name.lower().endswith(_ENDINGS):
                inner.append((name, entry))
            else:
                self._add_file(base + name, entry)
        for name, entry in sorted(inner):
            self._add_inner(base + name, entry, depth + 1)

    def _add_file(self, name: str, entry: Entry) -> None:
        before = self.listing.files.setdefault(name, entry)
        if before is entry:
            return
        if not self._are_same(before, entry):
            raise ChestbenchError(
                f"{self.where}: expected every name once, received {name!r} twice with different content: as it is, "
                "and in an inner archive that is read as if it were unpacked; remove or rename one"
            )
        self.listing.leave_out(COPY, name)

    def _are_same(self, one: Entry, other: Entry) -> bool:
        return one.size == other.size and self._checksum(one) == self._checksum(other)

    def _checksum(self, entry: Entry) -> int:
        if entry.crc is not None:
            return entry.crc
        try:
            return zlib.crc32(read_entry(self.sources[entry.source], entry))
        except UnreadableMember:
            return -1

    def _add_inner(self, name: str, entry: Entry, depth: int) -> None:
        """Add what an inner archive holds; one that is none by its content stays a file."""
        where = f"{self.where}: {name}"
        try:
            start = read_start(self.sources[entry.source], entry, _START)
        except UnreadableMember:
            start = b""
        if not (start.startswith(b"PK") or is_tar(start) or is_compressed(start)):
            self._add_file(name, entry)
            return
        if depth > bounds.MAX_DEPTH:
            self.listing.leave_out(ARCHIVE, name)
            return
        number, source = self._placed(where, entry)
        if is_compressed(start):
            first = peek(source, _START)
            if not first:
                raise ChestbenchError(damaged(where, "nothing can be unpacked from it"))
            if not is_tar(first):
                self._add_file(name, entry)
                return
            number, source = self._kept(unpack(where, source, self.sources[0].size))
        listing = self._listed(where, number, source)
        if not name.lower().endswith(".npz") or not any(member.endswith(".npy") for member in listing.files):
            self._add_all(name, listing, depth)
        else:
            self._add_file(name, entry)  # arrays of another kind

    def _lies_unpacked(self, listing: Listing) -> bool:
        """Tell whether all files of an inner archive lie unpacked in one place, below folders of the same names.

        People leave the archive beside what they unpacked from it. Files without a folder are no such copy: the name of
        the archive may be what tells their class.
        """
        first = min(listing.files, default="")
        if not all("/" in name for name in listing.files) or not first:
            return False
        places = [name.removesuffix(first) for name in self.listing.files if f"/{name}".endswith(f"/{first}")]
        return any(
            all(
                (before := self.listing.files.get(place + name)) is not None and self._are_same(before, entry)
                for name, entry in listing.files.items()
            )
            for place in places
        )

    def _add_all(self, name: str, listing: Listing, depth: int) -> None:
        if not listing.files and not listing.left_out:
            self.listing.leave_out(ARCHIVE, name)
            return
        folder, slash, last = name.rpartition("/")
        stem = next(last[: -len(ending)] for ending in _ENDINGS if last.lower().endswith(ending)) or last
        tops = {PurePosixPath(member).parts[0] for member in (*listing.files, *listing.folders)}
        lies_in_stem = tops == {stem} and stem not in listing.files
        if self._lies_unpacked(listing):
            for kind, names in ({COPY: list(listing.files)} | listing.left_out).items():
                self.listing.left_out.setdefault(kind, []).extend(f"{name}/{member}" for member in names)
            return
        self._add(listing, folder + slash if lies_in_stem else f"{folder}{slash}{stem}/", depth)
