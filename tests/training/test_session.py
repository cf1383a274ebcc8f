"""From the pipeline's files to models/NAME/."""

import csv
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.training import data as training_data
from chestbench.training.data import Inputs
from chestbench.training.outputs import FILES
from chestbench.training.predict import load, predict
from chestbench.training.records import HISTORY_COLUMNS, TrainingRecord, read_training
from chestbench.training.session import train_model
from tests.evaluation.test_record import unlike
from tests.training.processed import CLASSES, write_processed

INPUTS = Inputs(Path("data/processed"), Path("data/train_indices.npy"), Path("data/weights/simple_cnn"))
TARGET = Path("models/simple_cnn")


class Recorder:
    """A tracker's run."""

    def __init__(self, record, fail_at=None):
        self.record, self.fail_at, self.epochs, self.status = record, fail_at, [], None

    def log_epoch(self, epoch, metrics):
        self.epochs.append(epoch)
        if epoch == self.fail_at:
            raise KeyboardInterrupt

    def finish(self, status):
        self.status = status


@pytest.fixture
def config(tmp_path, monkeypatch, make_config, empty_store):
    """A project folder with processed data, and a short recipe."""
    write_processed(tmp_path)
    shutil.copyfile(empty_store, tmp_path / "mlflow.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    return make_config({"train.epochs": 2, "train.batch_size": 8, "balance": "none"})


def run(config, **options):
    opened = []

    def open_run(record):
        opened.append(Recorder(record, **options))
        return opened[0]

    try:
        return train_model(config, "simple_cnn", INPUTS, TARGET, open_run), opened[0]
    except BaseException as error:
        return error, opened[0] if opened else None


def test_outputs_and_record(config, tmp_path):
    summary, tracker = run(config)
    assert sorted(path.name for path in TARGET.iterdir()) == sorted([*FILES, "seeds"])
    assert [path.name for path in (TARGET / "seeds").iterdir()] == ["none.txt"]
    training = read_json(TARGET / "training.json")
    expected = {
        "model": "simple_cnn",
        "epochs_run": 2,
        "seed": 42,
        "seeds": [42],
        "random_labels": False,
        "classes": CLASSES,
        "image_size": 32,
        "precision": "float32",
        "split_unit": "patient",
        "images_in_all": 28,
        "images_without_group": 3,
    }
    assert expected.items() <= training.items()
    assert training["mlflow_experiment"] == "sample"
    assert training["config"]["train.epochs"] == 2 and training["config"]["train.seed"] == 42
    assert training["config"]["dataset.modality"] == "CT"
    assert str(tmp_path) not in (TARGET / "training.json").read_text(encoding="utf-8")
    with open(TARGET / "history.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == HISTORY_COLUMNS and [row["epoch"] for row in rows] == ["1", "2"]
    timing, provenance = read_json(TARGET / "timing.json"), read_json(TARGET / "provenance.json")
    assert timing["seconds"] > timing["first_step_seconds"] > 0 and [e["epoch"] for e in timing["epochs"]] == [1, 2]
    assert set(provenance) == {"device", "versions"} and "keras" in provenance["versions"]
    assert read_training(TARGET) == {**training, **{k: v for k, v in timing.items() if k != "epochs"}, **provenance}
    assert unlike(read_training(TARGET), TrainingRecord) == []
    assert tracker.epochs == [1, 2] and tracker.status == "FINISHED"
    assert tracker.record["run_key"] == training["run_key"]
    assert "2 epochs" in summary and "val balanced accuracy" in summary
    assert not (tmp_path / ".dvc" / "tmp" / "training" / training["run_key"]).exists()
    images = np.load("data/processed/val.npy")
    assert predict(load(TARGET / "model.keras"), images).shape == (6, 2)
    with zipfile.ZipFile(TARGET / "model.keras") as saved:
        described = saved.read("config.json").decode("utf-8")
    # No optimizer, no loss and no layer of ours: keras alone can load it.
    assert "chestbench" not in described and not json.loads(described).get("compile_config")


def test_interrupted_training_is_marked_and_goes_on(config, tmp_path):
    error, tracker = run(config, fail_at=1)
    assert isinstance(error, KeyboardInterrupt) and tracker.status == "KILLED"
    assert not TARGET.exists()
    assert (tmp_path / ".dvc" / "tmp" / "training" / tracker.record["run_key"] / "state.json").exists()
    _, again = run(config)
    assert again.epochs == [1, 2] and again.status == "FINISHED" and TARGET.exists()


def test_a_failed_training_leaves_the_last_outputs(config, make_config):
    run(config)
    before = (TARGET / "training.json").read_bytes()
    diverging = make_config({"train.epochs": 2, "train.batch_size": 8, "balance": "none", "train.learning_rate": 1e30})
    error, tracker = run(diverging)
    assert isinstance(error, ChestbenchError) and tracker.status == "FAILED"
    assert (TARGET / "training.json").read_bytes() == before
    assert [path.name for path in TARGET.parent.iterdir()] == ["simple_cnn"]


def test_class_weights_come_from_the_training_labels(config, make_config, monkeypatch):
    asked = []
    monkeypatch.setattr(
        training_data, "class_weights", lambda labels, n: asked.append((labels.tolist(), n)) or np.ones(n)
    )
    assert training_data.read_data(config, INPUTS, CLASSES, 42).class_weights is None and not asked
    weighted = training_data.read_data(make_config({"balance": "class_weight"}), INPUTS, CLASSES, 42)
    assert asked == [([0, 1] * 8, 2)] and weighted.class_weights.tolist() == [1.0, 1.0]


def test_indices_that_do_not_fit(config):
    np.save("data/train_indices.npy", np.array([0, 16]))
    error, _ = run(config)
    assert isinstance(error, ChestbenchError) and "positions below 16" in str(error)


def run_seeds(config, fail_seed=None):
    """Train; return what came back or was raised, and the runs that were opened, by seed."""
    opened = {}

    def open_run(record):
        opened[record["seed"]] = Recorder(record, fail_at=1 if record["seed"] == fail_seed else None)
        return opened[record["seed"]]

    try:
        return train_model(config, "simple_cnn", INPUTS, TARGET, open_run), opened
    except BaseException as error:
        return error, opened


def test_every_seed_has_its_files_key_and_run(config, make_config, tmp_path):
    seeds = {"train.epochs": 1, "train.batch_size": 8, "balance": "none", "train.seeds": [7, 1, 30]}
    summary, opened = run_seeds(make_config(seeds))
    folders = {7: TARGET, 1: TARGET / "seeds/1", 30: TARGET / "seeds/30"}
    trainings = {seed: read_json(folder / "training.json") for seed, folder in folders.items()}
    assert [training["seed"] for training in trainings.values()] == [7, 1, 30] == list(opened)
    assert len({training["run_key"] for training in trainings.values()}) == 3
    assert all(training["config"]["train.seed"] == seed for seed, training in trainings.items())
    assert sorted(path.name for path in TARGET.rglob("*") if path.is_file()) == sorted(FILES * 3)
    weights = [load(folder / "model.keras").get_weights()[0] for folder in folders.values()]
    assert not np.array_equal(weights[0], weights[1]) and not np.array_equal(weights[1], weights[2])
    assert not list((tmp_path / ".dvc/tmp/training").iterdir())
    for seed in (7, 1, 30):
        assert f"seed {seed}: 1 epochs" in summary
    # A single training of a seed is the same training, whatever other seeds there are and what the study's seed is.
    _, alone = run_seeds(make_config({**seeds, "train.seeds": [30]}))
    assert alone[30].record["run_key"] == trainings[30]["run_key"]
    assert [path.name for path in (TARGET / "seeds").iterdir()] == ["none.txt"]


def test_a_kill_in_a_later_seed_costs_the_seeds_before_nothing(config, make_config, tmp_path):
    seeds = make_config({"train.epochs": 2, "train.batch_size": 8, "balance": "none", "train.seeds": [1, 2]})
    error, opened = run_seeds(seeds, fail_seed=2)
    assert isinstance(error, KeyboardInterrupt) and not TARGET.exists()
    assert (opened[1].status, opened[2].status) == ("FINISHED", "KILLED")
    summary, again = run_seeds(seeds)
    # The first seed is neither trained nor logged again, the second goes on.
    assert list(again) == [2] and again[2].epochs == [1, 2] and "seed 1: was trained before" in summary
    assert read_json(TARGET / "training.json")["seed"] == 1
    assert read_json(TARGET / "seeds/2/training.json")["run_key"] == opened[2].record["run_key"]
    assert not list((tmp_path / ".dvc/tmp/training").iterdir())


def test_a_seed_that_fails_leaves_what_was_there_and_other_files_stay(config, make_config):
    run(config)
    (TARGET / "MODEL_CARD.md").write_text("of another stage")
    before = {path.name: path.read_bytes() for path in TARGET.iterdir() if path.is_file()}
    seeds = {"train.epochs": 2, "train.batch_size": 8, "balance": "none", "train.seeds": [1, 2]}
    error, _ = run_seeds(make_config(seeds), fail_seed=2)
    assert isinstance(error, KeyboardInterrupt)
    assert {path.name: path.read_bytes() for path in TARGET.iterdir() if path.is_file()} == before
    run_seeds(make_config(seeds))
    assert sorted(path.name for path in TARGET.iterdir()) == sorted([*FILES, "MODEL_CARD.md", "seeds"])
    assert [path.name for path in (TARGET / "seeds").iterdir()] == ["2"]
