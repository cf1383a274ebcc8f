"""Where one member's bytes lie, and how they are had from there."""

import math
import struct
import zlib
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from chestbench.core import budget
from chestbench.core.bounds import MOST_PICTURE_BYTES
from chestbench.datasets.byte_source import ByteSource
from chestbench.datasets.member_names import HIDDEN_FOLDER, hidden_folder
from chestbench.datasets.png import encode_png

STORED, DEFLATED, PLAIN, PIXELS = "stored", "deflated", "plain", "pixels"
_LOCAL_HEADER = struct.Struct("<4s22xHH")


class UnreadableMember(Exception):
    """One member's bytes are damaged; the others may be fine, so callers record it and go on.

    Attributes:
        reason: a few words without the member's name, such as "checksum does not match".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def too_large(size: int) -> str:
    """Return the reason why a file is not read whole."""
    return f"too large: {size:,} bytes, at most {MOST_PICTURE_BYTES // 1_000_000} million are read"


class Entry(NamedTuple):
    """A member.

    Attributes:
        source: number of the file that holds it.
        offset: where it begins there: for `STORED` and `DEFLATED` its local header of a zip, else its bytes.
        packed, size: bytes there, and unpacked.
        crc: of the unpacked bytes, None where the archive states none.
        how: STORED, DEFLATED, PLAIN, or PIXELS (values of an array, read as PNG).
        shape: of PIXELS, (H, W) or (H, W, 3).
    """

    source: int
    offset: int
    packed: int
    size: int
    crc: int | None
    how: str
    shape: tuple[int, ...] = ()


@dataclass
class Listing:
    """What one archive holds, by clean names of its own.

    Attributes:
        files: what can be read.
        folders: names of folders that it lists.
        left_out: kind ("link", "password", ...) -> names.
    """

    files: dict[str, Entry] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def leave_out(self, kind: str, name: str) -> None:
        """Count a member that is not read."""
        self.left_out.setdefault(kind, []).append(name)


def leave_out_hidden(listing: Listing, name: str, is_folder: bool) -> None:
    """Name the folder that hides a file: one entry for all that it holds."""
    folder = "" if is_folder else hidden_folder(name)
    if folder and folder != name and folder not in listing.left_out.get(HIDDEN_FOLDER, ()):
        listing.leave_out(HIDDEN_FOLDER, folder)


def data_start(source: ByteSource, entry: Entry) -> int:
    """Return where a member's packed bytes begin in its file.

    Raises:
        UnreadableMember: there is no local header of a zip where there should be one.
    """
    if entry.how not in (STORED, DEFLATED):
        return entry.offset
    header = source.read_at(entry.offset, _LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
        raise UnreadableMember("damaged zip entry: no local header where the directory says")
    _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    return entry.offset + _LOCAL_HEADER.size + int(name_length) + int(extra_length)


def read_entry(source: ByteSource, entry: Entry) -> bytes:
    """Return a member's content, never more than `entry.size` states.

    Raises:
        UnreadableMember: the bytes are damaged.
    """
    if max(entry.size, entry.packed) > MOST_PICTURE_BYTES:
        raise UnreadableMember(too_large(max(entry.size, entry.packed)))
    budget.for_file(entry.size + (entry.packed if entry.how == DEFLATED else 0))
    data = source.read_at(data_start(source, entry), entry.packed)
    if len(data) < entry.packed:
        raise UnreadableMember("damaged zip entry: cut off")
    if entry.how == DEFLATED:
        data = inflate(data, entry.size)
    if len(data) != entry.size or (entry.crc is not None and zlib.crc32(data) != entry.crc):
        raise UnreadableMember("damaged zip entry: checksum does not match")
    if entry.how == PIXELS:
        pixels = np.frombuffer(data, np.uint8).reshape(entry.shape)
        return encode_png(pixels, "colour" if pixels.ndim == 3 else "grey")
    return data


def read_start(source: ByteSource, entry: Entry, count: int) -> bytes:
    """Return the first bytes of a member, `count` or all there are; damage behind them is not noticed.

    Raises:
        UnreadableMember: they are damaged.
    """
    if entry.how == PIXELS:
        return read_entry(source, entry)[:count]
    start = data_start(source, entry)
    if entry.how != DEFLATED:
        return source.read_at(start, min(count, entry.packed))
    # Deflate grows nothing but by a few bytes per block, so that this is enough to fill `count`.
    packed = source.read_at(start, min(entry.packed, count + count // 8 + 1024))
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, min(count, entry.size) or 1)[: entry.size]
    except zlib.error as error:
        raise UnreadableMember(f"damaged zip entry: {error}") from None


def pixels_entry(array: Entry, start: int, shape: tuple[int, ...], row: int) -> Entry:
    """Return the entry of one picture of an array whose values begin at `start` of the array's file."""
    size = math.prod(shape)
    return Entry(array.source, start + row * size, size, size, None, PIXELS, shape)


def inflate(data: bytes, size: int) -> bytes:
    """Undo raw deflate, never producing more than one byte above `size`."""
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return decoder.decompress(data, size + 1)
    except zlib.error as error:
        raise UnreadableMember(f"damaged zip entry: {error}") from None
