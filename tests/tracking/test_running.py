"""Runs of processes that died: marked as killed by whoever comes next, and only those."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chestbench.tracking import start_run
from chestbench.tracking.running import FOLDER, abandoned, hold, release
from chestbench.tracking.store import connect
from chestbench.tracking.sync import mark_killed
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks are freed with their process on POSIX")

TRAINING = """
import sys, time
from chestbench.tracking import start_run
run = start_run("sample", "resnet50", {"a": 1}, {"run_key": sys.argv[1]})
run.log_epoch(1, {"loss": 0.5})
if sys.argv[2] == "fail":
    run.finish("FAILED")
print(run.run_id, flush=True)
time.sleep(600)
"""


@pytest.fixture
def training(root: Path):
    """Return a function that starts another process' training; it returns the process and the run's id."""
    started = []

    def start(key: str, then: str = "train") -> tuple[subprocess.Popen, str]:
        process = subprocess.Popen(
            [sys.executable, "-c", TRAINING, key, then],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.wait()


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def status(run_id: str) -> str:
    return connect().client.get_run(run_id).info.status


def test_a_run_whose_process_was_killed_is_marked_and_others_are_not(root: Path, training) -> None:
    (dying, killed), (_, alive), (failing, failed) = training("one"), training("two"), training("three", "fail")
    assert mark_killed(root) == 0 and abandoned(root) == []
    kill(dying)
    kill(failing)
    assert status(killed) == "RUNNING"
    assert abandoned(root) == [killed]
    assert mark_killed(root) == 1
    assert (status(killed), status(alive), status(failed)) == ("KILLED", "RUNNING", "FAILED")
    assert mark_killed(root) == 0
    assert [path.name for path in (root / FOLDER).iterdir()] == [alive]


def test_the_next_training_of_any_kind_marks_it(root: Path, training) -> None:
    process, killed = training("one")
    kill(process)
    run = start_run("another set", "tiny", {}, {"run_key": "two"})
    assert status(killed) == "KILLED" and status(run.id) == "RUNNING"
    run.finish("FINISHED")
    assert not list((root / FOLDER).iterdir())


def test_the_command_marks_it_also_without_outputs(root: Path, training) -> None:
    process, killed = training("one")
    kill(process)
    command = [sys.executable, "-m", "chestbench", "sync"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("MLflow: 1 run(s) whose process had died marked as killed\n")
    assert status(killed) == "KILLED"


def test_deleted_runs_and_runs_of_another_store_are_left_alone(root: Path) -> None:
    run = start_run("sample", "tiny", {}, {"run_key": "one"})
    run_id, client = run.id, connect().client
    client.delete_run(run_id)
    assert run.held
    run.held.close()
    foreign = "0" * 32
    held = hold(root, foreign)
    assert held
    held.close()
    assert abandoned(root) == sorted([run_id, foreign])
    assert mark_killed(root) == 0
    assert abandoned(root) == [foreign]


def test_a_place_that_cannot_be_written_costs_nothing(root: Path) -> None:
    folder = root / FOLDER
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file where the folder would be")
    run = start_run("sample", "tiny", {}, {"run_key": "one"})
    assert run.run_id and run.held is None
    run.finish("FINISHED")
    assert status(run.id) == "FINISHED"
    release(root, run.id, None)
