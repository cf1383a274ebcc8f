"""What the head does beside the members: data before them, records after them, each in one thread of its own."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor

from chestbench.grid import state
from chestbench.grid.collect import record
from chestbench.grid.data_stages import Files, data_key, data_of, pipeline, run_data
from chestbench.grid.events import Member, Plan
from chestbench.grid.jobs import Jobs
from chestbench.grid.storage import Place


class Beside:
    """Runs data stages, one configuration after the other, and brings runs into MLflow, one member after the other.

    Args:
        plan: of the grid.
        place: how machines get what they need.
        jobs: of the grid.
        report: called with members and the stage that their data are in.
    """

    def __init__(self, plan: Plan, place: Place, jobs: Jobs, report: Callable[[list[str], str], None]) -> None:
        self._plan, self._place, self._jobs, self._report = plan, place, jobs, report
        self._stages = pipeline(plan.root, plan.tree.tree)
        self._data: dict[str, Future[Files]] = {}
        self._runs_data = ThreadPoolExecutor(1, thread_name_prefix="grid-data")
        self._records = ThreadPoolExecutor(1, thread_name_prefix="grid-record")
        self._stop = threading.Event()

    def data(self, member: Member, members: Collection[Member]) -> "Future[Files]":
        """Return the data of a member, which are begun where they are not yet.

        Args:
            member: of the grid.
            members: all that are known, some of which have their data in common with it.
        """
        key = data_key(member, self._stages)
        if key not in self._data:
            alike = [one for one in members if data_key(one, self._stages) == key]
            self._data[key] = self._runs_data.submit(self._run, key, alike)
        return self._data[key]

    def _run(self, key: str, alike: list[Member]) -> Files:
        names = [member.name for member in alike]
        return run_data(
            self._plan.root,
            self._jobs.source(alike[0]),
            data_of(alike, self._stages),
            state.folder_of(self._plan.root, self._plan.name) / "data" / key[:16],
            bool(self._place.remote),
            lambda stage: self._report(names, stage),
            self._stop,
        )

    def record(self, member: Member, commit: str) -> "Future[list[str]]":
        """Have MLflow's store brought up to date with the experiment of a member; gives what went wrong."""
        return self._records.submit(
            record,
            self._plan.root,
            self._jobs.source(member),
            member.name,
            commit,
            member.values["dataset"]["name"],
            self._jobs.store(),
            bool(self._place.remote),
            self._stop,
        )

    def close(self) -> None:
        """End what runs."""
        self._stop.set()
        for pool in (self._runs_data, self._records):
            pool.shutdown(wait=True, cancel_futures=True)
