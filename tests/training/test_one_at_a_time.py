"""A DVC that was killed while its stage lives on, and the rerun beside it: one training, one run, with real signals."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.core.one_at_a_time import one_at_a_time
from chestbench.tracking.store import connect
from chestbench.training.outputs import FILES, SEEDS
from chestbench.training.waiting import forget_noted
from tests.conftest import ROOT
from tests.training.processed import write_processed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and locks of files")

HOLD = """
import sys, time
from pathlib import Path
from chestbench.core.one_at_a_time import one_at_a_time
with one_at_a_time(Path(sys.argv[1]), "the work"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_the_second_is_told_of_the_first_and_a_dead_one_holds_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "deep" / "x.lock"
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert first.stdout and first.stdout.readline() == "held\n"
        said = rf"the work: .*still running as process {first.pid} .*`kill {first.pid}`"
        with pytest.raises(ChestbenchError, match=said), one_at_a_time(lock, "the work"):
            raise AssertionError("both are at it")
    finally:
        first.kill()
        first.wait()
    with one_at_a_time(lock, "the work"), one_at_a_time(tmp_path / "other.lock", "other work"):
        assert lock.read_text() == f"{os.getpid()}\n"
    assert not lock.exists()


@pytest.fixture
def repository(tmp_path: Path, default_parameters: dict, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose one stage trains simple_cnn for some seconds."""
    write_processed(tmp_path, counts={"train": 64, "val": 16, "test": 6})
    train = {**default_parameters["train"], "epochs": 60, "batch_size": 4, "deterministic": True, "patience": 0}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump({**default_parameters, "train": train}), encoding="utf-8")
    stage = {
        "cmd": f"PYTHONPATH={ROOT} {sys.executable} -m stages.train --model simple_cnn",
        "deps": ["data/processed"],
        "params": ["train"],
        "outs": [f"models/simple_cnn/{name}" for name in (*FILES, SEEDS)],
    }
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"train": stage}}), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    subprocess.run(["git", "init", "-q"], check=True)
    subprocess.run([sys.executable, "-m", "dvc", "init", "-q"], check=True)
    return tmp_path


def repro() -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "dvc", "repro"], capture_output=True, text=True, check=False)


def wait_for(pattern: str, folder: Path) -> Path:
    until = time.monotonic() + 120
    while not (found := next(iter(folder.glob(pattern)), None)):
        assert time.monotonic() < until, f"no {pattern}"
        time.sleep(0.05)
    return found


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_killed_dvc_and_the_rerun_beside_its_stage_leave_one_training(repository: Path) -> None:
    quiet = subprocess.DEVNULL
    first = subprocess.Popen([sys.executable, "-m", "dvc", "repro"], stdout=quiet, stderr=quiet)
    wait_for(".dvc/tmp/training/*/state.json", repository)
    stage = int(wait_for(".dvc/tmp/stages/*.lock", repository).read_text())
    first.send_signal(signal.SIGKILL)
    first.wait()
    try:
        assert alive(stage)
        beside = repro()
        assert beside.returncode != 0 and alive(stage)
        assert "train@simple_cnn: expected to be the only one at this work" in beside.stderr
        assert f"still running as process {stage} " in beside.stderr
        until = time.monotonic() + 240
        while alive(stage):
            assert time.monotonic() < until
            time.sleep(0.2)
    finally:
        if alive(stage):
            os.kill(stage, signal.SIGKILL)
    rerun = repro()
    assert rerun.returncode == 0, rerun.stderr
    assert "was trained before" in rerun.stdout
    key = read_json(repository / "models/simple_cnn/training.json")["run_key"]
    client = connect(repository).client
    (experiment,) = [found for found in client.search_experiments() if found.name == "sample"]
    runs = client.search_runs([experiment.experiment_id])
    assert [(run.info.status, run.data.tags["run_key"]) for run in runs] == [("FINISHED", key)]
    # DVC has noted them: the next stage that looks deletes what waited.
    assert len(list((repository / ".dvc/tmp/training").glob("*/finished"))) == 1
    forget_noted()
    assert not list((repository / ".dvc/tmp/training").iterdir())


def test_killed_between_the_end_of_a_training_and_dvcs_note_of_it_nothing_is_trained_twice(repository: Path) -> None:
    assert repro().returncode == 0
    # As a kill leaves it while DVC hashes and copies what the stage wrote.
    shutil.rmtree(repository / ".dvc/cache")
    (repository / "dvc.lock").unlink()
    again = repro()
    assert again.returncode == 0 and "was trained before" in again.stdout
    # Noted: who asks for another training gets one.
    done = subprocess.run([sys.executable, "-m", "dvc", "repro", "-f"], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "epochs in" in done.stdout and "was trained before" not in done.stdout
    client = connect(repository).client
    runs = client.search_runs([found.experiment_id for found in client.search_experiments()])
    assert [run.info.status for run in runs] == ["FINISHED", "FINISHED"]
