"""Archives in archives that are compressed themselves: unpacked once, in bounds, to temporary files without a name."""

import bz2
import errno
import gzip
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from chestbench.core.errors import ChestbenchError
from chestbench.datasets import bounds
from chestbench.datasets.byte_source import ByteSource
from chestbench.datasets.entries import DEFLATED, Entry, UnreadableMember, data_start

_CHUNK = 1 << 20
_OPENERS: dict[bytes, Callable[[BinaryIO], BinaryIO]] = {
    b"\x1f\x8b": lambda stream: gzip.GzipFile(fileobj=stream, mode="rb"),  # type: ignore[dict-item,return-value]
    b"BZh": lambda stream: bz2.BZ2File(stream),  # type: ignore[dict-item,return-value]
}


def is_compressed(start: bytes) -> bool:
    """Tell by its first bytes whether a file is packed by gzip or bzip2."""
    return any(start.startswith(magic) for magic in _OPENERS)


def peek(source: ByteSource, count: int) -> bytes:
    """Return the first unpacked bytes of a gzip or bzip2 file, b"" where they are damaged."""
    try:
        with source.as_file() as packed, _opened(packed, source) as stream:
            return stream.read(count)
    except (OSError, EOFError, zlib.error, ValueError):
        return b""


def unpack(where: str, source: ByteSource, packed_in_all: int) -> ByteSource:
    """Unpack a gzip or bzip2 file.

    Args:
        where: it in words, for messages.
        source: its bytes.
        packed_in_all: bytes of the whole data set as it came; no archive in it may unpack to too many times these.

    Raises:
        ChestbenchError: it is damaged, would unpack to more than it should, or the disk is too small.
    """

    def chunks() -> Iterator[bytes]:
        total = 0
        with source.as_file() as packed, _opened(packed, source) as stream:
            while chunk := stream.read(_CHUNK):
                total += len(chunk)
                if bounds.is_too_much(total, packed_in_all) or total > bounds.MAX_INNER_BYTES:
                    raise ChestbenchError(bounds.bomb(where, "it", total, source.size))
                yield chunk

    return _written(where, chunks(), source.size)


def unpack_entry(where: str, source: ByteSource, entry: Entry) -> ByteSource:
    """Return an inner archive, or an array, where it can be read by offset: in place, or unpacked to a file.

    Args:
        where: it in words, for messages.
        source: the whole file that holds it.
        entry: the member of a zip or tar; its sizes have been judged.

    Raises:
        ChestbenchError: it is damaged, or the disk is too small.
    """
    try:
        start = data_start(source, entry)
    except UnreadableMember as error:
        raise ChestbenchError(damaged(where, error.reason)) from None
    if entry.how != DEFLATED:
        return source.window(start, entry.packed)

    def chunks() -> Iterator[bytes]:
        decoder, crc, total = zlib.decompressobj(-zlib.MAX_WBITS), 0, 0
        for offset in range(0, entry.packed, _CHUNK):
            waiting = source.read_at(start + offset, min(_CHUNK, entry.packed - offset))
            while waiting:
                chunk = decoder.decompress(waiting, _CHUNK)
                waiting, total, crc = decoder.unconsumed_tail, total + len(chunk), zlib.crc32(chunk, crc)
                if total > entry.size:
                    raise UnreadableMember("it is larger than it states")
                yield chunk
                if decoder.eof:
                    break
        rest = decoder.flush()
        if total + len(rest) != entry.size or zlib.crc32(rest, crc) != entry.crc:
            raise UnreadableMember("checksum does not match")
        yield rest

    return _written(where, chunks(), entry.size)


def _opened(packed: BinaryIO, source: ByteSource) -> BinaryIO:
    start = source.read_at(0, 3)
    return next(opener(packed) for magic, opener in _OPENERS.items() if start.startswith(magic))


def _written(where: str, chunks: Iterator[bytes], at_least: int) -> ByteSource:
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if free < at_least:
        raise ChestbenchError(_no_room(where, at_least, free))
    stream = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the archive)
    try:
        for chunk in chunks:
            stream.write(chunk)
        stream.flush()
    except (UnreadableMember, zlib.error, EOFError) as error:
        stream.close()
        raise ChestbenchError(damaged(where, str(error))) from None
    except OSError as error:
        stream.close()
        if error.errno == errno.ENOSPC:
            raise ChestbenchError(_no_room(where, at_least, shutil.disk_usage(folder).free)) from None
        raise ChestbenchError(damaged(where, str(error))) from None
    except BaseException:
        stream.close()
        raise
    return ByteSource(stream)


def damaged(where: str, reason: str) -> str:
    """Return the message on an archive that is not whole."""
    return f"{where}: expected a whole archive, received one that is cut off or damaged ({reason}); fetch it again"


def _no_room(where: str, needed: int, free: int) -> str:
    return (
        f"{where}: expected room to unpack it once ({needed / 1e9:.1f} GB or more) in the folder for temporary files, "
        f"found {free / 1e9:.1f} GB free; set TMPDIR to a folder on a larger disk"
    )
