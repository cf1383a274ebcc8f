"""A grid from its plan to its end: data first, then members as there is room, each brought home as it ends.

What a member came to is noted only after its experiment is in the repository and its runs are in MLflow's store. The
same plan run again goes on with what is not noted; nothing is trained twice, as the run cache and checkpoints know it.
"""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from chestbench.core.errors import ChestbenchError
from chestbench.core.one_at_a_time import one_at_a_time
from chestbench.grid import state
from chestbench.grid.clones import Source
from chestbench.grid.collect import fetch, record
from chestbench.grid.data_stages import Data, Failed, Files, data_key, data_of, pipeline, run_data, training_keys
from chestbench.grid.elsewhere import Carried, carried
from chestbench.grid.events import Member, MemberStatus, OnChange, Plan, Proposer
from chestbench.grid.limits import Limits
from chestbench.grid.on_ray import Cluster, Died
from chestbench.grid.planning import person_of
from chestbench.grid.queued import take_off
from chestbench.grid.storage import Place, chosen
from chestbench.grid.surroundings import surroundings
from chestbench.grid.worker import Job, Result, machine
from chestbench.repository.git import git

_SECONDS_BETWEEN_LOOKS = 0.5
# A machine that dies costs no attempt, but one that kills every process costs no endless grid either.
_DEATHS = 5
# Passed on to other machines, where somebody has set them.
_VARIABLES = ("OMP_NUM_THREADS", "KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL", "XLA_FLAGS", "MLFLOW_TRACKING_USERNAME",
              "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")  # fmt: skip


def run_grid(plan: Plan, on_change: OnChange, propose: Proposer | None = None) -> list[MemberStatus]:
    """Run a grid to its end.

    Args:
        plan: what is run.
        on_change: called with all members, in their order, whenever one has changed.
        propose: gives further members while it runs.

    Returns:
        What each came to: `done`, `failed`, or `skipped` where an earlier run of the same grid had done it.

    Raises:
        ChestbenchError: Ray, Git or DVC refuse, or the same grid is at work already.
        KeyboardInterrupt: after all processes of members have been ended.
    """
    code = state.code_id(plan.root, plan.tree)
    with one_at_a_time(state.folder_of(plan.root, plan.name).with_suffix(".lock"), f"chestbench grid {plan.name}"):
        state.refuse_taken(plan.root, plan, code)
        state.begin(plan)
        grid = _Grid(plan, on_change, propose, code)
        if grid.has_work():
            with ExitStack() as held:
                grid.run(held)
        return grid.statuses()


class _Grid:
    """Which member is where; see `run_grid`."""

    def __init__(self, plan: Plan, on_change: OnChange, propose: Proposer | None, code: str) -> None:
        self.plan, self.on_change, self.propose, self.code = plan, on_change, propose, code
        self.stages = pipeline(plan.root, plan.tree.tree)
        self.status: dict[str, MemberStatus] = {}
        self.members: dict[str, Member] = {}
        self.waiting: list[str] = []
        self.running: set[str] = set()
        self.recording: dict[str, Future[list[str]]] = {}
        self.data: dict[str, Future[Files]] = {}
        self.deaths: dict[str, int] = {}
        self.spent: dict[str, float] = {}
        self.results: dict[str, Result] = {}
        self.stop = threading.Event()
        self.told: list[MemberStatus] = []
        for member in plan.members:
            self._add(member)

    def statuses(self) -> list[MemberStatus]:
        return list(self.status.values())

    def has_work(self) -> bool:
        return bool(self.waiting) or self.propose is not None

    def _add(self, member: Member) -> None:
        self.members[member.name] = member
        status = MemberStatus(member.name, member.overrides, epochs=0)
        if found := state.done(self.plan.root, self.plan.name, member, self.plan.tree, self.code):
            status = replace(status, state="skipped", measure=found.measure, seconds=found.seconds, commit=found.commit)
            self.status[member.name] = status
            self._tell(member.name)
            return
        self.status[member.name] = status
        self.waiting.append(member.name)

    def run(self, held: ExitStack) -> None:
        """Run what is left."""
        self.cluster = Cluster(self.plan.settings)
        held.callback(self.cluster.close)
        self.place: Place = held.enter_context(chosen(self.plan, self.cluster))
        self._say(self.place.said)
        held.enter_context(_kept_commits(self.plan))
        # One configuration of the data after the other, and one record after the other.
        self.runs_data = held.enter_context(_threads("grid-data"))
        self.records = held.enter_context(_threads("grid-record"))
        held.callback(self.stop.set)
        while self._go_on():
            self._submit()
            self._ended()
            self._recorded()
            self._show()
        self._show()

    def _go_on(self) -> bool:
        """Tell whether something is left to do; ask for members where there is room for more."""
        if self.propose is not None:
            while len(self.waiting) + len(self.running) < self.cluster.room():
                if (member := self.propose.next_member()) is None:
                    break
                if member.name not in self.members:
                    self._add(member)
        return bool(self.waiting or self.running or self.recording)

    def _submit(self) -> None:
        """Give Ray the members whose data are there and whose trainings nobody else is at."""
        busy = {key for name in self.running for key in training_keys(self.members[name], self.stages)}
        most = self.cluster.parallel
        for name in list(self.waiting):
            if most is not None and len(self.running) >= most:
                return
            member = self.members[name]
            future = self._data_of(member)
            if not future.done():
                self._set(name, state="data")
                continue
            keys = training_keys(member, self.stages)
            if keys & busy:
                self._set(name, state="waiting", stage="")
                continue
            try:
                files = future.result()
            except Failed as error:
                self._fail(name, error.lines)
                continue
            except ChestbenchError as error:
                self._fail(name, [str(error)])
                continue
            busy |= keys
            self.waiting.remove(name)
            self.running.add(name)
            begun = replace(self.status[name], state="waiting", stage="", attempt=self.status[name].attempt + 1)
            self.status[name] = begun
            self.cluster.submit(self._job(member, files), begun)

    def _data_of(self, member: Member) -> "Future[Files]":
        key = data_key(member, self.stages)
        if key not in self.data:
            alike = [one for one in self.members.values() if data_key(one, self.stages) == key]
            data = data_of(alike, self.stages)
            self.data[key] = self.runs_data.submit(self._run_data, data, [one.name for one in alike])
        return self.data[key]

    def _run_data(self, data: Data, names: list[str]) -> Files:
        noted = state.folder_of(self.plan.root, self.plan.name) / "data" / data.key[:16]

        def report(stage: str) -> None:
            for name in names:
                if self.status[name].state == "data":
                    self._set(name, stage=stage)

        source = self._source(self.members[names[0]], ())
        return run_data(self.plan.root, source, data, noted, bool(self.place.remote), report, self.stop)

    def _source(self, member: Member, files: Files) -> Source:
        tree, person = self.plan.tree, person_of(self.plan.root)
        return Source(self.plan.root, tree.commit, member.queued or tree.tree, files, self.place.config, person)

    def _job(self, member: Member, files: Files) -> Job:
        settings, source = self.plan.settings, self._source(member, files)
        what: Carried | None = carried(source, self.place.remote) if self.place.remote else None
        return Job(
            name=member.name,
            overrides=member.overrides,
            composes=not member.queued,
            dataset=member.values["dataset"]["name"],
            source=source,
            root=self.plan.root,
            carried=what,
            store="" if self.place.remote and not _served() else _served(),
            head=machine(),
            limits=Limits(settings.time_limit, settings.memory_limit),
            surroundings=surroundings(),
            variables={name: os.environ[name] for name in _VARIABLES if name in os.environ},
        )

    def _ended(self) -> None:
        """Take what came to an end: home, or again."""
        begun = time.monotonic()
        for name, outcome in self.cluster.ended(_SECONDS_BETWEEN_LOOKS):
            self.running.discard(name)
            if isinstance(outcome, Died):
                self.deaths[name] = self.deaths.get(name, 0) + 1
                self.spent[name] = self.status[name].seconds
                attempt = self.status[name].attempt - 1
                if self.deaths[name] > _DEATHS:
                    self._fail(name, [f"its machine or process died {self.deaths[name]} times: {outcome}"])
                    continue
                self._set(name, state="waiting", attempt=attempt, last_lines=(str(outcome),))
                self.waiting.append(name)
            elif isinstance(outcome, Result):
                self._came(name, outcome)
            else:
                self._again(name, [str(outcome)], self.status[name].seconds)
        for name, status in self.cluster.said().items():
            if name in self.running and status.attempt == self.status[name].attempt:
                self.status[name] = replace(status, seconds=status.seconds + self.spent.get(name, 0.0))
        if (left := _SECONDS_BETWEEN_LOOKS - (time.monotonic() - begun)) > 0:
            time.sleep(left)

    def _came(self, name: str, result: Result) -> None:
        seconds = round(result.status.seconds + self.spent.get(name, 0.0), 1)
        if result.status.state != "done":
            self._again(name, result.status.last_lines, seconds)
            return
        commit = fetch(self.plan.root, result.bundle, self.plan.tree.commit, name)
        self.results[name] = result
        # Not `done` before it is noted.
        self.status[name] = replace(result.status, state="running", stage="record", seconds=seconds, commit=commit)
        if result.recorded:
            self._done(name, result.told)
            return
        member = self.members[name]
        source, store = self._source(member, ()), _served() or _own_store(self.plan)
        arguments = (name, commit, member.values["dataset"]["name"], store, bool(self.place.remote), self.stop)
        self.recording[name] = self.records.submit(record, self.plan.root, source, *arguments)

    def _recorded(self) -> None:
        for name, future in list(self.recording.items()):
            if not future.done():
                continue
            del self.recording[name]
            if wrong := future.result():
                self._fail(name, [f"its experiment is in the repository, its runs are not in MLflow: {wrong[0]}"])
            else:
                self._done(name, ())

    def _done(self, name: str, told: tuple[str, ...]) -> None:
        self.status[name] = replace(self.status[name], state="done", stage="", last_lines=told)
        self._note(name)
        if self.members[name].queued:
            take_off(self.plan.root, [name])
        self._tell(name)

    def _again(self, name: str, lines: "tuple[str, ...] | list[str]", seconds: float) -> None:
        """Give a member that failed another attempt, while it has any."""
        self.spent[name] = seconds
        if self.status[name].attempt > self.plan.settings.retries:
            self._set(name, seconds=seconds)
            self._fail(name, lines)
            return
        self._set(name, state="waiting", stage="", seconds=seconds, last_lines=tuple(lines))
        self.waiting.append(name)

    def _fail(self, name: str, lines: "tuple[str, ...] | list[str]") -> None:
        if name in self.waiting:
            self.waiting.remove(name)
        self._set(name, state="failed", last_lines=tuple(lines))
        self._note(name)
        self._tell(name)

    def _note(self, name: str) -> None:
        status = self.status[name]
        kept = state.Kept(
            name=name,
            overrides=status.overrides,
            code=self.code,
            state=status.state,
            commit=status.commit,
            measure=status.measure,
            seconds=status.seconds,
            last_lines=status.last_lines,
        )
        state.keep(self.plan.root, self.plan.name, kept)

    def _tell(self, name: str) -> None:
        if self.propose is not None:
            status = self.status[name]
            self.propose.tell(self.members[name], status.measure if status.state != "failed" else None)

    def _set(self, name: str, **values: object) -> None:
        self.status[name] = replace(self.status[name], **values)  # type: ignore[arg-type]

    def _show(self) -> None:
        if (now := self.statuses()) != self.told:
            self.told = now
            self.on_change(now)

    def _say(self, text: str) -> None:
        import sys

        print(f"grid {self.plan.name}: {text}", file=sys.stderr, flush=True)


def _served() -> str:
    """Return the address of an MLflow that every machine reaches, "" where there is none."""
    address = os.environ.get("MLFLOW_TRACKING_URI", "")
    return address if not address.startswith(("sqlite:", "file:")) else ""


def _own_store(plan: Plan) -> str:
    from mlflow.utils.file_utils import path_to_local_sqlite_uri

    from chestbench.tracking.database import DATABASE

    return os.environ.get("MLFLOW_TRACKING_URI") or str(path_to_local_sqlite_uri(str(plan.root / DATABASE)))


@contextmanager
def _kept_commits(plan: Plan) -> Iterator[None]:
    """Name what is run while it runs, so that Git keeps uncommitted changes that no branch holds."""
    ref = f"refs/chestbench/grids/{plan.name}"
    git(plan.root, "update-ref", ref, plan.tree.tree)
    try:
        yield
    finally:
        git(plan.root, "update-ref", "-d", ref, check=False)


@contextmanager
def _threads(name: str) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(1, thread_name_prefix=name)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
