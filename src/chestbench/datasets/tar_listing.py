"""What a tar holds, from its headers alone."""

import io
import tarfile

from chestbench.core.bounds import MOST_FILES, MOST_HEADER_BYTES
from chestbench.core.errors import ChestbenchError
from chestbench.datasets import bounds
from chestbench.datasets.byte_source import ByteSource
from chestbench.datasets.entries import PLAIN, Entry, Listing, leave_out_hidden
from chestbench.datasets.headers import Headers, too_many
from chestbench.datasets.member_names import BAD_NAME, is_hidden, member_path, name_in_zip
from chestbench.datasets.zip_listing import ANNEX, most_bytes

_REPACK = "pack the folder again with an ordinary tar program"
_BLOCK = 512


def is_tar(start: bytes) -> bool:
    """Tell by its first 512 bytes, whose header carries a checksum, whether a file is a tar."""
    try:
        tarfile.TarInfo.frombuf(start[:_BLOCK], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def list_tar(where: str, source: ByteSource, number: int) -> Listing:
    """Return what an uncompressed tar holds.

    Links of both kinds, devices, sparse files and names that are no UTF-8 are left out and named.

    Args:
        where: the archive in words, for messages.
        source: its bytes.
        number: of the file that holds it, for the entries.

    Raises:
        ChestbenchError: it is cut off or damaged, or holds members that climb out of it, two of one name, or one above
            the limit.
    """
    listing, last = Listing(), -1
    stream = Headers(source, where, MOST_HEADER_BYTES)
    try:
        with tarfile.open(fileobj=stream, mode="r:", encoding="utf-8", errors="surrogateescape") as opened:  # type: ignore[call-overload]
            listed = 0
            while info := opened.next():
                listed += 1
                if listed > MOST_FILES:
                    raise ChestbenchError(too_many(where, listed))
                stream.begin()
                opened.members = []  # or all that was listed stays in memory twice
                # Headers that lead backwards would be read for ever.
                if info.size < 0 or info.offset_data <= last:
                    raise tarfile.ReadError("a header leads backwards")
                last = info.offset_data
                _list_member(listing, where, source, number, info)
    except (tarfile.TarError, EOFError, OSError, ValueError, OverflowError, MemoryError, RecursionError) as error:
        raise ChestbenchError(
            f"{where}: expected a whole tar, received one that is cut off or damaged ({error}); fetch it again"
        ) from None
    return listing


def commit_in_tar(start: bytes) -> str:
    """Return the comment that `git archive` writes into a tar's first header, "" where there is none.

    Args:
        start: the first unpacked bytes of the tar, some thousand.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(start), mode="r:", errors="surrogateescape") as opened:
            return opened.pax_headers.get("comment", "")
    except (tarfile.TarError, EOFError, OSError, ValueError):
        return ""


def _list_member(listing: Listing, where: str, source: ByteSource, number: int, info: tarfile.TarInfo) -> None:
    if info.isdir() and info.name in (".", "./", ""):
        return
    try:
        clean = member_path(info.name)
    except ValueError:
        raise ChestbenchError(
            f"{where}: expected members inside the archive, received {info.name!r}, which points out of it; "
            f"do not trust this file, or {_REPACK}"
        ) from None
    if is_hidden(clean):
        leave_out_hidden(listing, clean, info.isdir())
        return
    shown, is_usable = name_in_zip(clean)
    if info.isdir():
        listing.folders.add(shown)
    elif not is_usable:
        listing.leave_out(BAD_NAME, shown)
    elif info.issym() or info.islnk():
        listing.leave_out("git-annex pointer" if ANNEX in info.linkname else "link", clean)
    elif not info.isreg() or info.issparse():
        listing.leave_out("special file", clean)
    elif clean in listing.files:
        raise ChestbenchError(f"{where}: expected every name once, received {clean!r} twice; {_REPACK}")
    elif info.offset_data + info.size > source.size:
        raise ChestbenchError(f"{where}: expected a whole tar, received one that is cut off in {clean!r}")
    elif info.size > most_bytes(clean):
        raise ChestbenchError(bounds.bomb(where, repr(clean), info.size, info.size))
    else:
        listing.files[clean] = Entry(number, source.offset + info.offset_data, info.size, info.size, None, PLAIN)
