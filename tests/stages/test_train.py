"""The train stage as DVC runs it."""

import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from chestbench.core.files import read_json, sha256_file, write_json
from chestbench.core.stage import run_stage
from chestbench.tracking.naming import training_tags
from chestbench.training.records import read_training
from stages import train as train_stage
from tests.training.processed import write_processed


def write_parameters(folder: Path, default_parameters: dict, **train) -> None:
    settings = {**default_parameters["train"], "epochs": 1, "batch_size": 8, **train}
    (folder / "params.yaml").write_text(yaml.safe_dump({**default_parameters, "train": settings}), encoding="utf-8")


@pytest.fixture
def run_process(tmp_path, default_parameters, request):
    """Return a function that runs the stage as a process in a folder with processed data."""
    write_processed(tmp_path)

    def start(model: str = "simple_cnn", **train) -> subprocess.CompletedProcess:
        write_parameters(tmp_path, default_parameters, **train)
        environment = {**os.environ, "PYTHONPATH": str(request.config.rootpath), "DVC_ROOT": str(tmp_path)}
        environment.pop("MLFLOW_TRACKING_URI", None)
        command = [sys.executable, "-m", "stages.train", "--model", model]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    return start


@pytest.fixture
def run(tmp_path, default_parameters, monkeypatch, capsys, caplog):
    """Return a function that runs the stage's program in this process, which has imported Keras.

    An error that the program does not tell in a sentence fails the test. What it logs stands in `stderr` as well.
    """
    write_processed(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def start(**train) -> subprocess.CompletedProcess:
        write_parameters(tmp_path, default_parameters, **train)
        monkeypatch.setattr(sys, "argv", ["stages/train.py", "--model", "simple_cnn"])
        status = 0
        with caplog.at_level(logging.INFO):
            try:
                run_stage(train_stage.work, train_stage.__doc__, per_model=True)
            except SystemExit as end:
                status = end.code
        told = capsys.readouterr()
        return subprocess.CompletedProcess(sys.argv, status, told.out, told.err + caplog.text)

    return start


def test_trains_tracks_and_says_so(run_process, tmp_path):
    done = run_process()
    assert done.returncode == 0, done.stderr
    training = read_training(tmp_path / "models/simple_cnn")
    assert training["epochs_run"] == 1
    assert training["energy"]["whole"] and set(training["energy"]) == {"cpu_joules", "gpu_joules", "whole"}
    assert (tmp_path / "mlflow.db").exists()
    assert "train@simple_cnn: wrote models" in done.stdout and "best epoch 1" in done.stdout
    if training["device"].endswith("cores)"):
        assert "training runs on the CPU" in done.stderr
    assert "oneDNN" not in done.stderr


def test_diverged_training_exits_with_an_error_and_no_outputs(run, tmp_path):
    done = run(learning_rate=1e30, epochs=2)
    assert done.returncode == 1
    assert "error: simple_cnn: training diverged in epoch 1" in done.stderr and "Traceback" not in done.stderr
    assert "no good weights to keep" in done.stderr
    assert not (tmp_path / "models" / "simple_cnn").exists()


def test_diverged_training_keeps_the_last_good_weights_and_says_where(run, tmp_path):
    """Two epochs of the head with a sound rate, then every layer with one that no weights survive."""
    done = run(learning_rate=1e30, head_epochs=2, epochs=2)
    assert done.returncode == 1
    assert "error: simple_cnn: training diverged in epoch 3" in done.stderr and "Traceback" not in done.stderr
    (kept,) = (tmp_path / ".dvc/tmp/training").glob("*/last-good.keras")
    assert str(kept) in done.stderr
    assert len(read_json(kept.with_name("state.json"))["progress"]["history"]) == 2
    assert not (tmp_path / "models" / "simple_cnn").exists()


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("data/processed/train.npy", "dvc repro -f preprocess"),
        ("data/processed/val.csv", "dvc repro"),
        ("data/processed/info.json", "dvc repro"),
        ("data/train_indices.npy", "dvc repro -f upsample"),
        ("data/weights/simple_cnn/weights.json", "dvc repro"),
        ("data/weights/simple_cnn/body.h5", "dvc repro -f -s weights@simple_cnn"),
    ],
)
def test_a_file_that_was_cut_short_is_one_line_with_the_command_that_brings_it_back(run, tmp_path, name, command):
    body = tmp_path / "data/weights/simple_cnn/body.h5"
    body.write_bytes(b"weights" * 100)
    note = read_json(body.with_name("weights.json")) | {"file": body.name, "sha256": sha256_file(body)}
    write_json(body.with_name("weights.json"), note)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 + 1])
    done = run()
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("train@simple_cnn: error:")]
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert line.startswith(f"train@simple_cnn: error: {name}: expected ") and f"run `{command}`" in line


def test_backend_that_is_not_installed(run_process, monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)  # it wins, and stages that ran in this process have set it
    missing = [name for name in ("jax", "torch") if importlib.util.find_spec(name) is None]
    if not missing:
        pytest.skip("jax and torch are installed")
    done = run_process(backend=missing[0])
    assert f"expected {missing[0]} to be installed" in done.stderr and "Traceback" not in done.stderr
    assert done.returncode == 1


def test_help(request):
    command = [sys.executable, "-m", "stages.train", "--help"]
    done = subprocess.run(command, cwd=request.config.rootpath, capture_output=True, text=True)
    assert done.returncode == 0 and "--model" in done.stdout and "goes on from its last epoch" in done.stdout


def test_too_little_is_refused_before_anything_is_loaded_and_allowed_with_a_banner(run, tmp_path):
    path = tmp_path / "data/processed/info.json"
    info = read_json(path)
    tiny = {"tiny": ["val has 1 group of COVID (3 are needed)"], "allow_tiny": False}
    write_json(path, {**info, **tiny})
    done = run()
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "error: data/split: expected 10 groups" in done.stderr and "val has 1 group of COVID" in done.stderr
    assert "dataset.allow_tiny=true" in done.stderr and "the CPU" not in done.stderr
    assert not (tmp_path / "models").exists() and not (tmp_path / "mlflow.db").exists()
    write_json(path, {**info, **tiny, "allow_tiny": True})
    assert run().returncode == 0
    training = read_training(tmp_path / "models/simple_cnn")
    assert training["tiny"] == tiny["tiny"]
    assert training_tags(training)["mlflow.note.content"].startswith("**TOO LITTLE DATA: val has 1 group of COVID")
    assert training_tags(training)["tiny"] == "true" and "tiny" not in training_tags({**training, "tiny": []})
