"""Progress with an estimate of the time left: a bar on a terminal, a line now and then elsewhere."""

import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from tqdm import tqdm

from chestbench.core.bounds import SECONDS_WITHOUT_A_WORD

Item = TypeVar("Item")
SECONDS_BETWEEN_LINES = SECONDS_WITHOUT_A_WORD


class _Lines(tqdm):
    """A bar that prints whole lines, where tqdm would redraw one with carriage returns."""

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        """Print the state as one line."""
        print(str(self), file=self.fp, flush=True)

    def close(self) -> None:
        """Stop, printing nothing more."""
        self.disable = True


def bar(total: int | None, label: str, unit: str = "image", **options: Any) -> tqdm:
    """Return a tqdm bar: redrawn in place on a terminal, one line every ten seconds in a log (CI, `nohup`).

    Args:
        total: number of units expected, or None when unknown.
        label: what is being done, such as "catalog".
        unit: name of one unit, such as "image" or "B" (bytes).
        options: passed on to tqdm (`unit_scale=True`, `initial=...`).
    """
    terminal = sys.stderr.isatty()
    if terminal:
        return tqdm(total=total, desc=label, unit=unit, mininterval=0.2, leave=True, file=sys.stderr, **options)
    return _Lines(
        total=total,
        desc=label,
        unit=unit,
        mininterval=SECONDS_BETWEEN_LINES,
        delay=SECONDS_BETWEEN_LINES,
        bar_format="{desc}: {n_fmt}/{total_fmt} [{elapsed}<{remaining}, {rate_fmt}]",
        file=sys.stderr,
        **options,
    )


def track(items: Iterable[Item], total: int | None, label: str, unit: str = "image") -> Iterator[Item]:
    """Yield `items` unchanged while showing how far along they are."""
    with bar(total, label, unit) as shown:
        for item in items:
            yield item
            shown.update(1)


@contextmanager
def still_at(what: str) -> Iterator[None]:
    """Say every ten seconds that something is still being done whose length is not known, such as a listing."""
    over, begun = threading.Event(), time.monotonic()

    def say() -> None:
        while not over.wait(SECONDS_BETWEEN_LINES):
            print(f"still {what}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)

    teller = threading.Thread(target=say, name="still-at", daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


def duration_in_words(seconds: float) -> str:
    """Return a duration for people: "40 s", "12 min", "3.5 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
