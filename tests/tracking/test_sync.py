"""What evaluation adds, and that a rebuilt run is the run that was logged live."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from chestbench.core.files import read_json, write_json
from chestbench.reports.model_card import CARD
from chestbench.tracking import start_run, training_tags
from chestbench.tracking.card import log_card
from chestbench.tracking.data_folders import data_pictures
from chestbench.tracking.experiment import show_experiment
from chestbench.tracking.external import log_all_external
from chestbench.tracking.results import NetworkRun, resume_as
from chestbench.tracking.store import connect
from chestbench.tracking.sync import sync
from chestbench.training.records import write_training
from tests.conftest import ROOT
from tests.evaluation.workspace import history_rows, step_rows
from tests.tracking.conftest import contents


def log_live(root: Path, training: dict) -> str:
    """Log as train and evaluate do; returns the run's id."""
    run = start_run("sample", training["model"], training["config"], training_tags(training))
    for row in history_rows():
        run.log_epoch(row["epoch"], row)
    run.finish("FINISHED")
    add_results(root, training)
    return run.id


def add_results(root: Path, training: dict) -> None:
    name = training["model"]
    resumed = resume_as(NetworkRun, root / "models" / name)
    record = read_json(root / f"metrics/models/{name}.json")
    results, model_file = root / "results/models" / name, root / "models" / name / "model.keras"
    resumed.log_results(record, results, model_file, data_pictures(root))
    log_card(resumed, root / "models" / name / CARD)
    log_all_external(resumed, training, root)
    show_experiment("sample")
    assert resumed.store is not None


def all_runs() -> list:
    client = connect().client
    return client.search_runs([client.get_experiment_by_name("sample").experiment_id])


def test_a_rebuilt_run_equals_the_live_one(root: Path, write_outputs) -> None:
    run_id = log_live(root, write_outputs())
    client = connect().client
    live = all_runs()
    assert len(live) == 1
    before = contents(live[0], client)
    (model,) = before["models"]
    assert model["status"] == "READY" and "data/served/model.keras" in model["files"] and CARD in model["files"]
    wanted = {"results/predictions.csv", "data/upsample/sheet.png", CARD, "external/other/table.json"}
    assert wanted <= set(before["artifacts"])
    assert before["artifacts"]["external/other/roc.png"] == before["artifacts"]["results/roc.png"]
    assert before["metrics"]["external/other/drop"] == [(0, 0.25)]
    names = ["chestbench-sample", "chestbench-sample-resnet50"]
    assert [version[:3] for version in before["versions"]] == [
        (name, 1, "# Card of resnet50\n\nA line.\n") for name in names
    ]
    assert {"measures/table.json", "measures/record.json"} <= set(before["artifacts"])
    assert before["metrics"]["test/macro_auc"] and before["tags"]["test/macro_auc"].startswith("0.")
    # The outputs arrive in a clone without a store.
    client.delete_run(run_id)
    assert sync(root) == ["resnet50"]
    rebuilt = all_runs()
    assert len(rebuilt) == 1
    after = contents(rebuilt[0], client)
    # The registry counts on.
    after["versions"] = [(name, version - 1, *rest) for name, version, *rest in after["versions"]]
    (logged,), (again,) = before["models"], after["models"]
    for tags in (logged["tags"], again["tags"]):
        tags.pop("mlflow.modelVersions")
    assert after == before
    assert rebuilt[0].data.tags["rebuilt_from_outputs"] == "true"
    assert rebuilt[0].info.end_time - rebuilt[0].info.start_time == 3 * 4100


def test_syncing_twice_adds_nothing(root: Path, write_outputs) -> None:
    write_outputs("resnet50")
    write_outputs("resnet101v2")
    assert sync(root) == ["resnet101v2", "resnet50"]
    client = connect().client
    before = [contents(run, client) for run in all_runs()]
    files = sorted(path for path in (root / "mlruns").rglob("*"))
    assert sync(root) == []
    assert [contents(run, client) for run in all_runs()] == before
    assert sorted(path for path in (root / "mlruns").rglob("*")) == files
    assert len(client.search_model_versions("name = 'chestbench-sample-resnet50'")) == 1


def test_a_run_that_somebody_renamed_keeps_its_name(root: Path, write_outputs) -> None:
    run_id = log_live(root, write_outputs())
    connect().client.update_run(run_id, name="the good one")
    assert sync(root) == ["the page of sample"] and sync(root) == []
    assert [run.info.run_name for run in all_runs()] == ["the good one"]


def test_runs_of_a_grid_are_told_apart_also_when_they_are_rebuilt(root: Path, write_outputs) -> None:
    names = []
    for recipe, rate in (("quick", 0.001), ("quick", 0.0001), ("finetune", 0.0001)):
        config = {"preprocess.size": 64, "preprocess.fit": "pad", "preprocess.roi": "none", "dataset.modality": "CT",
                  "train.recipe": recipe, "train.learning_rate": rate}  # fmt: skip
        training = write_outputs(run_key=f"key of {recipe} {rate}", config=config)
        live = start_run("sample", "resnet50", training["config"], training_tags(training))
        client = connect().client
        called = client.get_run(live.run_id).info.run_name
        client.delete_run(live.run_id)
        sync(root)
        names += [called, *(run.info.run_name for run in all_runs() if run.data.tags["run_key"] == training["run_key"])]
    plain, slow, fine = (
        "resnet50 · sample · quick",
        "resnet50 · sample · quick · learning_rate=0.0001",
        "resnet50 · sample · finetune · size=64",
    )
    assert names == [plain, plain, slow, slow, fine, fine]


def test_syncing_after_live_logging_adds_nothing(root: Path, write_outputs) -> None:
    log_live(root, write_outputs())
    assert sync(root) == []
    assert len(all_runs()) == 1


def test_a_run_that_lost_its_server_is_completed(root: Path, write_outputs) -> None:
    training = write_outputs()
    run = start_run("sample", "resnet50", training["config"], training_tags(training))
    run.log_epoch(1, history_rows()[0])
    # From here on nothing arrives, not even the end.
    run.store = None
    run.finish("FINISHED")
    add_results(root, training)
    client = connect().client
    (found,) = all_runs()
    assert found.info.run_id == run.run_id
    assert found.info.status == "FINISHED"
    curve = client.get_metric_history(run.run_id, "train/loss")
    assert sorted((entry.step, entry.value) for entry in curve) == [
        (row["epoch"], row["loss"]) for row in history_rows()
    ]


def test_a_repeated_training_completes_its_own_run_and_an_earlier_one_is_found_again(root: Path, write_outputs) -> None:
    """Two trainings of one key whose losses differ, as they do without `train.deterministic`."""
    training, folder = write_outputs(), root / "models/resnet50"
    first = log_live(root, training)
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    rows = [{**row, "loss": row["loss"] * 1.001} for row in history_rows()]
    again = start_run("sample", "resnet50", training["config"], training_tags(training))
    again.log_epoch(1, rows[0])
    again.store = None
    again.finish("FINISHED")
    write_training(folder, training, rows, step_rows())
    assert resume_as(NetworkRun, folder).id == again.id
    curve = connect().client.get_metric_history(again.id, "train/loss")
    assert sorted((entry.step, entry.value) for entry in curve) == [(row["epoch"], row["loss"]) for row in rows]
    # The first one's outputs, restored from DVC's cache.
    for path, content in kept.items():
        path.write_bytes(content)
    assert resume_as(NetworkRun, folder).id == first
    assert len(all_runs()) == 2


def test_a_training_under_way_is_not_taken_for_one_that_finished(root: Path, write_outputs) -> None:
    training = write_outputs()
    first = log_live(root, training)
    under_way = start_run("sample", "resnet50", training["config"], training_tags(training))
    assert resume_as(NetworkRun, root / "models/resnet50").id == first
    under_way.finish("FINISHED")
    assert resume_as(NetworkRun, root / "models/resnet50").id == under_way.id


def test_other_measures_are_logged_but_the_model_only_once(root: Path, write_outputs) -> None:
    run_id = log_live(root, write_outputs())
    record = read_json(root / "metrics/models/resnet50.json")
    record["test"]["balanced_accuracy"] = {"value": 0.125, "low": 0.1, "high": 0.2}
    write_json(root / "metrics/models/resnet50.json", record)
    assert sync(root) == ["resnet50"]
    (run,) = all_runs()
    assert run.data.metrics["test/balanced_accuracy"] == 0.125
    assert run.info.run_id == run_id
    assert len(run.outputs.model_outputs) == 1


def test_files_that_dvc_made_read_only_can_be_replaced_later(root: Path, write_outputs) -> None:
    write_outputs()
    written = list((root / "results/models/resnet50").iterdir())
    for path in written:
        path.chmod(0o444)
    sync(root)
    logged = [path for path in (root / "mlruns").glob("sample/*/artifacts/results/*") if path.is_file()]
    assert {path.name for path in logged} == {path.name for path in written}
    assert all(path.stat().st_mode & 0o200 for path in logged)


def test_a_network_without_measures_gets_its_curves(root: Path, write_outputs) -> None:
    write_outputs()
    (root / "metrics/models/resnet50.json").unlink()
    assert sync(root) == ["resnet50"]
    (run,) = all_runs()
    assert run.data.metrics["train/loss"] == history_rows()[-1]["loss"]
    assert not any(name.startswith("test/") for name in run.data.metrics)
    assert sync(root) == []


def test_measures_of_an_earlier_training_are_not_attached(root: Path, write_outputs) -> None:
    training = write_outputs()
    write_json(root / "models/resnet50/training.json", {**training, "run_key": "another"})
    sync(root)
    (run,) = all_runs()
    assert not any(name.startswith("test/") for name in run.data.metrics)


def test_no_path_of_the_machine_is_in_what_is_logged(root: Path, write_outputs) -> None:
    write_outputs()
    sync(root)
    needles = [str(root).encode(), root.as_uri().encode(), str(ROOT).encode(), str(Path.home()).encode()]
    files = [path for path in (root / "mlruns").rglob("*") if path.is_file()]
    assert any(path.name == "MLmodel" for path in files)
    for path in files:
        if path.name not in ("serving.py", "predict.py"):
            data = path.read_bytes()
            assert not any(needle in data for needle in needles), path
    assert not any("__pycache__" in path.parts for path in files)


def test_pictures_can_be_compared_in_the_ui(root: Path, write_outputs) -> None:
    write_outputs()
    sync(root)
    (run,) = all_runs()
    names = [Path(item.path).name for item in connect().client.list_artifacts(run.info.run_id, "images")]
    for key in ("confusion_matrix", "roc", "pr", "history", "data_catalog_sheet"):
        assert any(name.startswith(f"{key}+step+0") for name in names), names


def test_a_training_that_was_killed_outright_is_marked_when_its_key_has_finished(root: Path, write_outputs) -> None:
    training = write_outputs()
    run_id = log_live(root, training)
    # Another attempt at the same training, whose process could not say how it ended.
    client = connect().client
    experiment_id = client.get_run(run_id).info.experiment_id
    killed = client.create_run(experiment_id, tags={"run_key": training["run_key"]}, run_name="resnet50")
    other = client.create_run(experiment_id, tags={"run_key": "of another training"}, run_name="resnet50")
    assert sync(root) == ["resnet50"]
    assert client.get_run(killed.info.run_id).info.status == "KILLED"
    assert client.get_run(run_id).info.status == "FINISHED"
    assert client.get_run(other.info.run_id).info.status == "RUNNING"
    assert sync(root) == []


def test_other_pictures_of_the_data_replace_the_first(root: Path, write_outputs) -> None:
    log_live(root, write_outputs())
    path = root / "results/catalog/sheet.png"
    cv2.imwrite(str(path), np.zeros((40, 40), np.uint8))
    assert sync(root) == ["resnet50"]
    (logged,) = (root / "mlruns").glob("sample/*/artifacts/data/catalog/sheet.png")
    assert logged.read_bytes() == path.read_bytes()
    assert sync(root) == []


def test_pictures_of_other_data_are_not_attached(root: Path, write_outputs) -> None:
    write_outputs()
    info = root / "data/processed/info.json"
    write_json(info, {**read_json(info), "data_sha256": "e" * 64})
    sync(root)
    (run,) = all_runs()
    assert connect().client.list_artifacts(run.info.run_id, "data") == []
    assert connect().client.list_artifacts(run.info.run_id, "results")


def test_pictures_that_are_not_checked_out_stay_in_the_run(root: Path, write_outputs) -> None:
    log_live(root, write_outputs())
    shutil.rmtree(root / "results/upsample")
    assert sync(root) == []
    assert len(list((root / "mlruns").glob("sample/*/artifacts/data/upsample/sheet.png"))) == 1


def test_the_command_says_what_it_did(root: Path, write_outputs) -> None:
    write_outputs()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "chestbench", "sync"]
    first, second = (
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=root) for _ in range(2)
    )
    place = "http://127.0.0.1:5000/#/experiments/1/runs?viewStateShareKey=compare&workflowType=machine_learning"
    compared = f"MLflow compares the runs on sample at {place}\n"
    assert first.stdout == f"MLflow: 1 rebuilt or completed: resnet50\n{compared}"
    assert second.stdout == f"MLflow is complete\n{compared}"
    assert first.stderr == second.stderr == ""
    environment["MLFLOW_TRACKING_URI"] = "http://127.0.0.1:9"
    failed = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=root)
    assert failed.returncode == 1
    assert "expected a store" in failed.stderr
    assert "Traceback" not in failed.stderr
