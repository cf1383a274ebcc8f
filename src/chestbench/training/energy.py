"""Energy spent while a network trains, as far as the machine's own counters tell.

CPU: RAPL, which Linux shows below /sys/class/powercap where the user may read it (processor packages, and memory where
it is counted apart). GPU: NVML's count of the one GPU in use (Volta or newer). Both count the whole chip, other
people's work on it included, and neither sees the rest of the machine. What cannot be read is not guessed.
"""

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

POWERCAP = Path("/sys/class/powercap")
# RAPL's counters start anew after some 260 kJ; at 500 W that takes nine minutes.
SECONDS_BETWEEN_LOOKS = 20.0

Read = Callable[[], float]


@dataclass
class Counter:
    """A counter of joules.

    Attributes:
        read: returns it.
        wraps_at: joules at which it starts anew, or None when it does not.
    """

    read: Read
    wraps_at: float | None = None
    last: float = 0.0
    spent: float = 0.0

    def look(self) -> None:
        """Add what was spent since the last look."""
        now = self.read()
        step = now - self.last
        if step < 0 and self.wraps_at is not None:
            step += self.wraps_at
        self.last, self.spent = now, self.spent + max(step, 0.0)


class EnergyMeter:
    """Counts while its `with` block runs.

    Args:
        gpu: whether a GPU computes.
        powercap: where RAPL's files are.
    """

    def __init__(self, gpu: bool, powercap: Path = POWERCAP) -> None:
        self._counters = {"cpu": rapl_counters(powercap), "gpu": gpu_counters() if gpu else []}
        self._failed: set[str] = set()
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "EnergyMeter":
        for counters in self._counters.values():
            for counter in counters:
                counter.last = counter.read()
        if any(self._counters.values()):
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        self._look()

    @property
    def joules(self) -> dict[str, float | None]:
        """Joules of `cpu` and `gpu` in the block; None where no counter could be read (to its end)."""
        return {
            name: round(sum(counter.spent for counter in counters), 1)
            if counters and name not in self._failed
            else None
            for name, counters in self._counters.items()
        }

    def _watch(self) -> None:
        while not self._over.wait(SECONDS_BETWEEN_LOOKS):
            self._look()

    def _look(self) -> None:
        with self._lock:
            for name, counters in self._counters.items():
                try:
                    for counter in counters:
                        counter.look()
                except (OSError, ValueError):
                    self._failed.add(name)


def rapl_counters(powercap: Path = POWERCAP) -> list[Counter]:
    """Return the counters of all processor packages and of their memory; none where one of them cannot be read."""
    found = []
    for zone in sorted(powercap.glob("intel-rapl:*")):
        try:
            name = (zone / "name").read_text(encoding="ascii").strip()
            # Cores are part of their package; psys holds packages and would be counted twice.
            if not name.startswith("package") and name != "dram":
                continue
            path, most = zone / "energy_uj", float((zone / "max_energy_range_uj").read_text(encoding="ascii")) / 1e6
            counter = Counter(lambda path=path: float(path.read_text(encoding="ascii")) / 1e6, most)  # type: ignore[misc]
            counter.read()
        except (OSError, ValueError):
            return []
        found.append(counter)
    return found


def gpu_counters() -> list[Counter]:
    """Return the counter of the GPU that computes; none where it cannot be read or it is unclear which GPU that is."""
    name = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"
    try:
        nvml = ctypes.CDLL(name)
        if nvml.nvmlInit_v2():
            return []
        handle = _gpu(nvml)
        if handle is None:
            return []
        counter = Counter(lambda: _gpu_joules(nvml, handle))
        counter.read()
    except (OSError, AttributeError):
        return []
    return [counter]


def _gpu(nvml: Any) -> ctypes.c_void_p | None:
    """Return NVML's handle of the first visible GPU, where its numbers are sure to be CUDA's."""
    count, handle = ctypes.c_uint(), ctypes.c_void_p()
    if nvml.nvmlDeviceGetCount_v2(ctypes.byref(count)):
        return None
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip()
    if first.startswith("GPU-"):
        failed = nvml.nvmlDeviceGetHandleByUUID(first.encode("ascii"), ctypes.byref(handle))
    elif first.isdigit() and (count.value == 1 or os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID"):
        failed = nvml.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(int(first)), ctypes.byref(handle))
    else:
        return None
    return None if failed else handle


def _gpu_joules(nvml: Any, handle: ctypes.c_void_p) -> float:
    millijoules = ctypes.c_ulonglong()
    if nvml.nvmlDeviceGetTotalEnergyConsumption(handle, ctypes.byref(millijoules)):
        raise OSError("NVML does not tell the energy of this GPU")
    return millijoules.value / 1000
