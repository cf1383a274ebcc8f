"""train and evaluate with further seeds: figures, MLflow's runs, the same runs rebuilt from outputs, none forgotten."""

import argparse
import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_json
from chestbench.evaluation.seeds import MEASURES
from chestbench.measures.predictions import read_predictions
from stages import baselines, compare, evaluate, train
from tests.evaluation.data_records import write_data_records
from tests.evaluation.workspace import write_processed

CLASSES = ("Normal", "COVID")
SETTINGS = {
    "train.epochs": 2,
    "train.seeds": [5, 1, 9],
    "train.batch_size": 8,
    "preprocess.size": 32,
    "evaluate.bootstrap": 100,
    "evaluate.gradcam_images": 0,
}
NAME = argparse.Namespace(model="simple_gmp")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_store: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copyfile(empty_store, tmp_path / "mlflow.db")
    write_processed(tmp_path, CLASSES)
    write_data_records(tmp_path, CLASSES)
    write_json(tmp_path / "data/weights/simple_gmp/weights.json", {"weights": "none", "file": None, "sha256": None})
    np.save(tmp_path / "data/train_indices.npy", np.arange(36))
    return tmp_path


def seen(client) -> dict[str, dict]:
    """Return what a user sees of every run, by the seed of its training."""
    found = {}
    for run in client.search_runs([client.get_experiment_by_name("sample").experiment_id]):
        assert run.data.params["train.seed"] not in found
        curves = {
            name: sorted((entry.step, entry.value) for entry in client.get_metric_history(run.info.run_id, name))
            for name in run.data.metrics
        }
        tags = {key: run.data.tags.get(key) for key in ("run_key", "model", "results_sha256")}
        found[run.data.params["train.seed"]] = {
            "name": run.info.run_name, "status": run.info.status, "params": run.data.params, "curves": curves,
            "tags": tags, "models": len(run.outputs.model_outputs) if run.outputs else 0,
        }  # fmt: skip
    return found


def test_figures_and_runs_of_every_seed(workspace: Path, make_config) -> None:
    from chestbench.tracking.store import connect
    from chestbench.tracking.sync import sync

    train.work(make_config(SETTINGS), NAME)
    summary = evaluate.work(make_config(SETTINGS), NAME)
    record = read_json(workspace / "metrics/models/simple_gmp.json")
    seeds = record["seeds"]
    assert seeds["seeds"] == [5, 1, 9] and set(seeds) == {"seeds", *MEASURES}
    for key, (split, measure) in MEASURES.items():
        assert len(seeds[key]["values"]) == 3 and seeds[key]["values"][0] == record[split][measure]["value"]
        assert seeds[key]["mean"] == pytest.approx(np.mean(seeds[key]["values"]))
    assert "over 3 seeds: test balanced accuracy" in summary and "simple_gmp x 3 seeds, their mean: test" in summary
    assert record["ensemble"]["name"] == "simple_gmp x 3 seeds" and record["ensemble"]["test"]["images"] == 20
    check_the_mean_of_three(workspace)
    client = connect().client
    live = seen(client)
    assert set(live) == {"5", "1", "9"}
    for place, seed in ((1, "1"), (2, "9")):
        run = live[seed]
        assert run["name"].startswith("simple_gmp") and run["name"].endswith(f"train.seed={seed}")
        assert run["status"] == "FINISHED" and run["models"] == 0 and run["params"]["train.seeds"] == "[5, 1, 9]"
        assert [step for step, _ in run["curves"]["val/loss"]] == [1, 2]
        assert run["curves"]["test/macro_auc"] == [(0, seeds["test_macro_auc"]["values"][place])]
        assert run["curves"]["best_val/balanced_accuracy"] == [(0, seeds["val_balanced_accuracy"]["values"][place])]
    spread = live["5"]["curves"]["test/balanced_accuracy_seeds_sd"]
    assert spread == [(0, seeds["test_balanced_accuracy"]["sd"])] and live["5"]["models"] == 1
    together = record["ensemble"]["test"]["balanced_accuracy"]["value"]
    assert live["5"]["curves"]["test/balanced_accuracy_ensemble"] == [(0, together)]
    card = (workspace / "models/simple_gmp/MODEL_CARD.md").read_text(encoding="utf-8")
    assert "The mean of the probabilities of all 3, which is not this network" in card
    assert sync(workspace) == []
    # The outputs arrive in a clone without a store.
    for run in client.search_runs([client.get_experiment_by_name("sample").experiment_id]):
        client.delete_run(run.info.run_id)
    assert sync(workspace) == ["simple_gmp"] and sync(workspace) == []
    assert seen(connect().client) == live


def check_the_mean_of_three(workspace: Path) -> None:
    from chestbench.training.predict import load, predict

    folder, images = workspace / "models/simple_gmp", np.load(workspace / "data/processed/test.npy")
    files = [folder / "model.keras", *(folder / f"seeds/{seed}/model.keras" for seed in (1, 9))]
    expected = np.mean([predict(load(path), images) for path in files], axis=0)
    together = read_predictions(workspace / "results/models/simple_gmp/ensemble/predictions.csv", list(CLASSES))
    np.testing.assert_allclose(together.probabilities, expected, atol=1e-5)


def test_the_ensemble_is_compared_and_shown(workspace: Path, make_config) -> None:
    config = make_config({**SETTINGS, "train.epochs": 1, "train.seeds": [5, 1], "model.variants": ["simple_gmp"]})
    train.work(config, NAME)
    evaluate.work(config, NAME)
    baselines.work(config, argparse.Namespace())
    text = compare.work(config, argparse.Namespace())
    with open(workspace / "metrics/leaderboard.csv", encoding="utf-8", newline="") as stream:
        rows = {row["model"]: row for row in csv.DictReader(stream)}
    assert list(rows) == ["simple_gmp", "simple_gmp x 2 seeds", "logistic regression", "majority class"]
    record, row = read_json(workspace / "metrics/models/simple_gmp.json"), rows["simple_gmp x 2 seeds"]
    measured = record["ensemble"]["test"]["balanced_accuracy"]
    assert float(row["test_balanced_accuracy_low"]) == pytest.approx(measured["low"], abs=1e-6)
    difference = measured["value"] - record["test"]["balanced_accuracy"]["value"]
    assert float(row["vs_best_difference"]) == pytest.approx(difference, abs=1e-6) and row["vs_best"]
    assert read_json(workspace / "metrics/summary.json")["networks"] == 1
    assert "simple_gmp x 2 seeds: the mean of the probabilities of all seeds" in " ".join(text.split())


def test_a_missing_seed_is_never_ignored(workspace: Path, make_config) -> None:
    train.work(make_config({**SETTINGS, "train.epochs": 1, "train.seeds": [5, 1]}), NAME)
    shutil.rmtree(workspace / "models/simple_gmp/seeds")
    with pytest.raises(
        ChestbenchError, match=r"expected the trainings of the seeds 1 as train.seeds asks, received no"
    ):
        evaluate.work(make_config({**SETTINGS, "train.epochs": 1, "train.seeds": [5, 1]}), NAME)
    assert not (workspace / "metrics/models").exists() and not (workspace / "results").exists()


def test_random_labels_are_recorded_and_the_test_set_keeps_its_own(workspace: Path, make_config) -> None:
    settings = {**SETTINGS, "train.seeds": [], "train.random_labels": True}
    before = {path.name: path.read_bytes() for path in (workspace / "data/processed").iterdir()}
    train.work(make_config(settings), NAME)
    evaluate.work(make_config(settings), NAME)
    assert read_json(workspace / "models/simple_gmp/training.json")["random_labels"] is True
    record = read_json(workspace / "metrics/models/simple_gmp.json")
    assert record["training"]["random_labels"] is True and "seeds" not in record
    assert {path.name: path.read_bytes() for path in (workspace / "data/processed").iterdir()} == before
