"""A training's run, opened and fed by a second process: MLflow takes seconds to import and to connect."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from chestbench.core.beside import Beside, EndedFromOutside
from chestbench.tracking.get_ready import get_ready
from chestbench.tracking.naming import training_tags
from chestbench.tracking.run import Run, start_run

logger = logging.getLogger(__name__)

# In the second process: the run that is open.
_open: list[Run] = []


class RunBeside:
    """Does what `Run` does, later, in order; the process that logs says what goes wrong.

    Where that process is ended from outside, the training goes on without it: the run is completed from the outputs.

    Args:
        beside: the second process.
        given: the arguments of `start_run`.
    """

    def __init__(self, beside: Beside, *given: Any) -> None:
        self._beside = beside
        self._try(lambda: beside.call(_start, *given))

    def log_epoch(self, epoch: int, metrics: Mapping[str, Any]) -> None:
        """Log the numbers of one epoch's history row."""
        self._try(lambda: self._beside.call(_log_epoch, epoch, dict(metrics)))

    def finish(self, status: str) -> None:
        """Close the run: FINISHED, FAILED or KILLED; returns when that is logged, or given up."""
        self._try(lambda: self._beside.call(_finish, status))
        self._try(self._beside.wait)

    def _try(self, hand_over: Callable[[], None]) -> None:
        try:
            hand_over()
        except EndedFromOutside as error:
            logger.warning("MLflow: %s; `make ui` adds what is missing", error)


def opener(beside: Beside) -> Callable[[Mapping[str, Any]], RunBeside]:
    """Return what opens, in the second process, the run of a training that begins, of its record."""

    def open_run(record: Mapping[str, Any]) -> RunBeside:
        return RunBeside(beside, record["mlflow_experiment"], record["model"], record["config"], training_tags(record))

    return open_run


def _start(experiment: str, name: str, parameters: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    get_ready()
    _open[:] = [start_run(experiment, name, parameters, tags)]


def _log_epoch(epoch: int, metrics: Mapping[str, Any]) -> None:
    _open[0].log_epoch(epoch, metrics)


def _finish(status: str) -> None:
    _open.pop().finish(status)
