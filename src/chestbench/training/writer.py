"""The state of an epoch goes to the disk beside the next epoch, one state at a time."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType
from typing import Any

from chestbench.training.checkpoint import Checkpoint, Progress
from chestbench.training.variables import Copies, Weights

logger = logging.getLogger(__name__)

OnEpoch = Callable[[int, dict[str, Any]], None]


class StateWriter:
    """Writes states in a thread of its own, and reports each epoch once its state is safe.

    An epoch's end waits for the state before, so that no state is left out and at most one is on its way: a process
    that is killed has lost nothing but the epoch it was in, or the one that it had just begun to write. What the
    writing raises, a full disk say, is raised there too.

    Args:
        checkpoint: where states go; None: they are not kept, and epochs are reported at once.
        on_epoch: called with (epoch from 1, history row), from the writing thread, in order.
    """

    def __init__(self, checkpoint: Checkpoint | None, on_epoch: OnEpoch | None) -> None:
        self._checkpoint, self._on_epoch = checkpoint, on_epoch
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="state")
        self._pending: Future[None] | None = None

    def save(self, progress: Progress, current: Copies, best: Weights) -> None:
        """Begin to write the state after an epoch, the last in the history of `progress`."""
        self.wait()
        # Rows are added to the lists while this is written; what stands in them does not change.
        frozen = replace(progress, history=list(progress.history), steps=list(progress.steps))
        self._pending = self._pool.submit(self._write, frozen, current, best)

    def wait(self) -> None:
        """Return when every state is safe and reported.

        Raises:
            Exception: what the writing raised.
        """
        if self._pending is not None:
            pending, self._pending = self._pending, None
            pending.result()

    def __enter__(self) -> "StateWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            self.wait()
        except Exception:
            if error is None:
                raise
            logger.warning("the state of the last epoch could not be written", exc_info=True)
        finally:
            self._pool.shutdown()

    def _write(self, progress: Progress, current: Copies, best: Weights) -> None:
        if self._checkpoint is not None:
            self._checkpoint.save(progress, current.arrays(), best.arrays())
        if self._on_epoch is not None:
            self._on_epoch(progress.epochs_done, progress.history[-1])
