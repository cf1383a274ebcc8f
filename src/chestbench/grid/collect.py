"""What comes back: the experiment into the repository, its runs into MLflow's store where no worker wrote them."""

import tempfile
import threading
from dataclasses import replace
from pathlib import Path

from chestbench.grid.clones import Source, one_of, prepare
from chestbench.grid.member_run import Task, read_answer
from chestbench.grid.output import Output
from chestbench.grid.process import Group
from chestbench.grid.state import CLONES, experiment, ref_of
from chestbench.grid.worker import RUN, machine
from chestbench.repository.clone import environment
from chestbench.repository.git import git


def fetch(root: Path, bundle: bytes, baseline: str, name: str) -> str:
    """Bring an experiment into the repository, where `dvc exp show` and `dvc exp apply` find it; return its commit.

    Args:
        root: of the repository.
        bundle: of Git, with that experiment.
        baseline: commit that it was run on.
        name: of the experiment; one of that name is replaced.

    Raises:
        ChestbenchError: Git does not take it.
    """
    ref = ref_of(baseline, name)
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary, "experiment")
        path.write_bytes(bundle)
        git(root, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", str(path), f"+{ref}:{ref}")
    return experiment(root, baseline, name)


def record(
    root: Path, source: Source, name: str, commit: str, dataset: str, store: str, pull: bool, stop: threading.Event
) -> list[str]:
    """Bring MLflow's store up to date with an experiment that is in the repository.

    Args:
        root: of the repository.
        source: of clones on this machine.
        name: of the experiment.
        commit: of the experiment.
        dataset: name of MLflow's experiment.
        store: MLflow's address; "": the database in the repository.
        pull: whether its outputs come from DVC's remote.
        stop: ends it.

    Returns:
        What went wrong, a sentence each; nothing where the store has the runs.
    """
    with one_of(root / CLONES / machine()) as (folder, lock):
        prepare(folder, replace(source, commit=commit, tree=commit, files=()))
        command = ["pull", "--run-cache", "--force", "--allow-missing"] if pull else ["checkout", "--force"]
        Task([command], str(root), name, source.commit, True, store, dataset).write(folder)
        path = folder / ".dvc/tmp/grid-output.txt"
        group, output = Group(RUN, folder, environment(root, folder), path, [lock]), Output(path)
        try:
            while group.poll() is None and not stop.wait(0.2):
                pass
        finally:
            group.end()
        answer = read_answer(folder)
        if answer is None:
            output.read()
            return [f"its outputs did not come back: {' / '.join(output.last_lines()[-3:])}"]
        return [] if answer.recorded else answer.told
