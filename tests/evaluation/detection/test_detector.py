"""The evaluation of a detector: what it writes, the baseline, seeds, and what is said where nothing is defined."""

import json
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.config import Evaluate
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_csv, read_json
from chestbench.evaluation.detection.baseline import mean_boxes
from chestbench.evaluation.detection.detector import SPLITS, evaluate_detector, load_splits
from chestbench.evaluation.detection.found import read_found
from chestbench.evaluation.detection.seeds import Found
from chestbench.imaging.boxes import Boxes
from chestbench.measures.detection.record import DetectorRecord
from tests.evaluation.detection.workspace import (
    FINDINGS,
    detector_training,
    drawn_boxes,
    guess,
    write_boxes,
    write_detector_training,
)

SETTINGS = Evaluate(bootstrap=100, confidence=0.95, gradcam_images=0, batch_size=8, shifts=0, wished_sensitivity=None)
FILES = {"found.csv", "froc.csv", "pr.csv", "history.csv", "steps.csv"}
PICTURES = {"boxes.png", "froc.png", "pr.png", "history.png"}


class NoPictures:
    """Where calls go that a test does not want done."""

    def __init__(self) -> None:
        self.calls: list[tuple] = []

    def call(self, function, *arguments) -> None:
        self.calls.append((function.__name__, arguments))

    def wait(self) -> None:
        pass


def evaluate(root: Path, found: list[Found], calls=None, seeds=(42,), **changes) -> DetectorRecord:
    training = detector_training(**changes)
    splits = load_splits(root / "data/processed", root / "data/boxes", training)
    places = root / "results/models/fcos_tiny", root / "metrics/detectors/fcos_tiny.json"
    return evaluate_detector(found, splits, training, root / "models/fcos_tiny", SETTINGS, seeds, 1, *places, calls)


def prepare(root: Path, drawn: dict[str, list[Boxes]] | None = None, findings=FINDINGS) -> dict[str, list[Boxes]]:
    drawn = drawn or {split: drawn_boxes(split, findings) for split in ("train", *SPLITS)}
    write_boxes(root, findings, drawn)
    write_detector_training(root / "models/fcos_tiny", detector_training(findings=findings))
    return drawn


def test_all_is_written_and_the_record_says_what_the_files_say(tmp_path: Path) -> None:
    drawn = prepare(tmp_path)
    found = {split: guess(drawn[split]) for split in SPLITS}
    record = evaluate(tmp_path, [found])
    results = tmp_path / "results/models/fcos_tiny"
    assert {path.name for path in results.iterdir()} == FILES | PICTURES
    assert json.dumps(record) == json.dumps(read_json(tmp_path / "metrics/detectors/fcos_tiny.json"))
    ids = [row["image_id"] for row in read_csv(tmp_path / "data/processed/test.csv")]
    again = read_found(results / "found.csv", "test", ids, FINDINGS)
    for before, after in zip(found["test"], again, strict=True):
        assert np.array_equal(before.corners, after.corners) and np.array_equal(before.scores, after.scores)
        assert np.array_equal(before.labels, after.labels)
    assert record["test"]["map50"]["value"] > record["baseline"]["test"]["map50"]["value"] + 0.3
    over = record["difference"]["map50"]
    assert over["value"] == pytest.approx(
        record["test"]["map50"]["value"] - record["baseline"]["test"]["map50"]["value"], abs=1e-12
    )
    assert 0 < over["low"] < over["value"] < over["high"] <= 1
    at = record["test"]["at_threshold"]
    assert at["right"] + at["missed"] == record["test"]["boxes"]
    assert sum(at["pictures"].values()) == record["test"]["images"]
    assert record["notes"] == [] and "seeds" not in record


def test_the_threshold_is_that_of_val_whatever_test_holds(tmp_path: Path) -> None:
    drawn = prepare(tmp_path)
    val = guess(drawn["val"])
    one = evaluate(tmp_path, [{"val": val, "test": guess(drawn["test"])}], NoPictures())
    other = evaluate(tmp_path, [{"val": val, "test": [Boxes.of([])] * len(drawn["test"])}], NoPictures())
    assert one["working_point"] == other["working_point"] and one["val"] == other["val"]
    assert other["notes"] == ["no box was found on any picture of test"]
    assert other["test"]["map50"]["value"] == 0 and other["test"]["at_threshold"]["ppv"]["value"] is None


def test_the_baseline_is_made_of_train_alone() -> None:
    drawn = drawn_boxes("train")
    mean = mean_boxes(drawn, FINDINGS)
    for label in (0, 1):
        own = np.concatenate([boxes.corners[boxes.labels == label] for boxes in drawn])
        assert mean.boxes.corners[label].tolist() == own.mean(axis=0).tolist()
        assert mean.boxes.scores[label] == np.mean([(boxes.labels == label).any() for boxes in drawn])
    assert all(boxes is mean.boxes for boxes in mean.found(3))


def test_a_detector_that_is_the_baseline_is_not_told_apart_from_it(tmp_path: Path) -> None:
    drawn = prepare(tmp_path)
    mean = mean_boxes(drawn["train"], FINDINGS)
    record = evaluate(tmp_path, [{split: mean.found(len(drawn[split])) for split in SPLITS}], NoPictures())
    for name in ("map50", "map50_95", "froc"):
        assert record["test"][name] == record["baseline"]["test"][name]
        over = record["difference"][name]
        assert over["value"] == 0 and over["low"] < 0 < over["high"]


def test_seeds_are_summed_up_and_fused(tmp_path: Path) -> None:
    drawn = prepare(tmp_path)
    found = [{split: guess(drawn[split], seed) for split in SPLITS} for seed in (0, 1, 2)]
    calls = NoPictures()
    record = evaluate(tmp_path, found, calls, seeds=(42, 43, 44))
    assert record["seeds"]["seeds"] == [42, 43, 44]
    spread = record["seeds"]["test_map50"]
    assert spread["values"][0] == record["test"]["map50"]["value"]
    assert spread["mean"] == pytest.approx(np.mean(spread["values"])) and spread["sd"] > 0
    assert record["fused"]["name"] == "fcos_tiny x 3 seeds" and record["fused"]["trainings"] == 3
    # Each misses other boxes: together they miss fewer.
    assert record["fused"]["test"]["map50"]["value"] > max(spread["values"])
    assert (tmp_path / "results/models/fcos_tiny/fused_found.csv").is_file()
    assert set(calls.calls[0][1][2]) == {"fcos_tiny", "mean box of train", "fcos_tiny x 3 seeds"}


def test_a_finding_without_a_box_and_a_test_without_any_are_said(tmp_path: Path) -> None:
    drawn = prepare(tmp_path)
    for split in ("train", "test"):
        drawn[split] = [boxes.take(boxes.labels == 0) for boxes in drawn[split]]
    prepare(tmp_path, drawn)
    record = evaluate(tmp_path, [{split: guess(drawn[split]) for split in SPLITS}], NoPictures())
    assert record["test"]["ap50"]["결절"] == {"value": None, "low": None, "high": None}
    assert record["test"]["map50"]["value"] == record["test"]["ap50"]["opacity"]["value"]
    assert record["baseline"]["absent"] == ["결절"]
    assert record["notes"] == [
        "train has no box of 결절: it was not learnt",
        "test has no box of 결절: the means are over the other findings",
    ]
    drawn["test"] = [Boxes.of([])] * len(drawn["test"])
    prepare(tmp_path, drawn)
    found = {"val": guess(drawn["val"]), "test": [Boxes.of([[1, 1, 9, 9]], scores=[0.9])] * len(drawn["test"])}
    record = evaluate(tmp_path, [found], NoPictures())
    assert record["test"]["map50"]["value"] is None and record["difference"]["map50"]["value"] is None
    assert record["test"]["at_threshold"]["pictures"]["alarm"] == record["test"]["images"]
    assert record["notes"][-1] == "test has no box at all: no measure is defined"
    assert "NaN" not in (tmp_path / "metrics/detectors/fcos_tiny.json").read_text(encoding="utf-8")


def test_a_detector_that_finds_nothing_right_has_no_threshold_and_its_pictures_are_drawn(tmp_path: Path) -> None:
    drawn = prepare(tmp_path)
    drawn["test"] = [Boxes.of([])] * 4
    prepare(tmp_path, drawn)
    found = {split: [Boxes.of([[0, 0, 2, 2]], scores=[0.9])] * len(drawn[split]) for split in SPLITS}
    record = evaluate(tmp_path, [found])
    assert record["working_point"]["threshold"] is None and "at_threshold" not in record["test"]
    assert record["val"]["map50"]["value"] == 0
    assert {path.name for path in (tmp_path / "results/models/fcos_tiny").iterdir()} == FILES | PICTURES


def test_others_than_it_was_trained_on_are_refused(tmp_path: Path) -> None:
    drawn = prepare(tmp_path)
    found = {split: guess(drawn[split]) for split in SPLITS}
    for changes in ({"data_sha256": "e" * 64}, {"boxes_sha256": "e" * 64}, {"findings": ["opacity"]}):
        with pytest.raises(ChestbenchError, match="models/fcos_tiny: expected a detector trained on the pictures"):
            evaluate(tmp_path, [found], NoPictures(), **changes)


def test_a_table_of_found_boxes_of_other_pictures_is_refused(tmp_path: Path) -> None:
    drawn = prepare(tmp_path)
    evaluate(tmp_path, [{split: guess(drawn[split]) for split in SPLITS}], NoPictures())
    path = tmp_path / "results/models/fcos_tiny/found.csv"
    with pytest.raises(ChestbenchError, match="expected boxes on the pictures of test"):
        read_found(path, "test", ["another"], FINDINGS)
    with pytest.raises(ChestbenchError, match="expected the columns"):
        read_found(path.with_name("froc.csv"), "test", ["another"], FINDINGS)
