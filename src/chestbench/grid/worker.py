"""One member on one machine: its clone, the real `dvc exp run` in it, and what goes back to the head.

Nothing here knows Ray: it is an ordinary function, which a task of Ray calls and a test may call.
"""

import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from chestbench.core.files import read_json, sha256_json
from chestbench.grid.clones import Source, one_of, prepare
from chestbench.grid.elsewhere import Carried, source_here, working_folder
from chestbench.grid.events import MemberStatus
from chestbench.grid.limits import Limits, kept_within
from chestbench.grid.member_run import Task, database_of, read_answer
from chestbench.grid.output import Output
from chestbench.grid.process import Group, lives
from chestbench.grid.state import CLONES, ref_of
from chestbench.grid.surroundings import Surroundings, refuse_other
from chestbench.repository.clone import environment
from chestbench.repository.git import git, git_bytes

RUN = (sys.executable, "-m", "chestbench.grid.member_run")
_SECONDS_BETWEEN_LOOKS = 0.25
_SECONDS_BETWEEN_WORDS = 1.0
SUMMARY = "metrics/summary.json"


@dataclass(frozen=True)
class Job:
    """All that a machine must know to run a member.

    Attributes:
        name: of the experiment.
        overrides: one value each.
        composes: whether DVC composes its parameters; else they lie in the tree of its source.
        dataset: name of MLflow's experiment.
        source: what its clone is made of, as it lies on the head.
        root: of the repository on the head.
        carried: commit and remote for machines that do not see `root`; None: they do.
        store: MLflow's address for everyone; "": `own_store`, which only the head's own machine writes.
        own_store: MLflow's address on the head; "": the database in `root`.
        head: `machine()` of the head.
        head_process: number of the head's process where Ray was started for it alone, which ends with it only after
            a while; 0: Ray ends the members of a head that is gone.
        limits: of one attempt.
        surroundings: versions that must be the same here.
        variables: of the head, which the member gets too, where it is set.
    """

    name: str
    overrides: tuple[str, ...]
    composes: bool
    dataset: str
    source: Source
    root: Path
    carried: Carried | None
    store: str
    own_store: str
    head: str
    head_process: int
    limits: Limits
    surroundings: Surroundings
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What a member came to.

    Attributes:
        status: the last one, `done` or `failed`.
        bundle: its experiment as a bundle of Git; b"" where it failed.
        recorded: whether MLflow's store has its runs.
        told: what the head shall say besides.
    """

    status: MemberStatus
    bundle: bytes = b""
    recorded: bool = False
    told: tuple[str, ...] = ()


Report = Callable[[MemberStatus], None]


def machine() -> str:
    """Return what tells this machine from others in a cluster."""
    return sha256_json([socket.gethostname(), os.environ.get("CHESTBENCH_GRID_FOLDER", "")])[:12]


def run_job(job: Job, begun: MemberStatus, report: Report) -> Result:
    """Run a member to its end, and say meanwhile how far it is.

    Args:
        job: the member.
        begun: its status, with node and device.
        report: called when something has changed, at most every second.

    Raises:
        ChestbenchError: this machine cannot run it at all, such as other versions of packages.
    """
    refuse_other(job.surroundings)
    begun, started = replace(begun, state="running"), time.monotonic()
    report(begun)
    base = working_folder() if job.carried else job.root
    source = source_here(job.carried, job.source, base) if job.carried else job.source
    with one_of(base / CLONES / machine()) as (folder, lock):
        prepare(folder, source)
        task, variables = _task(job, base), _variables(job, base, folder)
        task.write(folder)
        output = folder / ".dvc/tmp/grid-output.txt"
        group = Group(RUN, folder, variables, output, [lock])
        try:
            status, why = _watched(job, group, Output(output, begun.judged_by), begun, started, report)
        finally:
            group.end()
        seconds = round(time.monotonic() - started, 1)
        answer = read_answer(folder) if not why else None
        if answer is None:
            lines = (*status.last_lines, *([why] if why else []))
            return Result(replace(status, state="failed", seconds=seconds, last_lines=lines))
        commit, bundle = _bundle(folder, job)
        status = replace(status, state="done", stage="", epoch=0, epochs=0, seconds=seconds, commit=commit)
        return Result(
            replace(status, measure=_measure(folder, status), last_lines=()),
            bundle,
            answer.recorded,
            tuple(answer.told),
        )


def _task(job: Job, base: Path) -> Task:
    given = [part for text in job.overrides for part in ("-S", text)]
    run = ["exp", "run", "--name", job.name, *([] if job.composes else ["--no-hydra"]), *given]
    # The archive that a data set was made of may lie on the head alone, its outputs in the remote.
    away = ["--pull", "--allow-missing"] if job.carried else []
    commands = [[*run, *away], *([["push", "--run-cache"]] if job.carried else [])]
    records, store = bool(job.store) or _is_head(job), job.store or job.own_store
    return Task(commands, str(base), job.name, job.source.commit, records, store, job.dataset)


def _variables(job: Job, base: Path, folder: Path) -> dict[str, str]:
    """Return the variables of the member: its own code, and an MLflow that this machine may write."""
    found = {**environment(base, folder), **job.variables}
    # Of Ray's tasks: a training counts threads by itself.
    if "OMP_NUM_THREADS" not in job.variables:
        found.pop("OMP_NUM_THREADS", None)
    store = job.store or job.own_store
    if not job.store and not _is_head(job):  # a database on a shared disk is no place for two machines
        store = database_of(folder)
    if store:
        found["MLFLOW_TRACKING_URI"] = store
    return found


def _is_head(job: Job) -> bool:
    return job.carried is None and machine() == job.head


def _watched(
    job: Job, group: Group, output: Output, begun: MemberStatus, started: float, report: Report
) -> tuple[MemberStatus, str]:
    """Wait for the end; return the last status, and why it failed ("" where it did not)."""
    status, said, within = begun, 0.0, kept_within(job.limits, group)
    while True:
        ended, why = group.poll(), next(within)
        progress = output.read()
        status = replace(
            begun,
            stage=progress.stage,
            epoch=progress.epoch,
            epochs=progress.epochs,
            measure=progress.measure,
            images_per_second=progress.images_per_second,
            trained=begun.trained or progress.trained,
            seconds=round(time.monotonic() - started, 1),
            last_lines=output.last_lines(),
        )
        if ended is not None:
            return status, "" if ended == 0 else _ended(ended)
        if why:
            return status, why
        if job.head_process and not lives(job.head_process):
            return status, "ended as the grid's own process is gone; the same command goes on"
        if time.monotonic() - said > _SECONDS_BETWEEN_WORDS:
            report(status)
            said = time.monotonic()
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _ended(status: int) -> str:
    return (
        f"ended by signal {-status} (out of memory, or somebody's kill)" if status < 0 else f"DVC ended with {status}"
    )


def _bundle(folder: Path, job: Job) -> tuple[str, bytes]:
    """Return the commit of the experiment, and a bundle with what the head has not."""
    ref = ref_of(job.source.commit, job.name)
    commit = git(folder, "rev-parse", "--verify", ref)
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary, "experiment")
        git_bytes(folder, "bundle", "create", "--quiet", str(path), ref, f"^{job.source.commit}")
        return commit, path.read_bytes()


def _measure(folder: Path, status: MemberStatus) -> float | None:
    """Return the measure of what was chosen on val; of trainings that DVC restored no line was read."""
    try:
        found = read_json(folder / SUMMARY)[status.judged_by]
    except (FileNotFoundError, KeyError):
        return status.measure
    value = found["value"] if isinstance(found, dict) else found
    return None if value is None else float(value)
