"""The real `dvc repro` and `dvc exp run` in a clone, and the real MLflow server on the store they leave.

The tests of this file build on one another, in order: one clone, one store.
"""

import csv
import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
import yaml

from chestbench.tracking.store import connect
from tests.pipeline.workspace import clone, ran

pytestmark = [pytest.mark.pipeline, pytest.mark.xdist_group("pipeline")]

DATA_STAGES = ["code", "check", "download", "catalog", "audit", "split", "preprocess", "upsample", "baselines"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return clone(tmp_path_factory.mktemp("pipeline") / "chest bench")


def rows(path) -> list[dict]:
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_repro_runs_every_stage_and_ends_with_a_leaderboard(workspace):
    output = workspace.run("dvc", "repro")
    networks = ["weights@simple_cnn", "train@simple_cnn", "evaluate@simple_cnn"]
    assert sorted(ran(output)) == sorted([*DATA_STAGES, *networks, "compare", "report"])
    models = [row["model"] for row in rows(workspace.folder / "metrics/leaderboard.csv")]
    assert "simple_cnn" in models
    assert "for research and education, not for diagnosis" in output.lower()
    workspace.commit("First results")
    workspace.warm = True  # once all as a person has it; from here on what is imported is imported already


def test_repro_again_does_nothing(workspace):
    output = workspace.run("dvc", "repro")
    assert ran(output) == []
    assert "up to date" in output
    assert "up to date" in workspace.run("dvc", "status")
    assert workspace.run("git", "status", "--porcelain") == ""


def test_outputs_keep_their_contracts(workspace):
    folder = workspace.folder
    catalog = rows(folder / "data/catalog.csv")
    kept = {row["image_id"] for row in catalog if row["status"] == "kept"}
    split = rows(folder / "data/split.csv")
    assert {row["image_id"] for row in split} == kept
    assert len(split) == len(kept)
    by_group: dict[str, set] = {}
    for row in split:
        by_group.setdefault(row["group"], set()).add(row["split"])
        assert (folder / "data/split" / row["path"]).is_file()
    assert all(len(splits) == 1 for splits in by_group.values()), "a group crosses splits"
    for name in ("train", "val", "test"):
        assert {row["label"] for row in split if row["split"] == name} == {row["label"] for row in split}
        processed = rows(folder / f"data/processed/{name}.csv")
        assert [row["image_id"] for row in processed] == [row["image_id"] for row in split if row["split"] == name]
    predictions = rows(folder / "results/models/simple_cnn/predictions.csv")
    assert {row["image_id"] for row in predictions} == {row["image_id"] for row in split if row["split"] != "train"}


def test_data_stages_give_the_same_bytes_in_another_folder(workspace, tmp_path):
    other = clone(tmp_path / "elsewhere", warm=True)
    other.run("dvc", "repro", "upsample", "audit", "baselines")
    first, second = (yaml.safe_load((place.folder / "dvc.lock").read_text())["stages"] for place in (workspace, other))
    for stage in DATA_STAGES:
        assert first[stage]["outs"] == second[stage]["outs"], stage


def test_exp_run_of_another_network_trains_only_that_and_reuses_the_data(workspace):
    output = workspace.run("dvc", "exp", "run", "-n", "deeper", "-S", "model=tiny", "-S", "train.epochs=1")
    # Random weights leave the same note for every network, so DVC may take that stage from the cache.
    stages = [stage for stage in ran(output) if stage != "weights@tiny"]
    assert stages == ["check", "train@tiny", "evaluate@tiny", "compare", "report"]
    workspace.run("git", "checkout", "-q", ".")
    workspace.run("dvc", "checkout")


def test_exp_run_of_a_trained_network_comes_from_the_cache(workspace):
    output = workspace.run("dvc", "exp", "run", "-S", "model=tiny", "-S", "train.epochs=1")
    assert "train@tiny" not in ran(output)
    workspace.run("git", "checkout", "-q", ".")
    workspace.run("dvc", "checkout")


def test_a_queue_of_two_ends_in_the_same_store(workspace):
    workspace.run("dvc", "exp", "run", "--queue", "-S", "model=simple_cnn", "-S", "train.learning_rate=0.002,0.003")
    workspace.run("dvc", "exp", "run", "--run-all")
    client = connect(workspace.folder).client
    runs = client.search_runs([client.get_experiment_by_name("sample").experiment_id])
    assert {"0.002", "0.003"} <= {run.data.params["train.learning_rate"] for run in runs}
    assert any("learning_rate=0.002" in run.info.run_name for run in runs), "what a queue varied"


def test_exp_show_has_stable_columns(workspace):
    # Paths of dependencies, one column each, are dropped; parameters and measures stay.
    header = workspace.run("dvc", "exp", "show", "--csv", "-a", "--drop", ".*/.*").splitlines()[0].split(",")
    assert {"winner", "test_balanced_accuracy.value", "model.name", "train.learning_rate"} <= set(header)
    others = set(header) - {"tiny", "dataset.allow_tiny"}  # not the network: too little to train on, and allowed
    assert not [column for column in others if "tiny" in column or "simple_cnn" in column]
    table = workspace.run("python", "-m", "chestbench", "exps", PYTHONPATH="src", COLUMNS="120").splitlines()
    assert max(map(len, table)) <= 120
    assert any(" tiny " in line for line in table) and any(" simple_cnn " in line for line in table)


def test_the_server_shows_flat_runs_with_parameters_curves_and_a_model(workspace):
    with mlflow_server(workspace) as server:
        runs = server("runs/search", experiment_ids=ids(server))["runs"]
        names = [run["info"]["run_name"] for run in runs]
        networks = [name.split(" · ")[0] for name in names]
        assert {"simple_cnn", "tiny"} <= set(networks)
        first = runs[networks.index("simple_cnn")]
        assert all(run["info"]["status"] == "FINISHED" for run in runs)
        tags = {tag["key"]: tag["value"] for tag in first["data"]["tags"]}
        assert "mlflow.parentRunId" not in tags
        assert tags["split_unit"] == "patient"
        metrics = {metric["key"]: metric["value"] for metric in first["data"]["metrics"]}
        for name in ("test/balanced_accuracy", "test/balanced_accuracy_low", "test/balanced_accuracy_high"):
            assert 0 <= metrics[name] <= 1
        assert (
            metrics["test/balanced_accuracy_low"]
            <= metrics["test/balanced_accuracy"]
            <= metrics["test/balanced_accuracy_high"]
        )
        query = f"?run_id={first['info']['run_id']}&metric_key=val%2Floss"
        history = server(f"metrics/get-history{query}")["metrics"]
        assert [point["step"] for point in history] == [1, 2] or [point["step"] for point in history] == [0, 1]
        registered = {model["name"] for model in server("registered-models/search")["registered_models"]}
        assert {"chestbench-sample-simple_cnn", "chestbench-sample-tiny"} <= registered
        everything = json.dumps(runs)
    assert str(workspace.folder) not in json.dumps([run["data"] for run in runs])
    assert "patient-0" not in everything


@contextmanager
def mlflow_server(workspace):
    """The real server on the clone's store; yields `call(path, **body)` for its REST interface."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = workspace.popen("mlflow", "server", "--port", str(port), "--workers", "1")

    def call(path, **body):
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/2.0/mlflow/{path}", data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    try:
        for _ in range(240):
            try:
                call("experiments/search", max_results=10)
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, process.stdout.read()
                time.sleep(0.5)
        yield call
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def ids(server) -> list[str]:
    return [found["experiment_id"] for found in server("experiments/search", max_results=100)["experiments"]]
