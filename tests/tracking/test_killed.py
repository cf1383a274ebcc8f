"""Processes that are killed while they log, at every step of it, or that log at the same time.

What they leave is what a single undisturbed one would have logged.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chestbench.tracking.store import connect
from chestbench.tracking.sync import sync
from tests.conftest import ROOT
from tests.tracking.conftest import contents

# Dies right after (or, on the way into, before) a call of MLflow's client.
SYNC = """
import os, signal, sys
from pathlib import Path
from mlflow import MlflowClient
from chestbench.tracking.sync import sync

name, wanted, calls = sys.argv[1], int(sys.argv[2]), 0
original = getattr(MlflowClient, name)

def dying(*arguments, **named):
    global calls
    found = original(*arguments, **named)
    calls += 1
    if calls == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
    return found

setattr(MlflowClient, name, dying)
sync(Path(sys.argv[3]))
print("lived")
"""
# In the order in which they come: the run, its curves, measures, files, pictures, the model, its version, card, set.
STEPS = [
    ("create_run", 1),
    ("log_batch", 2),
    ("log_artifacts", 1),
    ("log_image", 2),
    ("create_logged_model", 1),
    ("log_model_artifacts", 1),
    ("finalize_logged_model", 1),
    ("log_outputs", 1),
    ("create_model_version", 1),
    ("log_model_artifact", 1),
    ("update_model_version", 1),
    ("log_dict", 1),
]


# The run alone, the run with its files, a model without a version, all but the last.
SOME = [
    step for step in STEPS if step[0] in ("create_run", "log_artifacts", "create_logged_model", "update_model_version")
]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("steps", [pytest.param(SOME, id="four steps"), pytest.param(STEPS, id="every step")])
def test_what_a_killed_process_began_is_completed_and_nothing_is_there_twice(
    root: Path, empty_store: Path, write_outputs, tmp_path: Path, steps: list[tuple[str, int]]
) -> None:
    write_outputs()
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(root, undisturbed)
    shutil.copyfile(empty_store, undisturbed / "mlflow.db")
    for name, calls in steps:
        command = [sys.executable, "-c", SYNC, name, str(calls), str(root)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, f"{name}: {done.stdout}{done.stderr}"
    assert sync(root) == ["resnet50"] and sync(root) == []
    assert sync(undisturbed) == ["resnet50"]
    found, expected = (_contents(folder) for folder in (root, undisturbed))
    assert found == expected


def test_two_processes_that_complete_the_same_runs_send_nothing_twice(
    root: Path, empty_store: Path, write_outputs, tmp_path: Path
) -> None:
    write_outputs()
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(root, undisturbed)
    shutil.copyfile(empty_store, undisturbed / "mlflow.db")
    command = [sys.executable, "-m", "chestbench", "sync"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    started = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    said = sorted(process.communicate(timeout=600)[0].splitlines()[0] for process in started)
    assert said == ["MLflow is complete", "MLflow: 1 rebuilt or completed: resnet50"]
    assert sync(undisturbed) == ["resnet50"]
    assert _contents(root) == _contents(undisturbed)


def _contents(root: Path) -> list[dict]:
    client = connect(root).client
    experiment = client.get_experiment_by_name("sample")
    runs = client.search_runs([experiment.experiment_id])
    assert len(client.search_logged_models([experiment.experiment_id])) == 1
    assert len(client.search_model_versions("name = 'chestbench-sample-resnet50'")) == 1
    return [contents(run, client) for run in runs]
