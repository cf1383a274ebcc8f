"""Which member of a grid is where, and what becomes of it next."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from chestbench.core.errors import ChestbenchError
from chestbench.grid import state
from chestbench.grid.beside import Beside
from chestbench.grid.collect import fetch
from chestbench.grid.data_stages import Failed, pipeline, training_keys
from chestbench.grid.ends import NOT_AGAIN, ends_the_same, reason_in
from chestbench.grid.events import Member, MemberStatus, OnChange, Plan, Proposer
from chestbench.grid.jobs import Jobs
from chestbench.grid.on_ray import Cluster, Died
from chestbench.grid.queued import take_off
from chestbench.grid.tried import judges_of
from chestbench.grid.worker import Result

_SECONDS_BETWEEN_LOOKS = 0.5
# A machine that dies costs no attempt, but one that kills every process costs no endless grid either.
_DEATHS = 5


class Grid:
    """The members of a grid while it runs; see `run.run_grid`.

    Args:
        plan: what is run.
        on_change: called with all members whenever one has changed.
        propose: gives further members.
        code: see `state.code_id`.
    """

    def __init__(self, plan: Plan, on_change: OnChange, propose: Proposer | None, code: str) -> None:
        self.plan, self.on_change, self.propose, self.code = plan, on_change, propose, code
        self.stages = pipeline(plan.root, plan.tree.tree)
        self.status: dict[str, MemberStatus] = {}
        self.members: dict[str, Member] = {}
        self.waiting: list[str] = []
        self.running: set[str] = set()
        self.recording: dict[str, Future[list[str]]] = {}
        self.data_stage: dict[str, str] = {}
        self.deaths: dict[str, int] = {}
        # Seconds of attempts that are over.
        self.spent: dict[str, float] = {}
        self.shown: list[MemberStatus] = []
        for member in plan.members:
            self._add(member)

    def statuses(self) -> list[MemberStatus]:
        """Return all members, in their order."""
        return list(self.status.values())

    def has_work(self) -> bool:
        """Tell whether anything is left to do."""
        return bool(self.waiting) or self.propose is not None

    def stage_of_data(self, names: list[str], stage: str) -> None:
        """Take the stage that the data of members are in; called by another thread."""
        self.data_stage.update(dict.fromkeys(names, stage))

    def run(self, cluster: Cluster, jobs: Jobs, beside: Beside) -> None:
        """Run what is left."""
        while self._go_on(cluster):
            self._submit(cluster, jobs, beside)
            self._take(cluster, beside)
            self._show()
        self._show()

    def _add(self, member: Member) -> None:
        self.members[member.name] = member
        judges = judges_of(member.values)
        status = MemberStatus(member.name, member.told or member.overrides, judged_by=member.judged_by, judges=judges)
        found = state.done(self.plan.root, self.plan.name, member, self.plan.tree, self.code)
        if found is None:
            self.status[member.name] = status
            self.waiting.append(member.name)
            return
        self.status[member.name] = replace(
            status,
            state="skipped",
            measure=found.measure,
            seconds=found.seconds,
            commit=found.commit,
            trained=found.trained,
        )
        self._tell(member.name)

    def _go_on(self, cluster: Cluster) -> bool:
        """Tell whether something is left to do; ask for members where there is room for more."""
        while self.propose is not None and len(self.waiting) + len(self.running) < cluster.room():
            if (member := self.propose.next_member()) is None:
                break
            if member.name not in self.members:
                self._add(member)
        return bool(self.waiting or self.running or self.recording)

    def _submit(self, cluster: Cluster, jobs: Jobs, beside: Beside) -> None:
        """Give Ray the members whose data are there, and whose trainings no other member is at."""
        busy = {key for name in self.running for key in training_keys(self.members[name], self.stages)}
        for name in list(self.waiting):
            member = self.members[name]
            data, keys = beside.data(member, self.members.values()), training_keys(member, self.stages)
            is_full = cluster.parallel is not None and len(self.running) >= cluster.parallel
            if not data.done():
                self._set(name, state="data", stage=self.data_stage.get(name, ""))
            elif is_full or keys & busy:
                self._set(name, state="waiting", stage="")
            else:
                try:
                    job = jobs.job(member, data.result())
                except ChestbenchError as error:
                    self._fail(name, error.lines if isinstance(error, Failed) else [str(error)])
                    continue
                busy |= keys
                self.waiting.remove(name)
                self.running.add(name)
                self._set(name, state="waiting", stage="", attempt=self.status[name].attempt + 1)
                cluster.submit(job, self.status[name])

    def _take(self, cluster: Cluster, beside: Beside) -> None:
        """Take what came to an end, and what machines say of the rest."""
        begun = time.monotonic()
        for name, outcome in cluster.ended(_SECONDS_BETWEEN_LOOKS):
            self.running.discard(name)
            if isinstance(outcome, Result):
                self._came(name, outcome, beside)
            elif isinstance(outcome, Died):
                self._died(name, outcome)
            else:
                self._again(name, [str(outcome)], self.status[name].seconds)
        for name, status in cluster.said().items():
            if name in self.running and status.attempt == self.status[name].attempt:
                self.status[name] = replace(status, seconds=status.seconds + self.spent.get(name, 0.0))
        for name, future in list(self.recording.items()):
            if future.done():
                del self.recording[name]
                try:
                    self._recorded(name, future.result())
                except ChestbenchError as error:
                    self._recorded(name, [str(error)])
        time.sleep(max(0.0, _SECONDS_BETWEEN_LOOKS - (time.monotonic() - begun)))

    def _came(self, name: str, result: Result, beside: Beside) -> None:
        seconds = round(result.status.seconds + self.spent.get(name, 0.0), 1)
        if result.status.state != "done":
            lines = result.status.last_lines
            if ends_the_same(lines):
                self._set(name, seconds=seconds)
                self._fail(name, [*lines, NOT_AGAIN])
            else:
                self._again(name, lines, seconds)
            return
        try:
            commit = fetch(self.plan.root, result.bundle, self.plan.tree.commit, name)
        except ChestbenchError as error:
            self._again(name, [str(error)], seconds)
            return
        # Not `done` before its runs are in MLflow's store.
        self.status[name] = replace(result.status, state="running", stage="record", seconds=seconds, commit=commit)
        if result.recorded:
            self._recorded(name, [])
        else:
            self.recording[name] = beside.record(self.members[name], commit)

    def _recorded(self, name: str, wrong: list[str]) -> None:
        if wrong:
            self._fail(name, [f"its experiment is in the repository, its runs are not in MLflow: {wrong[0]}"])
            return
        self._set(name, state="done", stage="")
        self._note(name)
        if self.members[name].queued:
            take_off(self.plan.root, [name])
        self._tell(name)

    def _died(self, name: str, why: Died) -> None:
        self.deaths[name] = self.deaths.get(name, 0) + 1
        self.spent[name] = self.status[name].seconds
        if self.deaths[name] > _DEATHS:
            self._fail(name, [f"its process or machine died {self.deaths[name]} times: {why}"])
            return
        attempt = self.status[name].attempt - 1
        self._set(name, state="waiting", stage="", attempt=attempt, last_lines=(str(why),), before=str(why))
        self.waiting.append(name)

    def _again(self, name: str, lines: Sequence[str], seconds: float) -> None:
        """Give a member that failed another attempt, while it has any."""
        self.spent[name] = seconds
        self._set(name, seconds=seconds)
        if self.status[name].attempt > self.plan.settings.retries:
            self._fail(name, lines)
            return
        self._set(name, state="waiting", stage="", last_lines=tuple(lines), before=reason_in(lines))
        self.waiting.append(name)

    def _fail(self, name: str, lines: Sequence[str]) -> None:
        if name in self.waiting:
            self.waiting.remove(name)
        self._set(name, state="failed", last_lines=tuple(lines))
        self._note(name)
        self._tell(name)

    def _note(self, name: str) -> None:
        status = self.status[name]
        kept = state.Kept(
            name=name,
            overrides=self.members[name].overrides,
            code=self.code,
            state=status.state,
            commit=status.commit,
            measure=status.measure,
            seconds=status.seconds,
            last_lines=status.last_lines,
            trained=status.trained,
        )
        state.keep(self.plan.root, self.plan.name, kept)

    def _tell(self, name: str) -> None:
        if self.propose is not None:
            status = self.status[name]
            self.propose.tell(self.members[name], status.measure if status.state != "failed" else None)

    def _set(self, name: str, **values: Any) -> None:
        self.status[name] = replace(self.status[name], **values)

    def _show(self) -> None:
        if (now := self.statuses()) != self.shown:
            self.shown = now
            self.on_change(now)
