"""Bounds of one attempt of a member: seconds and memory of all its processes together."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from chestbench.grid.process import Group

_SECONDS_BETWEEN_LOOKS = 2.0


@dataclass(frozen=True)
class Limits:
    """What one attempt may take; None: whatever it takes.

    Attributes:
        seconds: on the clock.
        memory: bytes.
    """

    seconds: float | None = None
    memory: int | None = None


def kept_within(limits: Limits, group: Group) -> Iterator[str]:
    """Yield, each time that it is asked, why the group must end, or "" while it may go on."""
    begun = looked = time.monotonic()
    while True:
        now = time.monotonic()
        if limits.seconds is not None and now - begun > limits.seconds:
            yield f"ended as it took longer than {limits.seconds:g} s (--time-limit)"
        elif limits.memory is not None and now - looked >= _SECONDS_BETWEEN_LOOKS:
            looked = now
            held = group.memory()
            over = held > limits.memory
            yield (
                f"ended as its processes held {held / 1e9:.2f} GB, more than {limits.memory / 1e9:.2f} (--memory-limit)"
                if over
                else ""
            )
        else:
            yield ""
