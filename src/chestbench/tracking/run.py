"""One run per network: opened when training starts, fed every epoch, closed with how it ended."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from chestbench.core.secrets import hide
from chestbench.tracking.inputs import log_dataset
from chestbench.tracking.machine import MachineWatch
from chestbench.tracking.naming import epoch_figures, parameter_values, run_name
from chestbench.tracking.recipes import recipe_parameters
from chestbench.tracking.running import abandoned, forget, hold, release
from chestbench.tracking.store import Store, connect, patiently, repository_root, surroundings, trouble

if TYPE_CHECKING:
    from mlflow.entities import Run as MlflowRun

Result = TypeVar("Result")
logger = logging.getLogger(__name__)
METRICS_A_BATCH = 900
PARAMETERS_A_BATCH = 90


class Run:
    """A run of one network. After the store's first failure it warns once, and from then on does nothing.

    Attributes:
        run_id: MLflow's id, or None when the store could not be reached at the start.
    """

    def __init__(self, store: Store | None, run_id: str | None, experiment_id: str | None = None) -> None:
        self.store, self.run_id, self.experiment_id = store, run_id, experiment_id
        self.root: Path | None = None
        self.held: IO[str] | None = None
        self.watch: MachineWatch | None = None

    def log_epoch(self, epoch: int, metrics: Mapping[str, Any]) -> None:
        """Log the numbers of one epoch's history row, such as `train/loss`, at step `epoch`."""
        self.log_epochs([(epoch, metrics, now())])

    def log_epochs(self, rows: Iterable[tuple[int, Mapping[str, Any], int]]) -> None:
        """Log several epochs: (epoch, history row, time in milliseconds)."""
        entries = [(name, value, when, step) for step, row, when in rows for name, value in epoch_figures(row).items()]
        self.attempt("epochs", lambda store: send(store, self.id, metrics=entries))

    def log_machine(self, looked: Mapping[str, float], number: int) -> None:
        """Log what `MachineWatch` saw; a store that fails raises, and ends it."""
        if self.store is None:
            raise ConnectionError("the store was given up")
        store, when = self.store, now()
        patiently(lambda: send(store, self.id, [(name, value, when, number) for name, value in looked.items()]))

    def finish(self, status: str, when: int | None = None) -> None:
        """Close the run: FINISHED, FAILED or KILLED, now or at a time in milliseconds."""
        if self.watch is not None:
            self.watch.stop()
        self.attempt("the end of the run", lambda store: store.client.set_terminated(self.id, status, when or now()))
        # What the store lacks of a training that finished is added from its outputs: nobody is to mark it as killed.
        if self.root is not None and (self.store is not None or status == "FINISHED"):
            release(self.root, self.id, self.held)

    def attempt(self, what: str, call: Callable[[Store], Result]) -> Result | None:
        """Return `call(store)`; when the store fails, warn, give it up for this run and return None."""
        if self.store is None:
            return None
        store = self.store
        try:
            return patiently(lambda: call(store))
        except trouble() as error:
            self.store = None
            warn(what, error)
            return None

    @property
    def id(self) -> str:
        """MLflow's id, where there is a store."""
        if self.run_id is None:
            raise RuntimeError("a run with a store has an id")
        return self.run_id


def start_run(experiment: str, name: str, parameters: Mapping[str, Any], tags: Mapping[str, str]) -> Run:
    """Open a run in the experiment; never fails for the store's sake.

    A run with the same `run_key` tag that still claims to be running was interrupted: it is marked KILLED. So is any
    that a process of this repository logged which is dead now.

    Args:
        experiment: name of the experiment: the data set.
        name: the network; `naming.run_name` makes the run's name of it.
        parameters: flat parameters.
        tags: from `naming.training_tags`; Git revision and DVC experiment are added here.
    """
    try:
        store, root = connect(), repository_root()
        patiently(lambda: close_abandoned(store, root))
        run = patiently(lambda: open_run(store, root, experiment, name, parameters, {**tags, **surroundings()}, now()))
        run.root, run.held, run.watch = root, hold(root, run.id), MachineWatch(run.log_machine)
        run.watch.start()
        return run
    except trouble() as error:
        warn("the run", error)
        return Run(None, None)


def open_run(
    store: Store,
    root: Path,
    experiment: str,
    name: str,
    parameters: Mapping[str, Any],
    tags: Mapping[str, str],
    start: int,
) -> Run:
    """Open a run, closing interrupted ones of its run key.

    Its name is given here, once: a run that somebody renames keeps the new name when `sync` completes it.

    Args:
        store: where.
        root: repository, whose conf/ says what is not worth telling in a name.
        experiment: name of the experiment.
        name: the network.
        parameters: flat parameters.
        tags: of the run.
        start: milliseconds.
    """
    experiment_id = store.experiment(experiment).experiment_id
    close_interrupted(store, experiment_id, tags.get("run_key", ""))
    plain = recipe_parameters(root / "conf", str(parameters.get("train.recipe")))
    dataset = tags.get("dataset", experiment)
    called = run_name(name, dataset, parameters, plain)
    made = store.client.create_run(experiment_id, start_time=start, tags=dict(tags), run_name=called)
    log_dataset(store, made.info.run_id, tags)
    send(store, made.info.run_id, parameters=parameter_values(parameters, name, dataset))
    return Run(store, made.info.run_id, experiment_id)


def close_interrupted(store: Store, experiment_id: str, run_key: str, but: str | None = None) -> int:
    """Mark the runs of that key KILLED that still claim to be running, but for one id; return how many there were.

    A process that was killed outright could not say so itself.
    """
    stale = [run for run in find_runs(store, experiment_id, run_key) if run.info.status == "RUNNING"]
    stale = [run for run in stale if run.info.run_id != but]
    for run in stale:
        store.client.set_terminated(run.info.run_id, "KILLED")
    return len(stale)


def close_abandoned(store: Store, root: Path) -> int:
    """Mark the runs KILLED whose process is dead but that still claim to be running; return how many there were."""
    from mlflow.exceptions import MlflowException

    closed = 0
    for run_id in abandoned(root):
        try:
            info = store.client.get_run(run_id).info
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            continue  # of another store
        if info.status == "RUNNING" and info.lifecycle_stage != "deleted":
            store.client.set_terminated(run_id, "KILLED")
            closed += 1
        forget(root, run_id)
    return closed


def find_runs(store: Store, experiment_id: str, run_key: str) -> "list[MlflowRun]":
    """Return the runs with that run key that are not deleted, newest first; none for an empty key."""
    if not run_key:
        return []
    wanted = f"tags.run_key = '{run_key}'"
    return list(store.client.search_runs([experiment_id], wanted, order_by=["attributes.start_time DESC"]))


def send(
    store: Store,
    run_id: str,
    metrics: Iterable[tuple[str, float, int, int]] = (),
    parameters: Mapping[str, str] | None = None,
) -> None:
    """Send metrics (name, value, milliseconds, step) and parameters in as few requests as MLflow's limits allow."""
    from mlflow.entities import Metric, Param

    entries = [Metric(name, value, when, step) for name, value, when, step in metrics]
    values = [Param(key, value) for key, value in (parameters or {}).items()]
    for first in range(0, len(entries), METRICS_A_BATCH):
        store.client.log_batch(run_id, metrics=entries[first : first + METRICS_A_BATCH])
    for first in range(0, len(values), PARAMETERS_A_BATCH):
        store.client.log_batch(run_id, params=values[first : first + PARAMETERS_A_BATCH])


def warn(what: str, error: Exception) -> None:
    """Say once, in one line, that something is not in MLflow and how it gets there."""
    text = hide(str(error)).strip()
    reason = text.splitlines()[0][:200] if text else type(error).__name__
    logger.warning(
        "MLflow did not take %s (%s); the work goes on, `make ui` brings it in while its outputs are in the workspace",
        what,
        reason,
    )


def now() -> int:
    return int(time.time() * 1000)
