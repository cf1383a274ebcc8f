"""Runs in a local store: where they go, what they hold, and what happens when the store fails."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chestbench.tracking import start_run, training_tags
from chestbench.tracking.store import connect
from tests.conftest import ROOT
from tests.evaluation.workspace import history_rows, training_record

RECORD = training_record("resnet50", ["Normal", "정상"])


def open_run(name: str = "resnet50"):
    return start_run("sample", name, RECORD["config"], training_tags(RECORD))


def test_runs_go_to_the_repository_also_from_a_temporary_folder(fresh_root: Path) -> None:
    run = open_run()
    for row in history_rows():
        run.log_epoch(row["epoch"], row)
    run.finish("FINISHED")
    assert (fresh_root / "mlflow.db").is_file()
    assert not any(Path.cwd().iterdir())
    # MLflow leaves no folder named after the encoded address either.
    assert {path.name for path in fresh_root.parent.iterdir()} == {fresh_root.name, Path.cwd().name}
    client = connect().client
    found = client.get_run(run.run_id)
    assert found.info.run_name == "resnet50 · sample · size=32"
    assert found.info.status == "FINISHED"
    parameters = {key: str(value) for key, value in RECORD["config"].items()}
    assert found.data.params == {"model": "resnet50", "dataset": "sample", **parameters}
    curve = [(entry.step, entry.value) for entry in client.get_metric_history(run.run_id, "val/loss")]
    assert sorted(curve) == [(row["epoch"], row["val_loss"]) for row in history_rows()]
    experiment = client.get_experiment_by_name("sample")
    assert experiment.artifact_location == (fresh_root / "mlruns/sample").as_uri()
    default = client.get_experiment("0")
    assert default.artifact_location.startswith((fresh_root / "mlruns").as_uri())


def test_tags_name_data_code_and_experiment_but_no_person(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "brave-test")
    monkeypatch.chdir(ROOT)
    run = open_run()
    tags = connect().client.get_run(run.run_id).data.tags
    assert tags["dvc_exp_name"] == "brave-test"
    assert tags["run_key"] == RECORD["run_key"]
    assert tags["split_unit"] == "patient"
    assert tags["class_1"] == "정상"
    if (ROOT / ".git").exists():
        assert len(tags["git_revision"]) == 40
        assert tags["git_dirty"] in ("true", "false")
    whole = str(tags) + str(connect().client.get_run(run.run_id).data.params)
    assert str(root) not in whole
    assert str(ROOT) not in whole
    assert tags.get("mlflow.user", "") in ("", "unknown")


def test_an_interrupted_run_of_the_same_training_is_marked_killed(root: Path) -> None:
    first, second = open_run(), open_run()
    client = connect().client
    assert client.get_run(first.run_id).info.status == "KILLED"
    assert client.get_run(second.run_id).info.status == "RUNNING"
    second.finish("FAILED")
    assert client.get_run(second.run_id).info.status == "FAILED"
    open_run()
    assert client.get_run(second.run_id).info.status == "FAILED"


def test_a_deleted_experiment_comes_back(root: Path) -> None:
    first = open_run()
    client = connect().client
    client.delete_experiment(client.get_run(first.run_id).info.experiment_id)
    assert open_run().run_id is not None


def test_two_processes_at_once_lose_nothing(fresh_root: Path) -> None:
    """Two trainings of a queue start together on a store that does not exist yet."""
    script = (
        "import sys\n"
        "from chestbench.tracking import start_run\n"
        "run = start_run('sample', sys.argv[1], {'a': 1}, {'run_key': sys.argv[1]})\n"
        "for epoch in range(1, 26):\n"
        "    run.log_epoch(epoch, {'loss': 1 / epoch, 'val_loss': 2 / epoch})\n"
        "run.finish('FINISHED')\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", script]
    started = [
        subprocess.Popen([*command, name], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for name in ("a", "b")
    ]
    for process in started:
        output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
        # Making the tables is silent too.
        assert output == ""
    client = connect().client
    experiment = client.get_experiment_by_name("sample")
    runs = client.search_runs([experiment.experiment_id])
    assert {(run.info.run_name, run.info.status) for run in runs} == {
        ("a · sample", "FINISHED"),
        ("b · sample", "FINISHED"),
    }
    for run in runs:
        curve = client.get_metric_history(run.info.run_id, "train/loss")
        assert sorted(entry.step for entry in curve) == list(range(1, 26))


def test_an_unreachable_server_costs_one_warning(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with caplog.at_level(logging.WARNING, "chestbench"):
        run = open_run()
        run.log_epoch(1, {"loss": 1.0})
        run.finish("FINISHED")
    assert run.run_id is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "the work goes on" in caplog.text


def test_a_store_that_is_no_database_is_set_aside_with_one_warning(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (root / "mlflow.db").write_bytes(b"this is no database" * 100)
    os.utime(root / "mlflow.db", (1, 1))
    with caplog.at_level(logging.WARNING, "chestbench"):
        run = open_run()
        run.log_epoch(1, {"loss": 1.0})
    assert run.run_id is not None and (root / "mlflow.db.damaged-1").is_file()
    assert len(caplog.records) == 1


def test_importing_tracking_is_light() -> None:
    heavy = "('mlflow', 'tensorflow', 'keras', 'pandas')"
    script = f"import sys, chestbench.tracking; print([name for name in {heavy} if name in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
