"""The spread over seeds: what is read, what is refused, and the figures."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, roc_auc_score

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_json
from chestbench.evaluation.seeds import (
    MEASURES,
    describe_seeds,
    further_trainings,
    measure_training,
    own_values,
    predict_training,
    summarise_seeds,
)
from tests.evaluation.workspace import training_record, write_processed

CLASSES = ("Normal", "COVID", "rare")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """models/tiny with the trainings of seeds 7, 1 and 30; no weights."""
    folder = tmp_path / "models" / "tiny"
    for seed, place in ((7, folder), (1, folder / "seeds/1"), (30, folder / "seeds/30")):
        record = training_record("tiny", CLASSES, seed=seed, seeds=[7, 1, 30], run_key=f"key-{seed}")
        write_json(place / "training.json", {**record, "config": {**record["config"], "train.seed": seed}})
    return folder


def test_the_order_is_that_of_the_parameters(model: Path) -> None:
    assert further_trainings(model, [7, 1, 30]) == [model / "seeds/1", model / "seeds/30"]
    with pytest.raises(ChestbenchError, match=r"expected the training of seed 1 .* received seed 7 of another"):
        further_trainings(model, [1, 1, 30])


def test_what_is_missing_or_too_much_is_said(model: Path) -> None:
    with pytest.raises(ChestbenchError, match=r"expected the trainings of no further seed .* received the seeds 1, 30"):
        further_trainings(model, [7])
    with pytest.raises(ChestbenchError, match=r"of the seeds 1, 2, 30 as train.seeds asks, received the seeds 1, 30"):
        further_trainings(model, [7, 1, 30, 2])
    (model / "seeds/30/training.json").unlink()
    with pytest.raises(ChestbenchError, match=r"received the seeds 1; run `dvc repro train@tiny`"):
        further_trainings(model, [7, 1, 30])
    shutil.rmtree(model / "seeds")
    with pytest.raises(ChestbenchError, match="received no further seed"):
        further_trainings(model, [7, 1, 30])
    # Asked for none, none there: nothing is looked at.
    assert further_trainings(model, [42]) == []


@pytest.mark.parametrize(
    "change", [{"data_sha256": "e" * 64}, {"config": {"train.seed": 30, "train.epochs": 9}}, {"seed": 31}]
)
def test_a_training_of_other_data_or_parameters_is_refused(model: Path, change: dict) -> None:
    path = model / "seeds/30/training.json"
    write_json(path, {**read_json(path), **change})
    with pytest.raises(ChestbenchError, match=r"seeds/30: expected the training of seed 30 with the data and param"):
        further_trainings(model, [7, 1, 30])


def test_the_figures_are_scikit_learns(tmp_path: Path) -> None:
    write_processed(tmp_path, CLASSES, per_class=5)
    random = np.random.default_rng(1)
    told = {}

    def predict(network: Path, images: np.ndarray, batch_size: int) -> np.ndarray:
        scores = random.random((len(images), 3)).astype(np.float32)
        told[len(told)] = scores / scores.sum(axis=1, keepdims=True)
        return told[len(told) - 1]

    processed = tmp_path / "data/processed"
    said = predict_training(tmp_path / "models/x/seeds/3", lambda path: path, predict, processed, 8)
    values = measure_training(said, processed)
    labels = []
    for split in ("val", "test"):
        with open(processed / f"{split}.csv", encoding="utf-8", newline="") as stream:
            labels.append(np.array([int(row["class_index"]) for row in csv.DictReader(stream)]))
    called = [told[place].argmax(axis=1) for place in (0, 1)]
    areas = [roc_auc_score(labels[1] == k, told[1][:, k]) for k in range(3)]
    assert values == pytest.approx(
        {
            "val_balanced_accuracy": balanced_accuracy_score(labels[0], called[0]),
            "test_balanced_accuracy": balanced_accuracy_score(labels[1], called[1]),
            "test_macro_auc": np.mean(areas),
            "test_macro_f1": f1_score(labels[1], called[1], average="macro"),
            "test_accuracy": accuracy_score(labels[1], called[1]),
        },
        abs=1e-9,
    )

    def diverged(network: Path, images: np.ndarray, batch_size: int) -> np.ndarray:
        return np.full((len(images), 3), np.nan, np.float32)

    with pytest.raises(ChestbenchError, match=r"seeds/3: expected finite probabilities on val, received NaN"):
        predict_training(tmp_path / "models/x/seeds/3", lambda path: path, diverged, processed, 8)


def test_mean_and_spread() -> None:
    values = [dict.fromkeys(MEASURES, value) for value in (0.5, 0.75, 0.7)]
    values[1]["test_macro_auc"] = None
    summary = summarise_seeds([1, 2, 3], values)
    assert summary["seeds"] == [1, 2, 3]
    assert summary["test_balanced_accuracy"]["values"] == [0.5, 0.75, 0.7]
    assert summary["test_balanced_accuracy"]["mean"] == pytest.approx(0.65)
    assert summary["test_balanced_accuracy"]["sd"] == pytest.approx(np.std([0.5, 0.75, 0.7], ddof=1))
    assert summary["test_macro_auc"] == {"values": [0.5, None, 0.7], "mean": None, "sd": None}
    said = describe_seeds(summary)
    assert said == "over 3 seeds: test balanced accuracy 0.650 (standard deviation 0.132), macro ROC-AUC not defined"


def test_the_first_seeds_values_are_those_of_its_record() -> None:
    record = {split: {name: {"value": place} for name in ("balanced_accuracy", "macro_auc", "macro_f1", "accuracy")}
              for place, split in enumerate(("val", "test"))}  # fmt: skip
    assert own_values(record) == {key: int(split == "test") for key, (split, _) in MEASURES.items()}
