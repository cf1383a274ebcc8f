"""Memory that threads share: large files and pictures are worked on when there is room, small ones at once.

A piece of work (`work`) takes room for the file that it reads, then for each picture that it decodes, and gives all
back at its end. Nobody waits while it holds what another waits for: room for a file is asked for with empty hands, and
room for a picture with no more than a file.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from chestbench.core.bounds import MOST_PICTURE_BYTES, MOST_VALUE_BYTES

# So much each thread may have without asking.
SMALL = 16_000_000
# Decoding holds so many times the bytes of the stored values, at most (measured: 3.6, of 16-bit colour).
TIMES_OF_VALUES = 4


class Room:
    """So many bytes for all threads together; who asks first is served first. What exceeds it has it alone."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._free = capacity
        self._queue: deque[object] = deque()
        self._changed = threading.Condition()

    def take(self, cost: int) -> int:
        """Wait until `cost` bytes are free; return how many are held from here on."""
        if cost < SMALL:
            return 0
        cost, ticket = min(cost, self.capacity), object()
        with self._changed:
            self._queue.append(ticket)
            try:
                self._changed.wait_for(lambda: self._queue[0] is ticket and self._free >= cost)
                self._free -= cost
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
        return cost

    def give_back(self, held: int) -> None:
        """Let others have it."""
        if held:
            with self._changed:
                self._free += held
                self._changed.notify_all()


_FILES, _PICTURES = Room(MOST_PICTURE_BYTES), Room(TIMES_OF_VALUES * MOST_VALUE_BYTES)
_mine = threading.local()


@contextmanager
def work() -> Iterator[None]:
    """Give back at the end of the block what this thread takes in it."""
    _mine.is_working, _mine.file, _mine.picture = True, 0, 0
    try:
        yield
    finally:
        _mine.is_working = False
        _give_back("picture")
        _give_back("file")


def for_file(size: int) -> None:
    """Take room for a file of `size` bytes that is read whole, in place of what the work has so far.

    Outside of `work`, where one thread works alone, nothing is asked.
    """
    if getattr(_mine, "is_working", False):
        _give_back("picture")
        _give_back("file")
        _mine.file = _FILES.take(size)


def for_picture(value_bytes: int) -> None:
    """Take room for a picture whose stored values have so many bytes, in place of the picture before it."""
    if getattr(_mine, "is_working", False):
        _give_back("picture")
        _mine.picture = _PICTURES.take(TIMES_OF_VALUES * value_bytes)


def _give_back(kind: str) -> None:
    room = _PICTURES if kind == "picture" else _FILES
    room.give_back(getattr(_mine, kind, 0))
    setattr(_mine, kind, 0)
