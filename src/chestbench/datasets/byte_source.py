"""Bytes of an open file, or of a window into it, read by offset: many threads at once share nothing but it."""

import io
import os
import threading
from typing import BinaryIO


class ByteSource:
    """A file, or the part of it where an inner archive lies.

    Attributes:
        offset: where it begins in the file.
        size: its bytes.
    """

    def __init__(self, stream: BinaryIO, offset: int = 0, size: int | None = None) -> None:
        self.offset = offset
        self.size = os.fstat(stream.fileno()).st_size if size is None else size
        self._stream = stream
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the file; nothing can be read from here on."""
        self._stream.close()

    def window(self, offset: int, size: int) -> "ByteSource":
        """Return the part that begins at `offset` of this one."""
        part = ByteSource(self._stream, self.offset + offset, size)
        part._lock = self._lock
        return part

    def whole(self) -> "ByteSource":
        """Return the whole file that this is a part of: offsets of entries are places there."""
        return self.window(-self.offset, os.fstat(self._stream.fileno()).st_size)

    def read_at(self, offset: int, count: int) -> bytes:
        """Return `count` bytes from `offset` of this source on, fewer where it ends before."""
        count = max(0, min(count, self.size - offset))
        start = self.offset + offset
        if hasattr(os, "pread"):
            parts, missing = [], count
            while missing and (part := os.pread(self._stream.fileno(), missing, start + count - missing)):
                parts.append(part)
                missing -= len(part)
            return parts[0] if len(parts) == 1 else b"".join(parts)
        with self._lock:
            self._stream.seek(start)
            return self._stream.read(count)

    def as_file(self) -> io.BufferedReader:
        """Return a file of its own to read this source from the start."""
        return io.BufferedReader(_Window(self))


class _Window(io.RawIOBase):
    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._source.size}[whence]
        if start + offset < 0:
            raise OSError("expected a place inside the file")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        data = self._source.read_at(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
