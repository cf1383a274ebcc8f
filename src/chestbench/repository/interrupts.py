"""SIGINT to DVC's own process alone ends DVC and the stage that works, within seconds.

While a stage works DVC ignores SIGINT: a terminal's Ctrl-C reaches the stage too, and ends it. A `kill -INT` of the one
process reaches none, and DVC would wait for hours. Here such a process gives its stage the time that Ctrl-C takes, and
then passes the signal on; what a stage had finished is kept, and no further one is begun.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import psutil

# Seconds in which a stage ends by itself, as it does after Ctrl-C in a terminal, and those after which it is killed.
OWN, ASKED = 5.0, 30.0
_SECONDS_TO_DIE, _SECONDS_BETWEEN_LOOKS = 10.0, 0.05


class Interrupts:
    """What became of SIGINT while DVC ran.

    Attributes:
        heard: whether one came while a stage worked.
    """

    def __init__(self, own: float, asked: float) -> None:
        """Hear nothing yet.

        Args:
            own: seconds in which a stage ends by itself.
            asked: seconds after that, when it was sent SIGINT; then it is killed, which trainings are made for.
        """
        self._own, self._asked = own, asked
        self.heard = False
        self._at_work, self._over = False, threading.Event()
        self._thread: threading.Thread | None = None

    def handle(self, _number: int, _frame: FrameType | None) -> None:
        """Take a signal: a stage that works is ended, everything else is interrupted at once."""
        if not self._at_work:
            raise KeyboardInterrupt
        # Another one reaches the stage by itself, or is one too many.
        if not self.heard:
            self.heard = True
            os.write(2, b"\ninterrupted: the stage is ended; what was finished is kept\n")
            self._thread = threading.Thread(target=self._end_stage, name="end-stage", daemon=True)
            self._thread.start()

    def refuse_next(self) -> None:
        """Begin nothing more after a signal.

        Raises:
            KeyboardInterrupt: there was one.
        """
        if self.heard:
            raise KeyboardInterrupt

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Have signals end what this process starts meanwhile, instead of raising KeyboardInterrupt here."""
        self.refuse_next()
        self._over.clear()
        self._at_work = True
        try:
            yield
        finally:
            self._over.set()
            if self._thread is not None:
                self._thread.join()
            self._at_work = False

    def _end_stage(self) -> None:
        below: list[psutil.Process] = []
        for seconds, number in ((self._own, signal.SIGINT), (self._asked, signal.SIGKILL)):
            if self._over.wait(seconds):
                break
            # Those that Ctrl-C has ended in between are not asked again, as another process may have their number.
            below = signal_below(os.getpid(), number)
        self._over.wait()
        # Of a shell that is gone the stage may still be writing. They are not waited for as one's own children: their
        # exit status is DVC's to read.
        until = _SECONDS_TO_DIE / _SECONDS_BETWEEN_LOOKS
        while any(map(_lives, below)) and (until := until - 1) > 0:
            threading.Event().wait(_SECONDS_BETWEEN_LOOKS)


def signal_below(number: int, sent: int) -> list[psutil.Process]:
    """Send a signal to all that a process has started and that lives; return these.

    Args:
        number: of the process, which gets none.
        sent: the signal.
    """
    try:
        below: list[psutil.Process] = psutil.Process(number).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    for each in below:
        with suppress(psutil.NoSuchProcess):
            each.send_signal(sent)
    return below


@contextmanager
def stages_end_on_sigint(own: float = OWN, asked: float = ASKED) -> Iterator[Interrupts]:
    """Run DVC within this in the main thread; elsewhere nothing changes, as no other thread hears signals.

    Args:
        own: see `Interrupts`.
        asked: see `Interrupts`.
    """
    interrupts = Interrupts(own, asked)
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    # Takes a second.
    from dvc.repo import reproduce
    from dvc.stage import run

    run_command, run_stage = run._run, reproduce._reproduce_stage

    def command(*arguments: Any, **options: Any) -> None:
        with interrupts.at_work():
            run_command(*arguments, **options)

    def stage(*arguments: Any, **options: Any) -> Any:
        interrupts.refuse_next()
        return run_stage(*arguments, **options)

    # The handler stays the one of this module while a stage works: DVC's would ignore the signal.
    deaf = SimpleNamespace(SIGINT=signal.SIGINT, SIG_IGN=signal.SIG_IGN, signal=lambda *_: None)
    before = signal.signal(signal.SIGINT, interrupts.handle)
    try:
        with (
            patch.object(run, "_run", command),
            patch.object(run, "signal", deaf),
            patch.object(reproduce, "_reproduce_stage", stage),
        ):
            yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
