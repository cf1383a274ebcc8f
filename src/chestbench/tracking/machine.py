"""What the machine does while a network trains: processor, memory and GPU, as MLflow's page of system metrics shows it.

They say of a training how it went, not what came out: no rebuilt run has them, and nothing is computed from them.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow.system_metrics.metrics.base_metrics_monitor import BaseMetricsMonitor

logger = logging.getLogger(__name__)
PREFIX = "system/"
SECONDS_BETWEEN_LOOKS = 10.0
# Of what MLflow's monitors give: the share that is in use, and memory; of a GPU also its power.
WANTED = ("utilization_percentage", "memory_usage_megabytes", "memory_usage_percentage", "power_usage_watts")

Send = Callable[[Mapping[str, float], int], None]


class MachineWatch:
    """Looks every few seconds from its own thread, from `start` to `stop`; a failure ends it, with a word in the log.

    Args:
        send: takes (name -> value, number of the look); called from the thread.
        seconds: between looks.
    """

    def __init__(self, send: Send, seconds: float = SECONDS_BETWEEN_LOOKS) -> None:
        self._send, self._seconds = send, seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="machine-watch")

    def start(self) -> None:
        """Begin to look: first after `seconds`, so that a training that is over by then has none."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more; wait for a look that is on its way, for as long as a store may take."""
        self._over.set()
        self._thread.join(timeout=60)

    def _watch(self) -> None:
        monitors, number = _monitors(), 0
        while not self._over.wait(self._seconds):
            try:
                self._send(_look(monitors), number)
            # A driver that goes away, a store that is down: the training has no need of this.
            except Exception as error:
                logger.debug("no more system metrics: %s", error)
                return
            number += 1


def _monitors() -> "list[BaseMetricsMonitor]":
    from mlflow.system_metrics.metrics.cpu_monitor import CPUMonitor
    from mlflow.system_metrics.metrics.gpu_monitor import GPUMonitor

    monitors: list[BaseMetricsMonitor] = [CPUMonitor()]
    try:
        monitors.append(GPUMonitor())
    # Without the package `nvidia-ml-py`, without a driver, or with one that does not answer.
    except Exception as error:
        logger.debug("no GPU is watched: %s", error)
    return monitors


def _look(monitors: "list[BaseMetricsMonitor]") -> dict[str, float]:
    found = {}
    for monitor in monitors:
        monitor.collect_metrics()
        found.update(monitor.aggregate_metrics())
        monitor.clear_metrics()
    return {f"{PREFIX}{name}": float(value) for name, value in found.items() if name.endswith(WANTED)}
