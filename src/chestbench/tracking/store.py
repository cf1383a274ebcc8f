"""Where runs go, and how to speak to it without ever waiting long or failing loudly."""

import logging
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from chestbench.core.secrets import secret_part
from chestbench.tracking.database import DATABASE, ensure_whole
from chestbench.tracking.deadline import Bounded
from chestbench.training.provenance import git_state

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Experiment

Result = TypeVar("Result")
logger = logging.getLogger(__name__)

# A server that answers at all answers within seconds; a training must not wait for one that does not.
# No figures about the use of MLflow are sent to its makers.
ENVIRONMENT = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
NOISY = ("mlflow", "alembic", "mlflow.store.db.utils", "sqlalchemy", "urllib3", "git")
LOCKED_TRIES = 8
DEFAULT_ARTIFACTS = "_MLFLOW_SERVER_ARTIFACT_ROOT"


@dataclass(frozen=True)
class Store:
    """A connected tracking store.

    Attributes:
        client: speaks to the store; each call to a server is bounded, see `deadline`.
        uri: as MLflow takes it.
        artifacts: folder for artifacts when the store is a local database, else None (the server decides).
    """

    client: "MlflowClient"
    uri: str
    artifacts: Path | None

    def experiment(self, name: str) -> "Experiment":
        """Return the experiment of that name; make it, or bring it back when it was deleted."""
        from mlflow.exceptions import MlflowException

        found = self.client.get_experiment_by_name(name)
        if found is None:
            location = (self.artifacts / name).as_uri() if self.artifacts else None
            try:
                return self.client.get_experiment(self.client.create_experiment(name, artifact_location=location))
            except MlflowException:
                # Another process may have made it in between.
                found = self.client.get_experiment_by_name(name)
                if found is None:
                    raise
        if found.lifecycle_stage == "deleted":
            self.client.restore_experiment(found.experiment_id)
        return found


def repository_root() -> Path:
    """Return the folder whose store is used: DVC_ROOT (queued experiments run in a temporary folder), else
    the nearest folder upward that holds dvc.yaml, else this one.
    """
    if "DVC_ROOT" in os.environ:
        return Path(os.environ["DVC_ROOT"]).resolve()
    here = Path.cwd().resolve()
    return next((folder for folder in (here, *here.parents) if (folder / "dvc.yaml").is_file()), here)


def set_environment() -> None:
    """Set what MLflow reads while it is imported, unless it is set already."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def connect(root: Path | None = None) -> Store:
    """Connect to MLFLOW_TRACKING_URI, or else to `{root}/mlflow.db` with artifacts in `{root}/mlruns`.

    The first connection of a new database makes its tables, which takes seconds.

    Raises:
        what `trouble()` lists: the store cannot be reached or opened.
    """
    set_environment()
    from mlflow import MlflowClient
    from mlflow.utils.file_utils import path_to_local_sqlite_uri

    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    root = root or repository_root()
    uri = os.environ.get("MLFLOW_TRACKING_URI") or path_to_local_sqlite_uri(str(root / DATABASE))
    if secret_part(uri):
        # At the end of each run MLflow prints its address, with the password.
        os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    local = uri.startswith("sqlite:")
    # MLflow makes its default experiment with artifacts below the current folder, which may be a temporary one.
    lock = _alone(root / "mlflow.db.lock") if local else nullcontext()
    with _default_artifacts(root / "mlruns"), lock, _without_strays(uri) if local else nullcontext():
        if uri == path_to_local_sqlite_uri(str(root / DATABASE)):
            ensure_whole(root / DATABASE, _make_tables)
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        bounded = client if local else cast("MlflowClient", Bounded(client))
        store = Store(bounded, uri, root / "mlruns" if local else None)
        patiently(lambda: store.client.search_experiments(max_results=1))
    return store


def trouble() -> tuple[type[Exception], ...]:
    """Return the exceptions that mean "the store failed", as opposed to a defect of this program."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    return MlflowException, SQLAlchemyError, sqlite3.Error, OSError


def patiently(function: Callable[[], Result]) -> Result:
    """Call `function` again while another process holds the SQLite database, some ten seconds in all."""
    from mlflow.exceptions import MlflowException

    for attempt in range(LOCKED_TRIES):
        try:
            return function()
        except MlflowException as error:
            if "database is locked" not in str(error) or attempt == LOCKED_TRIES - 1:
                raise
            time.sleep(random.uniform(0.5, 1) * 0.1 * 2**attempt)
    raise AssertionError("unreachable")


def surroundings() -> dict[str, str]:
    """Return tags of the moment: Git revision, whether code or parameters differ from it, DVC experiment."""
    tags = {"mlflow.source.name": "chestbench", "mlflow.user": "", "mlflow.source.type": "LOCAL", **git_state()}
    if "git_revision" in tags:
        tags["mlflow.source.git.commit"] = tags["git_revision"]
    for tag, variable in (("dvc_exp_name", "DVC_EXP_NAME"), ("dvc_exp_baseline", "DVC_EXP_BASELINE_REV")):
        if os.environ.get(variable):
            tags[tag] = os.environ[variable]
    return tags


def _make_tables(database: Path) -> None:
    """Make MLflow's tables in a new file, and let go of it."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
    from mlflow.utils.file_utils import path_to_local_sqlite_uri

    store = SqlAlchemyStore(path_to_local_sqlite_uri(str(database)), os.environ[DEFAULT_ARTIFACTS])
    store.engine.dispose()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time make the tables: MLflow's own lock lets a second one in too early.

    An empty SQLite file is the lock: it works on every system, and is free when its holder dies.
    """
    with closing(sqlite3.connect(path, timeout=120, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def _without_strays(uri: str) -> Iterator[None]:
    """Remove the empty folders that MLflow makes of an address whose odd letters are written as %20 and so on."""
    folder = Path(uri.removeprefix("sqlite:///")).parent
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        yield
    finally:
        for path in made:
            with suppress(OSError):
                path.rmdir()


@contextmanager
def _default_artifacts(folder: Path) -> Iterator[None]:
    before = os.environ.get(DEFAULT_ARTIFACTS)
    os.environ[DEFAULT_ARTIFACTS] = folder.as_uri()
    try:
        yield
    finally:
        if before is None:
            del os.environ[DEFAULT_ARTIFACTS]
        else:
            os.environ[DEFAULT_ARTIFACTS] = before
