"""What watches a file that arrives: how much is there, and whether it still grows."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

from chestbench.core.bounds import STALL_BYTES, STALL_SECONDS
from chestbench.core.progress import bar
from chestbench.datasets import connections


def size_of(path: Path) -> int:
    """Return the size of a file in bytes, 0 when there is none."""
    return path.stat().st_size if path.exists() else 0


class Stalled(ConnectionError):
    """A server that sends next to nothing, and was cut off."""


@contextlib.contextmanager
def cut_off_when_still(partial: Path) -> Iterator[None]:
    """Cut the connections of the block where the file gains less than STALL_BYTES in STALL_SECONDS.

    A server that sends a byte now and then, of its headers or of the file, is never silent for a time-out's length.

    Raises:
        Stalled: they were cut.
    """
    over, stalled = threading.Event(), threading.Event()

    def watch() -> None:
        gained_at, held = monotonic(), size_of(partial)
        while not over.wait(min(0.5, STALL_SECONDS / 4)):
            size = size_of(partial)
            if size >= held + STALL_BYTES or size < held:  # less: it was begun anew
                gained_at, held = monotonic(), size
            elif monotonic() - gained_at > STALL_SECONDS:
                stalled.set()
                connections.cut()

    watcher = threading.Thread(target=watch, name="download-stall", daemon=True)
    with connections.watched():
        watcher.start()
        try:
            yield
        except Exception:
            if not stalled.is_set():
                raise
        finally:
            over.set()
            watcher.join()
    # Also without an error: a cut answer without a length looks like a whole one.
    if stalled.is_set():
        raise Stalled(f"less than {STALL_BYTES // 1024} KiB came in {STALL_SECONDS:.0f} s")


@contextlib.contextmanager
def progress(partial: Path, total: int | None) -> Iterator[None]:
    """Show how much of the file is there, by looking at it twice a second."""
    over = threading.Event()
    with bar(total, "download", "B", unit_scale=True, unit_divisor=1024, initial=size_of(partial)) as shown:

        def watch() -> None:
            while not over.wait(0.5):
                shown.update(size_of(partial) - shown.n)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
            shown.update(size_of(partial) - shown.n)
