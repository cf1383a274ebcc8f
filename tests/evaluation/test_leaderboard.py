"""The leaderboard: chosen on val only, a baseline below, stable keys."""

import csv
from pathlib import Path

import numpy as np
import pytest

from chestbench.core import words
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_csv, write_csv, write_json
from chestbench.evaluation import leaderboard_builder, leaderboard_rows
from chestbench.evaluation import plots as comparison
from chestbench.evaluation.network import TRAINING_KEYS
from chestbench.measures.intervals import evaluate_split
from chestbench.measures.predictions import read_predictions
from chestbench.measures.studies import Studies, evaluate_studies
from chestbench.reports import leaderboard_text
from tests.evaluation.workspace import history_rows, step_rows, training_record

CLASSES = ["Normal", "COVID"]


def make_record(name: str, val_noise: float, test_noise: float, **changes: object) -> dict:
    splits = {}
    for split, noise in (("val", val_noise), ("test", test_noise)):
        labels = np.tile([0, 0, 1], 20)
        score = 0.2 + 0.6 * labels + noise * np.random.default_rng(0).normal(size=60)
        probabilities = np.stack([1 - score, score], axis=1)
        splits[split] = evaluate_split(labels, probabilities, np.arange(60) // 2, CLASSES, 200)
    training = training_record(name, CLASSES)
    return {
        **{
            key: training[key]
            for key in ("model", "dataset", "synthetic", "data_sha256", "split_unit", "run_key", "classes")
        },
        "training": {key: training[key] for key in TRAINING_KEYS},
        "train_images": [40, 20],
        "bootstrap": {"resamples": 200, "confidence": 0.95, "unit": "patient"},
        **splits,
        **changes,
    }


def write_records(folder: Path, *records: dict) -> None:
    for record in records:
        write_json(folder / f"{record['model']}.json", record)


def test_val_chooses_whatever_test_says(tmp_path: Path) -> None:
    write_records(tmp_path, make_record("a", 0.5, 0.01), make_record("b", 0.01, 0.9), make_record("c", 1.0, 1.0))
    records = leaderboard_builder.read_records(tmp_path, ["a", "b", "c"])
    assert [record["model"] for record in records] == ["b", "a", "c"]
    found = leaderboard_rows.summary(leaderboard_builder.build(records))
    assert found["winner"] == "b"
    assert found["test_balanced_accuracy"] == records[0]["test"]["balanced_accuracy"]
    assert found["test_balanced_accuracy"]["value"] < records[1]["test"]["balanced_accuracy"]["value"]


def test_equal_balanced_accuracy_is_decided_by_the_auc_on_val(tmp_path: Path) -> None:
    first, second = make_record("a", 0.01, 0.01), make_record("b", 0.01, 0.01)
    first["val"]["macro_auc"] = {"value": 0.9, "low": 0.8, "high": 1.0}
    write_records(tmp_path, first, second)
    assert leaderboard_builder.read_records(tmp_path, ["a", "b"])[0]["model"] == "b"


def test_the_table_ends_with_the_majority_class(tmp_path: Path) -> None:
    records = [make_record("a", 0.3, 0.3), make_record("b", 0.4, 0.4)]
    board = leaderboard_builder.build(records)
    rows = leaderboard_rows.table(board)
    assert [row["model"] for row in rows] == ["a", "b", "majority class"]
    names = leaderboard_rows.columns(board)
    assert tuple(rows[0]) == tuple(rows[-1]) == names
    assert names[: len(leaderboard_rows.COLUMNS)] == leaderboard_rows.COLUMNS
    assert rows[0]["test_brier_low"] < rows[0]["test_brier"] < rows[-1]["test_brier"]
    assert [row["vs_best"] for row in rows[:2]] == ["chosen", None]
    baseline = rows[-1]
    assert baseline["test_balanced_accuracy"] == baseline["val_balanced_accuracy"] == 0.5
    assert baseline["test_accuracy"] == pytest.approx(2 / 3, abs=1e-6)
    assert baseline["test_macro_auc"] == 0.5
    write_csv(tmp_path / "leaderboard.csv", names, rows)
    with open(tmp_path / "leaderboard.csv", encoding="utf-8", newline="") as stream:
        read = list(csv.DictReader(stream))
    assert float(read[0]["test_balanced_accuracy_low"]) <= float(read[0]["test_balanced_accuracy"])
    assert read[-1]["parameters"] == ""


def test_the_majority_is_trains_not_tests() -> None:
    rows = leaderboard_rows.table(leaderboard_builder.build([make_record("a", 0.3, 0.3, train_images=[10, 30])]))
    assert rows[-1]["test_accuracy"] == pytest.approx(1 / 3, abs=1e-6)


def test_keys_of_the_summary_do_not_depend_on_networks_or_classes() -> None:
    one = leaderboard_rows.summary(leaderboard_builder.build([make_record("a", 0.3, 0.3)]))
    several = [make_record("b", 0.3, 0.3, dataset="radiography"), make_record("a", 0.4, 0.4)]
    two = leaderboard_rows.summary(leaderboard_builder.build(several))
    assert list(one) == list(two)
    assert (one["networks"], two["networks"]) == (1, 2)


def test_missing_and_mismatched_networks_are_refused(tmp_path: Path) -> None:
    write_records(tmp_path, make_record("a", 0.3, 0.3), make_record("b", 0.3, 0.3, data_sha256="e" * 64))
    with pytest.raises(ChestbenchError, match="same images"):
        leaderboard_builder.read_records(tmp_path, ["a", "b"])
    with pytest.raises(ChestbenchError, match="dvc repro evaluate@c"):
        leaderboard_builder.read_records(tmp_path, ["a", "c"])


def test_the_terminal_table_is_aligned_and_says_what_it_stands_on() -> None:
    records = [make_record("resnet152v2", 0.3, 0.3), make_record("a", 0.4, 0.4)]
    shown = leaderboard_text.text(leaderboard_builder.build(records)).splitlines()
    assert shown[0].startswith("network")
    assert len({len(line) for line in shown[1:5]}) == 1
    whole = "\n".join(shown)
    for expected in (
        "split by patient",
        "60 images in 30 patients",
        "synthetic",
        "not for diagnosis",
        "dvc exp run",
        "majority",
    ):
        assert expected in whole, expected
    assert "look-alike" in words.foundation({**records[0], "split_unit": "image"})
    assert "| resnet152v2 |" in leaderboard_text.markdown(leaderboard_builder.build(records))


def test_the_foundation_names_the_unit_that_was_used() -> None:
    plain = make_record("a", 0.3, 0.3)
    assert "split by patient, test 60 images in 30 patients;" in words.foundation(plain)
    assert "in 30 studies;" in words.foundation({**plain, "split_unit": "study"})
    mixed = {**plain, "images_in_all": 200, "images_without_group": 12}
    assert (
        "split by patient (12 of 200 images have no patient or study id: grouped by likeness), "
        "test 60 images in 30 groups;"
    ) in words.foundation(mixed)
    assert words.split_lines(plain) == "patient"
    assert words.split_lines(mixed).startswith("patient\n(12 of 200 images")


def test_the_next_step_fits_the_data() -> None:
    records = [make_record("a", 0.3, 0.3)]
    assert "-S model=resnet152v2" in leaderboard_text.text(leaderboard_builder.build(records))
    for weights, expected in (("none", "-S train=features"), ("imagenet", "-S preprocess.roi=lungs")):
        training = {**records[0]["training"], "weights": weights}
        mine = [{**records[0], "dataset": "mine", "synthetic": False, "training": training}]
        shown = leaderboard_text.text(leaderboard_builder.build(mine))
        # Alone it would run on the sample.
        assert "dvc exp run -S model=" not in shown and "/your/images" not in shown
        assert "the -S dataset... of mine again" in shown and expected in shown


def test_the_comparison_has_every_network_in_its_files(tmp_path: Path) -> None:
    records = [make_record("a", 0.3, 0.3), make_record("b", 0.4, 0.4)]
    for record in records:
        folder = tmp_path / "results" / record["model"]
        columns = ["split", "image_id", "group", "study", "label", "predicted", "p:Normal", "p:COVID"]
        rows = [
            dict(zip(columns, cells, strict=True))
            for cells in (
                ("test", "1", "g1", "", "Normal", "Normal", 0.9, 0.1),
                ("test", "2", "g2", "", "COVID", "COVID", 0.3, 0.7),
            )
        ]
        write_csv(folder / "predictions.csv", columns, rows)
        write_csv(folder / "confusion.csv", ["actual", "predicted"], [{"actual": "Normal", "predicted": "Normal"}])
        points = [{"class": "COVID", "recall": 1.0, "precision": 1.0, "threshold": 0.7}]
        write_csv(folder / "pr.csv", list(points[0]), points)
        history = history_rows()
        write_csv(folder / "history.csv", list(history[0]), history)
        write_csv(folder / "steps.csv", list(step_rows()[0]), step_rows())
    said = {name: read_predictions(tmp_path / "results" / name / "predictions.csv", CLASSES) for name in "ab"}
    comparison.write_comparison(leaderboard_builder.build(records), said, tmp_path / "results", tmp_path / "out")
    roc = read_csv(tmp_path / "out" / "roc.csv")
    assert {row["model"] for row in roc} == {"a", "b"}
    history = read_csv(tmp_path / "out" / "history.csv")
    assert {(row["model"], row["split"]) for row in history} == {(m, s) for m in "ab" for s in ("train", "val")}
    assert [float(row["loss"]) for row in history if row["model"] == "a" and row["split"] == "val"] == [
        row["val_loss"] for row in history_rows()
    ]
    # Three epochs: train by step, val at the ends of the epochs.
    steps = {
        split: [(row["epoch"], row["step"]) for row in history if (row["model"], row["split"]) == ("a", split)]
        for split in ("train", "val")
    }
    assert steps["val"] == [("1", "4"), ("2", "8"), ("3", "12")] and len(steps["train"]) == 12
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "roc.csv",
        "history.csv",
        "pr.csv",
        "confusion.csv",
        "roc.png",
        "leaderboard.png",
    }


def test_studies_add_columns_at_the_end_and_leave_the_others() -> None:
    plain, with_studies = make_record("a", 0.3, 0.3), make_record("b", 0.3, 0.3)
    for split in ("val", "test"):
        labels = np.tile([0, 1], 15)
        score = np.clip(0.3 + 0.4 * labels + 0.3 * np.random.default_rng(1).normal(size=30), 0, 1)
        found = Studies(labels, np.stack([1 - score, score], axis=1), [f"g{place}" for place in range(30)])
        with_studies[split] = {**with_studies[split], "per_study": evaluate_studies(found, CLASSES, 100, 0.95, 1)}
    board = leaderboard_builder.build([with_studies])
    names = leaderboard_rows.columns(leaderboard_builder.build([plain]))
    assert not set(leaderboard_rows.STUDY_COLUMNS) & set(names)
    assert leaderboard_rows.columns(board) == (*names, *leaderboard_rows.STUDY_COLUMNS)
    rows = leaderboard_rows.table(board)
    assert set(rows[0]) == set(leaderboard_rows.columns(board))
    study_map = with_studies["test"]["per_study"]["study_map"]
    assert rows[0]["test_study_map"] == pytest.approx(study_map["value"], abs=1e-6)
    # Always naming one class: each class's average precision is its share.
    assert rows[-1]["test_study_map"] == pytest.approx(0.5)
    shown = leaderboard_text.text(board)
    assert "study mAP" in shown
    assert "30 test studies" in shown
    assert "study mAP" in leaderboard_text.markdown(board)
    assert "study mAP" not in leaderboard_text.text(leaderboard_builder.build([plain]))
    assert list(leaderboard_rows.summary(leaderboard_builder.build([plain]))) == list(leaderboard_rows.summary(board))
