"""One run of DVC in a clone, as a program of its own, which finds its task in the current folder.

It is the real `dvc exp run` (or `dvc repro` for the data stages), with dvc.lock written whole or not at all,
checkpoints and MLflow's store where the grid keeps them, and an end as soon as its parent is gone.
"""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from chestbench.core.files import read_json, write_json
from chestbench.grid.process import end_with_parent
from chestbench.repository.dvc_files import whole_files

TASK, ANSWER = Path(".dvc/tmp/grid-task.json"), Path(".dvc/tmp/grid-answer.json")


@dataclass(frozen=True)
class Task:
    """What is run in the current folder.

    Attributes:
        commands: of DVC, one after the other, such as ["exp", "run", ...]; the first that fails ends it.
        root: folder that outlives the clone: checkpoints, downloads, MLflow's store.
        name: of the experiment, by which MLflow knows the run.
        baseline: commit of the experiment.
        records: whether MLflow's store is brought up to date afterwards.
        store: its address; "": the database in `root`.
        dataset: name of MLflow's experiment.
    """

    commands: list[list[str]]
    root: str
    name: str = ""
    baseline: str = ""
    records: bool = False
    store: str = ""
    dataset: str = ""

    def write(self, folder: Path) -> None:
        """Write it for the program, which will run in that clone."""
        (folder / ANSWER).unlink(missing_ok=True)
        write_json(folder / TASK, asdict(self))


@dataclass(frozen=True)
class Answer:
    """What came of a task that ended well.

    Attributes:
        recorded: whether MLflow's store has the runs.
        told: why not, or what was said besides.
    """

    recorded: bool
    told: list[str] = field(default_factory=list)


def read_answer(folder: Path) -> Answer | None:
    """Return the answer of the program that ran in that clone; None where it did not come to its end."""
    try:
        return Answer(**read_json(folder / ANSWER))
    except FileNotFoundError:
        return None


def main() -> int:
    """Do the task of the current folder; return DVC's exit status."""
    end_with_parent()
    task = Task(**read_json(Path(TASK)))
    # Takes a second.
    from dvc.cli import main as dvc

    with whole_files(), _kept_in(task.root):
        for command in task.commands:
            if status := dvc(command):
                return int(status)
    answer = _record(task) if task.records else Answer(False)
    _forget(task)
    write_json(Path(ANSWER), asdict(answer))
    return 0


@contextmanager
def _kept_in(root: str) -> Iterator[None]:
    """Have DVC tell stages another DVC_ROOT than the clone, as `--temp` tells them the main repository."""
    from dvc.env import DVC_ROOT
    from dvc.repo.experiments.queue.base import BaseStashQueue

    plain = BaseStashQueue._pack_args

    def pack(self: Any, *arguments: Any, **options: Any) -> None:
        options["run_env"] = {**options.get("run_env", {}), DVC_ROOT: root}
        plain(self, *arguments, **options)

    with patch.object(BaseStashQueue, "_pack_args", pack):
        yield


def database_of(folder: Path) -> str:
    """Return the address of MLflow's database in a folder."""
    # Takes seconds.
    from mlflow.utils.file_utils import path_to_local_sqlite_uri

    from chestbench.tracking.database import DATABASE

    return str(path_to_local_sqlite_uri(str(folder / DATABASE)))


def _record(task: Task) -> Answer:
    """Bring the store up to date with the outputs in the current folder: DVC runs nothing that it has in its cache."""
    # Takes seconds.
    from chestbench.core.errors import ChestbenchError
    from chestbench.tracking.running import alone
    from chestbench.tracking.store import connect, trouble
    from chestbench.tracking.sync import sync

    os.environ["DVC_EXP_NAME"], os.environ["DVC_EXP_BASELINE_REV"] = task.name, task.baseline
    try:
        # Made where it stays, not in the clone.
        connect(Path(task.root)).experiment(task.dataset)
        os.environ["MLFLOW_TRACKING_URI"] = task.store or database_of(Path(task.root))
        # The page of an experiment and the chosen network are of all its runs: one member after the other.
        with alone(Path(task.root)):
            sync(Path.cwd())
    except ChestbenchError as error:
        return Answer(False, [str(error)])
    except trouble() as error:
        return Answer(False, [f"MLflow: expected a store that takes runs, received: {error}"])
    except Exception as error:  # the experiment is whole: the head tries again, and says so
        traceback.print_exc()
        return Answer(False, [f"MLflow: {type(error).__name__}: {error}"])
    return Answer(True)


def _forget(task: Task) -> None:
    """Delete the outputs of trainings that wait beside their checkpoints: this clone's dvc.lock names them."""
    from chestbench.training.waiting import forget_noted

    os.environ["DVC_ROOT"] = task.root
    forget_noted()


if __name__ == "__main__":
    sys.exit(main())
