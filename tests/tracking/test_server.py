"""Against a real MLflow server: the same runs over REST, and a server that dies while a network trains."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from chestbench.tracking import start_run, training_tags
from chestbench.tracking.sync import sync
from tests.evaluation.workspace import history_rows

# What stands before the slash in a metric's name: MLflow draws its charts in these groups.
GROUPS = {"train", "val", "best_val", "test", "time", "model", "external"}


def start_server(folder: Path, port: int) -> subprocess.Popen:
    """Start `mlflow server` on a store in `folder`, in a process group of its own, and wait until it answers."""
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    # No runner of MLflow's own jobs beside it, each process of which imports MLflow: no page of runs needs one.
    environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] = "false"
    with open(folder / "server.log", "ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return process
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    stop_server(process)
    raise AssertionError((folder / "server.log").read_text(encoding="utf-8", errors="replace")[-3000:])


def stop_server(process: subprocess.Popen) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=60)


def ask(port: int, path: str, body: dict) -> dict:
    """Call MLflow's REST interface as any other program would."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/2.0/mlflow/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def asked(port: int, path: str) -> dict:
    """Read from MLflow's REST interface."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/2.0/mlflow/{path}", timeout=60) as answer:
        return json.load(answer)


def runs_of(port: int) -> list[dict]:
    experiment = asked(port, "experiments/get-by-name?experiment_name=sample")["experiment"]["experiment_id"]
    return ask(port, "runs/search", {"experiment_ids": [experiment]}).get("runs", [])


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_a_server_that_dies_while_training_costs_a_warning_and_a_later_sync(
    root: Path,
    empty_store: Path,
    write_outputs,
    tmp_path: Path,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    training, rows = write_outputs(), history_rows()
    folder = tmp_path / "server"
    folder.mkdir()
    (folder / "mlflow.db").write_bytes(empty_store.read_bytes())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    server = start_server(folder, port)
    try:
        run = start_run("sample", "resnet50", training["config"], training_tags(training))
        run.log_epoch(1, rows[0])
    finally:
        stop_server(server)
    with caplog.at_level(logging.WARNING, "chestbench"):
        started = time.monotonic()
        run.log_epoch(2, rows[1])
        first_failure = time.monotonic() - started
        run.log_epoch(3, rows[2])
        run.finish("FINISHED")
    assert len([record for record in caplog.records if record.name.startswith("chestbench.tracking")]) == 1
    assert first_failure < 60

    server = start_server(folder, port)
    try:
        (found,) = runs_of(port)
        assert found["info"]["status"] == "RUNNING"
        assert sync(root) == ["resnet50"]
        assert sync(root) == []
        (found,) = runs_of(port)
        assert found["info"]["run_id"] == run.run_id
        assert found["info"]["status"] == "FINISHED"
        names = {metric["key"] for metric in found["data"]["metrics"]}
        assert {"val/loss", "test/balanced_accuracy", "test/balanced_accuracy_low"} <= names
        # A page of charts that a person can read; groups by what stands before the slash.
        assert len(names) <= 30 and {name.partition("/")[0] for name in names} <= GROUPS
        (used,) = found["inputs"]["dataset_inputs"]
        assert (used["dataset"]["name"], used["dataset"]["digest"]) == ("sample", training["data_sha256"][:36])
        experiment = asked(port, "experiments/get-by-name?experiment_name=sample")["experiment"]
        tags = {tag["key"]: tag["value"] for tag in experiment["tags"]}
        assert tags["mlflow.experimentKind"] == "custom_model_development"
        assert tags["mlflow.note.content"].startswith("**resnet50 ")
        alias = asked(port, "registered-models/alias?name=chestbench-sample&alias=chosen")
        assert alias["model_version"]["run_id"] == run.run_id
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/api/2.0/mlflow/metrics/get-history?run_id={run.run_id}&metric_key=train%2Floss",
            timeout=60,
        ) as answer:
            curve = json.load(answer)["metrics"]
        assert sorted((int(entry["step"]), entry["value"]) for entry in curve) == [
            (row["epoch"], row["loss"]) for row in rows
        ]
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/get-artifact?run_id={run.run_id}&path=results/roc.png", timeout=60
        ) as answer:
            assert answer.read() == (root / "results/models/resnet50/roc.png").read_bytes()
        versions = ask(port, "registered-models/get-latest-versions", {"name": "chestbench-sample-resnet50"})
        assert versions["model_versions"][0]["run_id"] == run.run_id
    finally:
        stop_server(server)
    # The server kept everything; nothing went into the repository's own store.
    assert not (root / "mlruns").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_mlflow_in_the_repository_without_flags_shows_the_runs(root: Path, write_outputs, port: int) -> None:
    write_outputs()
    sync(root)
    server = start_server(root, port)
    try:
        (found,) = runs_of(port)
        assert found["info"]["run_name"] == "resnet50 · sample · size=32"
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}/get-artifact?run_id={found['info']['run_id']}&path=results/confusion_matrix.png",
            timeout=60,
        ) as answer:
            assert answer.read(8) == b"\x89PNG\r\n\x1a\n"
    finally:
        stop_server(server)
