"""Ray: where members run. The only file that imports it.

Embedded unless an address is given. A small actor holds what workers say of their members.
"""

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.grid.address import address_of, check_answers, no_answer
from chestbench.grid.events import MemberStatus, Settings
from chestbench.grid.worker import Job, Result, run_job

INSTALL = "pip install --require-hashes -r requirements-ray.txt"
_OBJECTS = 256 << 20
_STARTS = 4


def ray_module() -> Any:
    """Return Ray.

    Raises:
        ChestbenchError: it is not installed, with the line that installs it.
    """
    # What Ray tells its makers, and its pages, are not asked for; a task that asks for no card keeps those it sees.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError:
        raise ChestbenchError(f"expected Ray, which a grid runs on, found none; `{INSTALL}` (or `make grid`)") from None
    return ray


class Died(Exception):
    """The process or the machine that ran a member is gone; its text says which."""


class Cluster:
    """A running Ray.

    Args:
        settings: of the grid.

    Attributes:
        is_own: whether it was started for this grid, on this machine.

    Raises:
        ChestbenchError: Ray is not installed, cannot be reached, or has no such cards.
    """

    def __init__(self, settings: Settings) -> None:
        self._ray = ray_module()
        address = address_of(settings)
        self.is_own = not address
        if address:
            check_answers(address)
        # Without an address Ray would join whatever cluster somebody started on this machine last.
        own = {"address": "local", "include_dashboard": False, "object_store_memory": _OBJECTS}
        more = own if self.is_own else {"address": address}
        self._begin(address, more)
        self.gpus, self.cpus, self.parallel = self._shares(settings)
        self._board = self._ray.remote(num_cpus=0, max_restarts=-1)(Board).remote()
        self._tasks: dict[Any, str] = {}

    def _begin(self, address: str | None, options: Mapping[str, Any]) -> None:
        for attempt in range(_STARTS):
            try:
                self._ray.init(log_to_driver=False, logging_level=logging.ERROR, namespace="chestbench", **options)
                return
            except Exception as error:  # Ray raises it as such where a process of its own did not start
                self._ray.shutdown()
                # It gives its processes 30 seconds, which a machine that trains may need for other things.
                if "timed out during startup" in str(error) and attempt + 1 < _STARTS:
                    continue
                told = " ".join(str(error).split())[:300]
                raise ChestbenchError(no_answer(address or "the one started here", told)) from None

    def _shares(self, settings: Settings) -> tuple[float, float, int | None]:
        """Return cards and processors of each member, and how many run at a time (None: as many as Ray finds)."""
        there = self._ray.cluster_resources()
        cards, cores = there.get("GPU", 0), max(1, int(there.get("CPU", 1)))
        gpus = settings.gpus_per_run if settings.gpus_per_run is not None else (1 if cards else 0)
        if self.is_own and gpus > cards:
            raise ChestbenchError(
                f"--gpus-per-run: expected at most {cards:g}, the cards of this machine, received {gpus:g}; "
                "0 trains on its processors"
            )
        if gpus:
            room = int(cards / gpus)
            return gpus, 0, settings.parallel or (room if self.is_own else None)
        least = min((int(node["Resources"].get("CPU", 0)) for node in self._nodes()), default=cores) or 1
        if settings.parallel:
            share = cores / settings.parallel
            return 0, max(1, min(int(share), least)) if share >= 1 else share, settings.parallel
        # A training has use for a few cores, not for dozens.
        share = min(4, least)
        return 0, share, max(1, cores // share) if self.is_own else None

    def room(self) -> int:
        """Return how many members run at a time, as far as is known now."""
        if self.parallel:
            return self.parallel
        there = self._ray.cluster_resources()
        return max(1, int(there.get("GPU", 0) / self.gpus if self.gpus else there.get("CPU", 1) / self.cpus))

    def _nodes(self) -> list[Mapping[str, Any]]:
        return [node for node in self._ray.nodes() if node["Alive"]]

    def see(self, tokens: Sequence[tuple[str, str]]) -> list[str]:
        """Return the addresses of machines that do not see all these files with their content."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        asked = {}
        for node in self._nodes():
            place = NodeAffinitySchedulingStrategy(node_id=node["NodeID"], soft=False)
            task = self._ray.remote(num_cpus=0, max_retries=0, scheduling_strategy=place)(sees)
            asked[node["NodeManagerAddress"]] = task.remote(tokens)
        try:
            return [address for address, answer in asked.items() if not self._ray.get(answer, timeout=120)]
        except self._ray.exceptions.RayError as error:
            raise ChestbenchError(_not_set_up(error)) from None

    def submit(self, job: Job, begun: MemberStatus) -> None:
        """Have Ray run a member as soon as there is room."""
        task = self._ray.remote(num_cpus=self.cpus, num_gpus=self.gpus, max_retries=0, scheduling_strategy="SPREAD")(
            _run
        )
        self._tasks[task.remote(job, begun, self._board)] = job.name

    def ended(self, seconds: float) -> list[tuple[str, Result | Exception]]:
        """Return members that came to an end, after at most so many seconds; each once."""
        if not self._tasks:
            return []
        self._ray.wait(list(self._tasks), num_returns=1, timeout=seconds)
        refs, _ = self._ray.wait(list(self._tasks), num_returns=len(self._tasks), timeout=0)
        errors, found = self._ray.exceptions, []
        for ref in refs:
            name, outcome = self._tasks.pop(ref), None
            try:
                outcome = self._ray.get(ref)
            except errors.RayTaskError as error:
                outcome = (
                    error.cause if isinstance(error.cause, ChestbenchError) else ChestbenchError(_not_set_up(error))
                )
            except errors.RayError as error:
                outcome = Died(" ".join(str(error).split())[:300])
            found.append((name, outcome))
        return found

    def said(self) -> dict[str, MemberStatus]:
        """Return what workers said last of their members."""
        try:
            found: dict[str, MemberStatus] = self._ray.get(self._board.read.remote(), timeout=10)
        except (self._ray.exceptions.RayError, TimeoutError):  # its machine died; Ray starts it anew
            return {}
        return found

    def end(self, name: str) -> None:
        """End a member at once."""
        for ref in [ref for ref, found in self._tasks.items() if found == name]:
            self._ray.cancel(ref, force=True)

    def close(self) -> None:
        """End all that runs, and let go of Ray."""
        for ref in self._tasks:
            self._ray.cancel(ref, force=True)
        self._ray.shutdown()


class Board:
    """Holds the last word of each member."""

    def __init__(self) -> None:
        self._said: dict[str, MemberStatus] = {}

    def say(self, status: MemberStatus) -> None:
        """Take a word."""
        self._said[status.name] = status

    def read(self) -> dict[str, MemberStatus]:
        """Return the last words."""
        return self._said


def sees(tokens: Sequence[tuple[str, str]]) -> bool:
    """Tell whether this machine sees all these files with their content."""
    from pathlib import Path

    def content(path: str) -> str:
        try:
            return Path(path).read_text(encoding="utf-8")
        except OSError:
            return ""

    return all(content(path) == written for path, written in tokens)


def _run(job: Job, begun: MemberStatus, board: Any) -> Result:
    import ray

    context = ray.get_runtime_context()
    cards = context.get_accelerator_ids().get("GPU", [])
    device = f"gpu {','.join(map(str, cards))}" if cards else "cpu"
    begun = replace(begun, node=ray.util.get_node_ip_address(), device=device)
    return run_job(job, begun, board.say.remote)


def _not_set_up(error: Exception) -> str:
    text = str(error).strip().splitlines()
    told = text[-1] if text else type(error).__name__
    if "chestbench" in str(error) and "ModuleNotFoundError" in str(error):
        return (
            "expected this repository on every machine of the cluster, received one that cannot import chestbench; "
            f"`make setup` there, and `ray start` with the Python of its .venv (here {sys.version.split()[0]})"
        )
    return f"expected a machine that runs members, received: {told}"
