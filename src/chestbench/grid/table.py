"""The live table of a grid: redrawn in place on a terminal; elsewhere a line for each change of state.

Written to stderr, so that what the command gives in the end can be piped alone.
"""

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from chestbench.core.printable import printable
from chestbench.core.progress import duration_in_words
from chestbench.core.words import heading
from chestbench.grid.ends import reason_in
from chestbench.grid.events import OF_NETWORKS, MemberStatus
from chestbench.grid.pace import ENDED, RUNNING, Pace
from chestbench.grid.rows import below, page

STYLES = {"running": "bold", "data": "bold", "failed": "red", "done": "green", "cached": "green", "waiting": "dim"}
DRAWN_A_SECOND = 2
# Where there is no terminal: how long a grid without news says nothing.
SECONDS_BETWEEN_LINES = 60.0


class GridTable:
    """What is seen of a grid while it runs; give `update` to the grid as its listener, within `with`."""

    def __init__(self, name: str, gpus: float | None = None, stream: TextIO | None = None) -> None:
        """Show nothing yet.

        Args:
            name: of the grid.
            gpus: GPUs of each member, 0 for none; None: one where a member runs on one.
            stream: to write to (stderr).
        """
        self._name, self._wanted, self._gpus = printable(name), gpus, gpus or 0.0
        self._console = Console(file=stream or sys.stderr, highlight=False, markup=False, emoji=False)
        self._statuses: list[MemberStatus] = []
        self._pace, self._lock = Pace(), threading.RLock()
        terminal = self._console.is_terminal and not self._console.is_dumb_terminal
        self._live = (
            Live(console=self._console, get_renderable=self._drawn, refresh_per_second=DRAWN_A_SECOND, transient=False)
            if terminal
            else None
        )
        self._last_line = time.monotonic()

    def __enter__(self) -> "GridTable":
        """Begin to draw."""
        if self._live is not None:
            self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the last state of the table on the terminal."""
        if self._live is not None:
            self._live.stop()

    def update(self, statuses: Sequence[MemberStatus]) -> None:
        """Take in the status of every member; any thread may."""
        with self._lock:
            before = {each.name: each.state for each in self._statuses}
            self._statuses = list(statuses)
            self._pace.see(self._statuses)
            if self._wanted is None and any(each.device.startswith("gpu") for each in statuses):
                self._gpus = 1.0
            if self._live is None:
                self._say(before)

    def _drawn(self) -> RenderableType:
        with self._lock:
            size = self._console.size
            shown = page(self._name, self._statuses, self._pace, self._gpus, size.width, size.height)
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), collapse_padding=True, show_edge=False)
        for name in shown.columns:
            words = name in ("member", "state", "stage", "where")
            table.add_column(name, justify="left" if words else "right", no_wrap=True, overflow="ellipsis")
        for row, state in zip(shown.rows, shown.states, strict=True):
            table.add_row(*(Text(cell, no_wrap=True) for cell in row), style=STYLES.get(state, ""))
        lines = [Text(shown.folded, "dim")] if shown.folded else []
        return Group(table, *lines, *(Text(line, "bold", no_wrap=True) for line in shown.below))

    def _say(self, before: Mapping[str, str]) -> None:
        """Print each change of state as a line, and now and then how far all are."""
        news = [
            each
            for each in self._statuses
            if each.state != before.get(each.name, "waiting") and (each.state != "waiting" or each.before)
        ]
        for status in news:
            self._print(_change(status, self._pace.seconds(status)))
        if any(each.state in ("done", "failed") for each in news) or self._is_long_ago():
            self._print(below(self._statuses, self._pace, self._gpus))

    def _is_long_ago(self) -> bool:
        return time.monotonic() - self._last_line > SECONDS_BETWEEN_LINES

    def _print(self, text: str) -> None:
        # As one write: Ray's processes may write to the same log. No wrapping, no codes.
        self._console.file.write(f"{time.strftime('%H:%M:%S')} grid {self._name}: {text}\n")
        self._console.file.flush()
        self._last_line = time.monotonic()


def _change(status: MemberStatus, seconds: float) -> str:
    """Return a member's new state in words."""
    parts = [printable(status.name), status.state]
    if status.state in RUNNING and (place := " ".join(str(each) for each in (status.node, status.device) if each)):
        parts.append(f"on {printable(place)}")
    if status.measure is not None and status.state in ENDED:
        named = "val" if status.judged_by == OF_NETWORKS else heading(status.judged_by, short=True)
        parts.append(f"{named} {status.measure:.3f}")
    if status.state in ("done", "failed") and seconds:
        parts.append(f"after {duration_in_words(seconds)}")
    if status.state == "waiting":
        parts.append(f"for another attempt ({printable(status.before)})")
    if status.state == "failed" and status.last_lines:
        parts.append(f"({printable(reason_in(status.last_lines))})")
    return " ".join(parts)
