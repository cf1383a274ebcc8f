"""One detector from the pipeline's files to models/NAME/."""

import csv
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_json
from chestbench.training.detection.callbacks import COLUMNS
from chestbench.training.detection.data import BoxInputs
from chestbench.training.detection.predict import load, predict_boxes
from chestbench.training.detection.session import train_detector_model
from chestbench.training.outputs import FILES
from chestbench.training.records import read_history, read_training
from tests.training.detection.helpers import rectangles
from tests.training.processed import write_processed
from tests.training.test_session import Recorder

COUNTS = {"train": 12, "val": 6, "test": 6}
INPUTS = BoxInputs(Path("data/processed"), Path("data/boxes"), Path("data/weights_boxes/fcos_tiny"))
TARGET = Path("models/fcos_tiny")
FIELDS = ("image_id", "index", "finding", "label", "x0", "y0", "x1", "y1")


def write_boxes(root: Path) -> None:
    """Write data/processed, data/boxes and data/weights_boxes/fcos_tiny below `root`."""
    write_processed(root, COUNTS)
    folder = root / "data" / "boxes"
    folder.mkdir()
    for seed, (split, count) in enumerate(COUNTS.items()):
        images, boxes = rectangles(count, 32, seed)
        np.save(root / "data" / "processed" / f"{split}.npy", images)
        with open(folder / f"{split}.csv", "w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(FIELDS)
            for place, of_image in enumerate(boxes):
                writer.writerows([f"{split}{place:04d}", place, "opacity", 0, *corners] for corners in of_image.corners)
    write_json(folder / "info.json", {"findings": ["opacity"], "size": 32, "images": COUNTS, "data_sha256": "b" * 64})
    note = {"weights": "none", "file": None, "sha256": None, "md5": None, "source": None}
    write_json(root / INPUTS.weights / "weights.json", note)


@pytest.fixture
def config(tmp_path, monkeypatch, make_config):
    """A project folder with boxes, and a short recipe."""
    write_boxes(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.delenv("DVC_STAGE", raising=False)
    changes = {"epochs": 1, "batch_size": 8, "seeds": [5], "recipe": "detect"}
    return make_config({f"train.{key}": value for key, value in changes.items()})


def train(config):
    """Train, and return the summary and what the tracker was told."""
    opened: list[Recorder] = []

    def open_run(record):
        opened.append(Recorder(record))
        return opened[-1]

    return train_detector_model(config, "fcos_tiny", INPUTS, TARGET, open_run), opened


def test_outputs_and_record(config):
    summary, (run,) = train(config)
    assert summary.startswith(f"wrote {TARGET}\n1 epochs") and "val mAP@0.5" in summary
    assert sorted(path.name for path in TARGET.iterdir()) == sorted([*FILES, "seeds"])
    assert run.status == "FINISHED" and run.epochs == [1]
    training = read_training(TARGET)
    expected = {"task": "detect", "findings": ["opacity"], "model": "fcos_tiny", "image_size": 32, "seed": 5}
    assert expected.items() <= training.items()
    assert "balance" not in training["config"] and training["config"]["train.seed"] == 5
    (row,) = read_history(TARGET)
    assert tuple(row)[: len(COLUMNS["history_columns"])] == COLUMNS["history_columns"]
    found = predict_boxes(load(TARGET / "model.keras"), np.load("data/processed/test.npy"))
    assert len(found) == COUNTS["test"]


def test_of_a_recipe_that_networks_share_what_means_nothing_is_left_and_said(config, caplog):
    shared = {"head_epochs": 3, "label_smoothing": 0.1}
    _, (run,) = train(config.model_copy(update={"train": config.train.model_copy(update=shared)}))
    training = read_training(TARGET)
    left = {"train.head_epochs": 3, "train.label_smoothing": 0.1}
    assert training["not_followed"] == run.record["not_followed"] == left
    assert training["config"]["train.head_epochs"] == 0 and training["config"]["train.label_smoothing"] == 0.0
    assert training["epochs_run"] == 1
    assert "the detector fcos_tiny leaves train.head_epochs 3, train.label_smoothing 0.1 to the networks" in caplog.text


@pytest.mark.campaign
def test_of_two_seeds_the_second_lies_below_the_first(config):
    both = config.model_copy(update={"train": config.train.model_copy(update={"seeds": [5, 6]})})
    summary, opened = train(both)
    assert "seed 5: 1 epochs" in summary and [run.status for run in opened] == ["FINISHED", "FINISHED"]
    keys = [read_json(folder / "training.json")["run_key"] for folder in (TARGET, TARGET / "seeds" / "6")]
    weights = [load(folder / "model.keras").get_weights() for folder in (TARGET, TARGET / "seeds" / "6")]
    assert keys[0] != keys[1]
    assert any(not np.allclose(first, second) for first, second in zip(*weights, strict=True))


def test_without_a_box_on_val_there_is_nothing_to_judge_by(config):
    (INPUTS.boxes / "val.csv").write_text(",".join(FIELDS) + "\n", encoding="utf-8")
    with pytest.raises(ChestbenchError, match=r"val\.csv: expected a box on one image of val or more, received none"):
        train_detector_model(config, "fcos_tiny", INPUTS, TARGET, Recorder)


def test_boxes_of_other_images_are_refused(config):
    write_json(INPUTS.boxes / "info.json", {**read_json(INPUTS.boxes / "info.json"), "images": {"train": 13, "val": 6}})
    with pytest.raises(ChestbenchError, match=r"train\.csv: expected boxes of the 12 images of train, received .* 13"):
        train_detector_model(config, "fcos_tiny", INPUTS, TARGET, Recorder)
