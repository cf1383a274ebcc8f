"""One second process for all stages that a worker of the suite runs itself: each of its own would import MLflow anew.

The path stays the real one: calls are pickled, done in order in a process that was spawned, and their errors come
back. tests/core/test_beside.py and the tests that run stages as commands have a process for each stage, as users do.
"""

import contextlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chestbench.core.beside import Beside
from chestbench.core.stage import log_lines

_begin_own, _exit_own = Beside.__init__, Beside.__exit__
_kept: list[Beside] = []


def start_sharing(patch: pytest.MonkeyPatch) -> None:
    """Have every `Beside` of this process be the one that is kept, until the patch is undone."""
    patch.setattr(Beside, "__init__", begin)
    patch.setattr(Beside, "__exit__", end)


def adopt(stage: str, folder: str, variables: Mapping[str, str]) -> None:
    """Make the process what a new one of this moment would be: its folder, its environment, its log."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    logging.getLogger().handlers.clear()
    log_lines(stage)
    forget_mlflow()


def forget_mlflow() -> None:
    """Forget where MLflow wrote for the stage before."""
    import mlflow

    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)


def begin(self: Beside, stage: str) -> None:
    """`Beside(stage)`, on the process that is kept where it is alive."""
    if _kept and not all(process.is_alive() for process in _kept[0]._started):
        _kept.clear()
    if not _kept:
        first = Beside.__new__(Beside)
        _begin_own(first, stage)
        _kept.append(first)
    self._pending, self._pool, self._started = [], _kept[0]._pool, _kept[0]._started
    self.call(adopt, stage, str(Path.cwd()), dict(os.environ))


def end(self: Beside, kind: Any, error: Any, trace: Any) -> None:
    """The end of a stage: as the real one, but that a process that did all it was given stays for the next stage."""
    if kind is None:
        try:
            self.wait()
            return
        except BaseException:
            _kept.clear()
            for process in self._started:
                process.terminate()
            self._pool.shutdown(cancel_futures=True)
            raise
    _kept.clear()
    _exit_own(self, kind, error, trace)


def end_kept() -> None:
    """End the process that is kept, at the end of the suite."""
    for kept in _kept:
        with contextlib.suppress(Exception):
            kept._pool.shutdown()
    _kept.clear()
