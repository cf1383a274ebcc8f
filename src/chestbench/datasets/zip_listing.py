"""What a zip holds, from its directory alone: no member is unpacked."""

import stat
import struct
import zipfile

from chestbench.core.errors import ChestbenchError
from chestbench.core.gate import FORBIDDEN
from chestbench.datasets import bounds
from chestbench.datasets.byte_source import ByteSource
from chestbench.datasets.entries import DEFLATED, STORED, Entry, Listing, UnreadableMember, leave_out_hidden, read_entry
from chestbench.datasets.headers import Headers
from chestbench.datasets.member_names import BAD_NAME, HIDDEN_FOLDER, encoding_of, is_hidden, member_path

REPACK = "pack the folder again with an ordinary zip program"
# Read by their start alone or where they lie, never whole into memory: these may be larger.
_LARGE_ENDINGS = (".zip", ".npz", ".npy", ".tar", ".tgz", ".tbz2", ".gz", ".bz2")
ANNEX = "annex/objects"  # in a link or pointer of git-annex
SPECIAL = "special file"
NOT_PACKED = ("FIFO", "socket", "device", FORBIDDEN, BAD_NAME)
_LONGEST_LINK = 4096
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1


def most_bytes(name: str) -> int:
    """Return how large a member of this name may be."""
    return bounds.MAX_INNER_BYTES if name.lower().endswith(_LARGE_ENDINGS) else bounds.MAX_MEMBER_BYTES


def list_zip(where: str, source: ByteSource, number: int) -> Listing:
    """Return what a zip holds.

    Names that a Windows program wrote without the UTF-8 mark are read as UTF-8 or Korean (cp949) where they are that,
    else cp437; backslashes in them count as slashes. Links, devices and encrypted members are left out and named.

    Args:
        where: the archive in words, for messages.
        source: its bytes.
        number: of the file that holds it, for the entries.

    Raises:
        ChestbenchError: it is not a zip, is cut off, or holds members that climb out of it, unusual compression, two
            members of one name, or a zip bomb.
    """
    try:
        with Headers(source, where) as stream, zipfile.ZipFile(stream) as opened:
            infos = opened.infolist()
    except UnicodeDecodeError:
        raise ChestbenchError(f"{where}: expected member names in UTF-8, received other bytes; {REPACK}") from None
    except (zipfile.BadZipFile, struct.error, NotImplementedError, OSError, ValueError) as error:
        raise ChestbenchError(_why_not_a_zip(where, source, error)) from None
    listing = Listing()
    encoding = encoding_of(info.orig_filename.encode("cp437") for info in infos if not info.flag_bits & _UTF8_FLAG)
    for info in infos:
        _list_member(listing, where, source, number, info, encoding)
    total = sum(entry.size for entry in listing.files.values())
    if bounds.is_too_much(total, source.size):
        raise ChestbenchError(bounds.bomb(where, "its members", total, source.size))
    return listing


def _list_member(
    listing: Listing, where: str, source: ByteSource, number: int, info: zipfile.ZipInfo, encoding: str
) -> None:
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        name = info.orig_filename.encode("cp437").decode(encoding).split("\0")[0]
    try:
        clean = member_path(name)
    except ValueError:
        raise ChestbenchError(
            f"{where}: expected members inside the archive, received {name!r}, which points out of it; "
            f"do not trust this file, or {REPACK}"
        ) from None
    kind = stat.S_IFMT(info.external_attr >> 16)
    if is_hidden(clean):
        is_note = kind not in (0, stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR)
        if is_note and _kind_of_special(source, info) == HIDDEN_FOLDER:
            listing.leave_out(HIDDEN_FOLDER, clean)
        else:
            leave_out_hidden(listing, clean, is_folder=kind == stat.S_IFDIR or name.endswith(("/", "\\")))
        return
    if kind != stat.S_IFLNK and (kind == stat.S_IFDIR or name.endswith(("/", "\\"))):
        listing.folders.add(clean)
        return
    if clean in listing.files:
        raise ChestbenchError(f"{where}: expected every name once, received {clean!r} twice; {REPACK}")
    if kind not in (0, stat.S_IFREG, stat.S_IFLNK):
        listing.leave_out(_kind_of_special(source, info), clean)
    elif info.flag_bits & _ENCRYPTED_FLAG:
        listing.leave_out("password", clean)
    else:
        _check_member(where, clean, info, source.size)
        how = DEFLATED if info.compress_type == zipfile.ZIP_DEFLATED else STORED
        start = source.offset + info.header_offset
        entry = Entry(number, start, info.compress_size, info.file_size, info.CRC, how)
        if kind == stat.S_IFLNK:
            listing.leave_out(_kind_of_link(source, entry), clean)
        else:
            listing.files[clean] = entry


def _kind_of_link(source: ByteSource, entry: Entry) -> str:
    """Tell a link of git-annex, whose content was not fetched, from any other; none is ever followed."""
    try:
        target = read_entry(source.whole(), entry) if entry.size <= _LONGEST_LINK else b""
    except UnreadableMember:
        return "link"
    return "git-annex pointer" if ANNEX.encode() in target else "link"


def _kind_of_special(source: ByteSource, info: zipfile.ZipInfo) -> str:
    """Return what `packing.pack` wrote of something that it could not pack, "special file" of other programs."""
    entry = Entry(0, source.offset + info.header_offset, info.compress_size, info.file_size, info.CRC, STORED)
    if info.compress_type != zipfile.ZIP_STORED or not 0 < info.file_size <= _LONGEST_LINK:
        return SPECIAL
    try:
        written = read_entry(source.whole(), entry).decode("ascii", "replace")
    except UnreadableMember:
        return SPECIAL
    return written if written in (*NOT_PACKED, HIDDEN_FOLDER) else SPECIAL


def _check_member(where: str, name: str, info: zipfile.ZipInfo, bytes_in_file: int) -> None:
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ChestbenchError(
            f"{where}: expected members stored or deflated, received {name!r} with compression method "
            f"{info.compress_type}; {REPACK}"
        )
    if info.header_offset < 0 or info.header_offset + info.compress_size > bytes_in_file:
        raise ChestbenchError(
            f"{where}: expected a whole zip, received one that is cut off before {name!r}; fetch it again"
        )
    if info.file_size > most_bytes(name):
        raise ChestbenchError(bounds.bomb(where, repr(name), info.file_size, info.compress_size))
    if info.file_size > bounds.SMALL_MEMBER_BYTES and info.file_size > bounds.MAX_RATIO * info.compress_size:
        raise ChestbenchError(bounds.bomb(where, repr(name), info.file_size, info.compress_size))
    if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
        raise ChestbenchError(f"{where}: expected a sound zip, received two different sizes for {name!r}; {REPACK}")


def _why_not_a_zip(where: str, source: ByteSource, error: Exception) -> str:
    if source.read_at(0, 4) == b"PK\x03\x04":
        return (
            f"{where}: expected a whole zip, received one that is cut off or damaged ({error}; "
            f"{source.size:,} bytes); copy or download it again"
        )
    return f"{where}: expected a zip archive, received a file that is not one ({error}); {REPACK}"
