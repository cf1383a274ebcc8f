"""Reading images out of a zip without extracting it: safe names, bounded reads, many threads at once.

Members are found once with `zipfile` and then read by offset, so that threads share nothing but a file descriptor
and a header that lies about sizes cannot make a read larger than it says.
"""

import os
import re
import stat
import struct
import threading
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from chestbench.core.errors import ChestbenchError

ARCHIVE = "archive.zip"  # what every source calls the file that it brings
MAX_MEMBER_BYTES = 2 << 30
# Deflate cannot pack more than 1032:1; pictures stay below 100:1. Small members are let through: they cannot hurt.
MAX_RATIO = 200
SMALL_MEMBER_BYTES = 64 << 20
SMALL_ARCHIVE_BYTES = 1 << 30

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_HIDDEN_NAMES = {"__macosx", "thumbs.db", "desktop.ini"}
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_REPACK = "pack the folder again with an ordinary zip program"


class UnreadableMember(Exception):
    """One member's bytes are damaged; the others may be fine, so callers record it and go on.

    Attributes:
        reason: a few words without the member's name, such as "checksum does not match".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Entry(NamedTuple):
    offset: int
    packed: int
    size: int
    crc: int
    deflated: bool


class Archive:
    """An open zip. Use `open_archive`, best in a `with` block.

    Attributes:
        path: the zip file.
        size: its size in bytes.
        members: names of the files in it that are not hidden, sorted, with forward slashes, in Unicode NFC.
    """

    def __init__(self, path: Path, entries: dict[str, _Entry]) -> None:
        self.path = path
        self.members = sorted(entries)
        self._entries = entries
        self._stream = open(path, "rb")  # noqa: SIM115 (closed by `close`)
        self._lock = threading.Lock()
        self.size = os.fstat(self._stream.fileno()).st_size

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; `read` fails from here on."""
        self._stream.close()

    def read(self, member: str) -> bytes:
        """Return one member's content. Threads may call this at the same time.

        At most the size that the archive's directory states (and `open_archive` has judged) is ever held.

        Raises:
            UnreadableMember: the bytes are damaged.
            KeyError: `member` is not in `members`.
        """
        entry = self._entries[member]
        header = self._read_at(entry.offset, _LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
            raise UnreadableMember("damaged zip entry: no local header where the directory says")
        _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        start = entry.offset + _LOCAL_HEADER.size + name_length + extra_length
        data = self._read_at(start, entry.packed)
        if len(data) < entry.packed:
            raise UnreadableMember("damaged zip entry: cut off")
        if entry.deflated:
            data = _inflate(data, entry.size)
        if len(data) != entry.size or zlib.crc32(data) != entry.crc:
            raise UnreadableMember("damaged zip entry: checksum does not match")
        return data

    def _read_at(self, offset: int, count: int) -> bytes:
        if hasattr(os, "pread"):
            parts, missing = [], count
            while missing and (part := os.pread(self._stream.fileno(), missing, offset + count - missing)):
                parts.append(part)
                missing -= len(part)
            return parts[0] if len(parts) == 1 else b"".join(parts)
        with self._lock:
            self._stream.seek(offset)
            return self._stream.read(count)


def open_archive(path: Path) -> Archive:
    """Open a zip of images after checking the whole directory of it; no member is unpacked.

    Hidden files (`.name`, `__MACOSX`, `Thumbs.db`, `desktop.ini`) and folders are left out of `members`. Names that a
    Windows program wrote without the UTF-8 mark are read as UTF-8 or Korean (cp949) where they are that, else cp437;
    backslashes in them count as slashes.

    Raises:
        ChestbenchError: the file is missing, is not a zip, is cut off or empty, or holds members that climb out of it,
            links, encrypted or unusually compressed members, two members of one name, or a zip bomb.
    """
    path = Path(path)
    if not path.is_file():
        raise ChestbenchError(f"{path}: expected a .zip file, found {'a folder' if path.is_dir() else 'nothing'} there")
    try:
        with zipfile.ZipFile(path) as opened:
            entries = _checked_entries(path, opened.infolist())
    except UnicodeDecodeError:
        raise ChestbenchError(f"{path}: expected member names in UTF-8, received other bytes; {_REPACK}") from None
    except (zipfile.BadZipFile, struct.error, NotImplementedError) as error:
        raise ChestbenchError(_why_not_a_zip(path, error)) from None
    if not entries:
        raise ChestbenchError(f"{path}: expected images in the archive, received an empty one (no visible file in it)")
    return Archive(path, entries)


def member_path(name: str) -> str:
    """Return a member's name in its one clean form: forward slashes, no `.` or empty parts, Unicode NFC.

    Raises:
        ValueError: the name is absolute, has a drive letter, climbs with `..`, or is empty.
    """
    posix = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = [part for part in posix.split("/") if part not in ("", ".")]
    if posix.startswith("/") or re.match(r"[A-Za-z]:", posix) or ".." in parts or not parts:
        raise ValueError(f"expected a name inside the archive, received {name!r}")
    return "/".join(parts)


def is_hidden(name: str) -> bool:
    """Tell whether any part of a clean name is a hidden file or folder, or left there by an operating system."""
    return any(part.startswith(".") or part.lower() in _HIDDEN_NAMES for part in name.split("/"))


def _checked_entries(path: Path, infos: list[zipfile.ZipInfo]) -> dict[str, _Entry]:
    bytes_in_file = path.stat().st_size
    encoding = _encoding_of(info.orig_filename.encode("cp437") for info in infos if not info.flag_bits & _UTF8_FLAG)
    entries: dict[str, _Entry] = {}
    total = 0
    for info in infos:
        name = info.filename
        if not info.flag_bits & _UTF8_FLAG:
            name = info.orig_filename.encode("cp437").decode(encoding).split("\0")[0]
        try:
            clean = member_path(name)
        except ValueError:
            raise ChestbenchError(
                f"{path}: expected members inside the archive, received {name!r}, which points out of it; "
                f"do not trust this file, or {_REPACK}"
            ) from None
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise ChestbenchError(
                f"{path}: expected files and folders, received a link or device {name!r}; "
                f"{_REPACK}, with files in place of links"
            )
        if name.endswith(("/", "\\")) or kind == stat.S_IFDIR or is_hidden(clean):
            continue
        if clean in entries:
            raise ChestbenchError(f"{path}: expected every name once, received {clean!r} twice; {_REPACK}")
        total += info.file_size
        _check_member(path, clean, info, bytes_in_file)
        deflated = info.compress_type == zipfile.ZIP_DEFLATED
        entries[clean] = _Entry(info.header_offset, info.compress_size, info.file_size, info.CRC, deflated)
    if total > SMALL_ARCHIVE_BYTES and total > MAX_RATIO * bytes_in_file:
        raise ChestbenchError(_bomb(path, "its members", total, bytes_in_file))
    return entries


def _check_member(path: Path, name: str, info: zipfile.ZipInfo, bytes_in_file: int) -> None:
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise ChestbenchError(f"{path}: expected members without a password, received {name!r} encrypted; {_REPACK}")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ChestbenchError(
            f"{path}: expected members stored or deflated, received {name!r} with compression method "
            f"{info.compress_type}; {_REPACK}"
        )
    if info.header_offset < 0 or info.header_offset + info.compress_size > bytes_in_file:
        raise ChestbenchError(
            f"{path}: expected a whole zip, received one that is cut off before {name!r}; fetch it again"
        )
    if info.file_size > MAX_MEMBER_BYTES:
        raise ChestbenchError(_bomb(path, repr(name), info.file_size, info.compress_size))
    if info.file_size > SMALL_MEMBER_BYTES and info.file_size > MAX_RATIO * info.compress_size:
        raise ChestbenchError(_bomb(path, repr(name), info.file_size, info.compress_size))
    if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
        raise ChestbenchError(f"{path}: expected a sound zip, received two different sizes for {name!r}; {_REPACK}")


def _bomb(path: Path, what: str, unpacked: int, packed: int) -> str:
    return (
        f"{path}: expected images, received what looks like a zip bomb: {what} would unpack from {packed:,} to "
        f"{unpacked:,} bytes (limits: {MAX_MEMBER_BYTES:,} bytes a member, {MAX_RATIO}:1); do not trust this file"
    )


def _why_not_a_zip(path: Path, error: Exception) -> str:
    with open(path, "rb") as stream:
        start = stream.read(4)
    if start == b"PK\x03\x04":
        return (
            f"{path}: expected a whole zip, received one that is cut off or damaged ({error}; "
            f"{path.stat().st_size:,} bytes); copy or download it again"
        )
    return f"{path}: expected a zip archive, received a file that is not one ({error}); {_REPACK}"


def _encoding_of(raw_names: Iterable[bytes]) -> str:
    """Guess how names without the UTF-8 mark were written: "utf-8", "cp949" or "cp437", for the archive as a whole."""
    text = b"\n".join(raw_names)
    try:
        text.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        foreign = [character.encode("cp949") for character in text.decode("cp949") if ord(character) > 127]
    except UnicodeDecodeError:
        return "cp437"
    # A western accent and the letter after it also pass for a rare Korean syllable; Korean words use common ones,
    # whose two bytes are both above 0xA0.
    common = sum(min(pair) > 0xA0 for pair in foreign)
    return "cp949" if common * 2 > len(foreign) else "cp437"


def _inflate(data: bytes, size: int) -> bytes:
    """Undo raw deflate, never producing more than one byte above `size`."""
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return decoder.decompress(data, size + 1)
    except zlib.error as error:
        raise UnreadableMember(f"damaged zip entry: {error}") from None
