"""The headers of an archive, read by the standard library from a stream that gives no more than headers have.

`zipfile` reads the whole directory at once and makes an object of each entry; `tarfile` reads what a header states as
the length of a name, and looks for numbers of sparse files to the end and beyond. Both believe what the file says.
"""

import os
from types import TracebackType

from chestbench.core.bounds import MOST_DIRECTORY_BYTES, MOST_FILES, MOST_HEADER_BYTES
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.byte_source import ByteSource

_ENTRY = b"PK\x01\x02"
_SMALL = 1 << 20


class Headers:
    """A stream of an archive's bytes.

    Args:
        source: the archive.
        where: it in words, for messages.
        at_most: bytes that may be read until `begin` is called anew; None: any number of them, MOST_DIRECTORY_BYTES at
            a time, with MOST_FILES entries of a zip's directory.
    """

    def __init__(self, source: ByteSource, where: str, at_most: int | None = None) -> None:
        self._source, self._where, self._at_most = source, where, at_most
        self._at = self._count = self._empty = 0

    def __enter__(self) -> "Headers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the file open."""

    def begin(self) -> None:
        """Count the bytes of the next header."""
        self._count = self._empty = 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._source.size}[whence]
        if start + offset < 0:
            raise OSError("expected a place inside the file")
        self._at = start + offset
        return self._at

    def read(self, count: int = -1) -> bytes:
        """Return `count` bytes, fewer at the end.

        Raises:
            ChestbenchError: more files or longer headers than any set has.
            EOFError: what reads goes on behind the end.
        """
        count = self._source.size - self._at if count < 0 else count
        self._count += count
        if self._at_most is not None and self._count > self._at_most:
            raise EOFError(f"headers of more than {MOST_HEADER_BYTES:,} bytes")
        if count > MOST_DIRECTORY_BYTES:
            raise ChestbenchError(
                f"{self._where}: expected a list of {MOST_FILES:,} files at most, received one of {count:,} bytes; "
                "pack the folder that holds the images alone"
            )
        data = self._source.read_at(self._at, count)
        self._at += len(data)
        self._empty = 0 if data else self._empty + 1
        if self._empty > 100:
            raise EOFError("it ends within a header")
        if self._at_most is None and count > _SMALL and (files := data.count(_ENTRY)) > MOST_FILES:
            raise ChestbenchError(too_many(self._where, files))
        return data


def too_many(where: object, files: int) -> str:
    """Return the message on an archive of more files than are read."""
    return (
        f"{where}: expected an archive of {MOST_FILES:,} files at most, received one of {files:,} or more; pack the "
        "folder that holds the images alone"
    )
