"""A second process beside this one, for work that needs the interpreter: drawing, and sending to MLflow.

A network that is loaded, traced and asked holds the interpreter lock much of the time, and so do imports, matplotlib
and MLflow's client: in threads they would wait for one another. What is handed over must be picklable, and small.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol, Self

from chestbench.core.errors import ChestbenchError
from chestbench.core.stage import log_lines


class EndedFromOutside(ChestbenchError):
    """The other process was killed, as by a system that ran out of memory."""


class Calls(Protocol):
    """Where calls are handed over, to be done in order."""

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have `function(*arguments)` done, now or later."""

    def wait(self) -> None:
        """Return when all is done; raises what the first call that failed raised."""


class Here:
    """Does each call at once, in this process."""

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call it."""
        function(*arguments)

    def wait(self) -> None:
        """Nothing is left to be waited for."""


class Beside:
    """One further process, which does what it is given in order, and never outlives this one.

    Use it as a context: at its end all is done, or the first error is raised here as if it had happened here. Where the
    body itself failed, the process is ended, whatever it does.

    Args:
        stage: begins the lines that the process logs, as this one's.
    """

    def __init__(self, stage: str) -> None:
        self._pending: list[Future[None]] = []
        # Spawned: a fork of a process with TensorFlow's threads may hang.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_begin, initargs=(stage,))
        others = multiprocessing.active_children()
        with _without_ctrl_c():
            self._pool.submit(os.getpid)  # starts it
        self._started = [process for process in multiprocessing.active_children() if process not in others]

    def call(self, function: Callable[..., None], *arguments: Any) -> None:
        """Have `function(*arguments)` done there, after what was handed over before; returns at once.

        Args:
            function: of a module, so that the process finds it by its name.
            arguments: picklable; arrays travel as copies.
        """
        try:
            self._pending.append(self._pool.submit(_done, function, *arguments))
        except BrokenProcessPool as error:
            raise _ended() from error

    def wait(self) -> None:
        """Return when all that was handed over is done.

        Raises:
            EndedFromOutside: the process was ended from outside.
            Exception: whatever the first call that failed raised.
        """
        pending, self._pending = self._pending, []
        try:
            for future in pending:
                future.result()
        except BrokenProcessPool as error:
            raise _ended() from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        is_done = False
        try:
            if kind is None:
                self.wait()
                is_done = True
        finally:
            if not is_done:
                for process in self._started:
                    process.terminate()
            self._pool.shutdown(cancel_futures=True)


def _ended() -> EndedFromOutside:
    return EndedFromOutside(
        "expected the process that draws and sends to MLflow to end by itself, received its end from outside "
        "(out of memory?); run the same command again"
    )


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Start a process that ignores Ctrl-C from its first moment: this one says that it was pressed, and ends both."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread may say so
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# In the other process: whether it does something.
_is_busy = False


def _begin(stage: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    log_lines(stage)


def _done(function: Callable[..., None], *arguments: Any) -> None:
    global _is_busy
    _is_busy = True
    try:
        function(*arguments)
    finally:
        _is_busy = False


def _end(_signal: int, _frame: object) -> None:
    """End what is being done as Ctrl-C would: temporary files go, a server is not waited for."""
    if _is_busy:
        raise KeyboardInterrupt
    os._exit(0)


def _end_with_parent() -> None:
    """End at once when the parent is gone, however it went: a rerun may write the same files by then."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
