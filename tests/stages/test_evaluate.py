"""evaluate on a small network: what it writes, that it reads test once, and that it says what is wrong."""

import argparse
import csv
import logging
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_json
from chestbench.core.words import with_interval
from chestbench.evaluation import network
from chestbench.figures import network_pictures
from chestbench.measures.operating import Chosen, choose, split_record
from chestbench.measures.predictions import read_predictions
from chestbench.measures.resampled import read_resampled, resample
from chestbench.training.records import write_training
from stages import evaluate
from tests.evaluation.workspace import history_rows, step_rows, training_record, write_network, write_processed

CLASSES = ("정상 1", "Viral 'P' \"x\"")
FILES = {
    "predictions.csv",
    "roc.csv",
    "pr.csv",
    "confusion.csv",
    "history.csv",
    "steps.csv",
    "confusion_matrix.png",
    "roc.png",
    "history.png",
    "gradcam.png",
    "pr.png",
    "architecture.txt",
    "calibration.csv",
    "calibration.png",
    "thresholds.csv",
    "resampled.npz",
    "reference.json",
    "reference.npz",
}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_store: Path) -> Path:
    root = tmp_path / "a folder 한국"
    prepare(root, monkeypatch, empty_store)
    write_processed(root, CLASSES)
    return root


def prepare(root: Path, patch: pytest.MonkeyPatch, empty_store: Path) -> None:
    """Make a folder with an empty store the current one."""
    root.mkdir()
    patch.chdir(root)
    patch.delenv("DVC_ROOT", raising=False)
    patch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copyfile(empty_store, root / "mlflow.db")


def evaluated(base: Path, make_config, empty_store: Path, **overrides: object) -> Path:
    """Return a folder in which a network was evaluated, and what was said written to summary.txt."""
    root = base / "another folder 한국"
    with pytest.MonkeyPatch.context() as patch:
        prepare(root, patch, empty_store)
        write_processed(root, CLASSES)
        write_network(root, "simple_cnn", CLASSES)
        (root / "summary.txt").write_text(run(make_config, **overrides), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, make_config, empty_store: Path) -> Path:
    """A folder in which a network was evaluated; nothing in it is changed."""
    return evaluated(tmp_path_factory.mktemp("written"), make_config, empty_store)


@pytest.fixture(scope="module")
def written_for_a_wish(tmp_path_factory: pytest.TempPathFactory, make_config, empty_store: Path) -> Path:
    """The same without heat maps, its threshold chosen for a sensitivity; nothing in it is changed."""
    wish = {"evaluate.gradcam_images": 0, "evaluate.wished_sensitivity": 0.9}
    return evaluated(tmp_path_factory.mktemp("wished"), make_config, empty_store, **wish)


@pytest.fixture
def again(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_store: Path) -> Path:
    """The data and the network of `written` in a folder of its own, with a store that knows of neither."""
    root = tmp_path / "a folder 한국"
    prepare(root, monkeypatch, empty_store)
    for name in ("data", "models", "metrics"):
        shutil.copytree(written / name, root / name)
    shutil.rmtree(root / "metrics/models")
    return root


def run(make_config, **overrides: object) -> str:
    settings = {"evaluate.bootstrap": 100, "evaluate.gradcam_images": 3, **overrides}
    return evaluate.work(make_config(settings), argparse.Namespace(model="simple_cnn"))


def test_too_little_is_told(workspace: Path, make_config) -> None:
    write_network(workspace, "simple_cnn", CLASSES, tiny=["val has 1 group of a (3 are needed)"])
    assert "TOO LITTLE DATA: val has 1 group of a" in run(make_config, **{"evaluate.gradcam_images": 0})
    record = read_json(workspace / "metrics/models/simple_cnn.json")
    assert record["tiny"] == ["val has 1 group of a (3 are needed)"]
    shown = (workspace / "models/simple_cnn/MODEL_CARD.md").read_text(encoding="utf-8")
    assert "**TOO LITTLE DATA: val has 1 group of a" in shown


def test_images_without_an_id_are_told(workspace: Path, make_config) -> None:
    write_network(workspace, "simple_cnn", CLASSES, images_in_all=90, images_without_group=5)
    assert "split by patient (5 of 90 images have no" in run(make_config, **{"evaluate.gradcam_images": 0})
    record = read_json(workspace / "metrics/models/simple_cnn.json")
    assert (record["images_in_all"], record["images_without_group"]) == (90, 5)


def test_it_writes_what_the_model_says(written: Path) -> None:
    from chestbench.training.predict import load

    workspace = written
    assert "split by patient" in (workspace / "summary.txt").read_text(encoding="utf-8")
    results = workspace / "results/models/simple_cnn"
    assert {path.name for path in results.iterdir()} == FILES
    record = read_json(workspace / "metrics/models/simple_cnn.json")
    model = load(workspace / "models/simple_cnn/model.keras")
    with open(results / "predictions.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for split in ("val", "test"):
        images = np.load(workspace / f"data/processed/{split}.npy")
        with open(workspace / f"data/processed/{split}.csv", encoding="utf-8", newline="") as stream:
            table = list(csv.DictReader(stream))
        here = [row for row in rows if row["split"] == split]
        assert [row["image_id"] for row in here] == [row["image_id"] for row in table]
        written = np.array([[float(row[f"p:{name}"]) for name in CLASSES] for row in here])
        # A reloaded model.keras in batches of another size computes the same.
        np.testing.assert_allclose(written, model.predict(images, batch_size=7, verbose=0), atol=1e-6)
        labels, groups = np.array([int(row["class_index"]) for row in table]), [row["group"] for row in table]
        # Nine digits give the network's float32 back, and with it every measure to the last bit.
        exact = written.astype(np.float32)
        if split == "val":
            chosen = choose(labels, exact, groups, CLASSES)
            assert Chosen.from_record(record) == chosen
        assert record[split] == split_record(labels, exact, groups, CLASSES, chosen, 100, 0.95, 42)
        assert [row["predicted"] for row in here] == [CLASSES[place] for place in written.argmax(axis=1)]
    # Of test, which came last: what `compare` subtracts.
    kept, expected = read_resampled(results / "resampled.npz"), resample(labels, exact, groups, 100, 42)
    assert kept.draws == expected.draws
    np.testing.assert_array_equal(kept.auc, expected.auc)
    np.testing.assert_array_equal(kept.sensitivity, expected.sensitivity)
    assert record["train_images"] == [20, 16]
    shown = (workspace / "models/simple_cnn/MODEL_CARD.md").read_text(encoding="utf-8")
    assert with_interval(record["test"]["macro_f1"]) in shown.replace("\\", "") and str(workspace) not in shown
    assert record["training"]["parameters"] == 1234567


def test_shifts_are_averaged_on_val_and_test_and_told_to_who_asks_later(workspace: Path, make_config) -> None:
    from chestbench.training.predict import load, predict

    write_network(workspace, "simple_cnn", CLASSES)
    run(make_config, **{"evaluate.gradcam_images": 0, "evaluate.shifts": 3})
    results = workspace / "results/models/simple_cnn"
    model = load(workspace / "models/simple_cnn/model.keras")
    for split in ("val", "test"):
        images = np.load(workspace / f"data/processed/{split}.npy")
        found = read_predictions(results / "predictions.csv", CLASSES, split).probabilities
        np.testing.assert_allclose(found, predict(model, images, shifts=3), atol=1e-6)
        assert np.abs(found - predict(model, images)).max() > 1e-5
    assert read_json(workspace / "metrics/models/simple_cnn.json")["shifts"] == 3
    assert read_json(results / "reference.json")["shifts"] == 3
    card = (workspace / "models/simple_cnn/MODEL_CARD.md").read_text(encoding="utf-8")
    assert "the picture shifted by 3 pixels up, down, left and right" in card


def test_calibration_and_thresholds_are_written_as_tables(written_for_a_wish: Path) -> None:
    results = written_for_a_wish / "results/models/simple_cnn"
    record = read_json(written_for_a_wish / "metrics/models/simple_cnn.json")
    with open(results / "calibration.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for split in ("val", "test"):
        for temperature, name in ((1.0, "ece"), (record["temperature"], "ece_calibrated")):
            own = [row for row in rows if row["split"] == split and float(row["temperature"]) == temperature]
            gaps = [int(row["images"]) * abs(float(row["accuracy"]) - float(row["confidence"])) for row in own]
            assert sum(gaps) / record[split]["images"] == pytest.approx(record[split][name]["value"], abs=1e-9)
    with open(results / "thresholds.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["unit"], row["split"]) for row in rows[:: len(CLASSES)]] == [
        (unit, split) for unit in ("image", "group") for split in ("val", "test")
    ]
    for row in rows:
        assert row["rule"] == "sensitivity 0.9"
        tp, fn, fp, tn = (int(row[name]) for name in ("tp", "fn", "fp", "tn"))
        assert float(row["sensitivity"]) == pytest.approx(tp / (tp + fn))
        assert float(row["specificity"]) == pytest.approx(tn / (tn + fp))
        if row["split"] == "val":
            assert tp / (tp + fn) >= 0.9


def test_a_val_of_one_class_is_said_and_test_is_measured_all_the_same(
    workspace: Path, make_config, caplog: pytest.LogCaptureFixture
) -> None:
    write_network(workspace, "simple_cnn", CLASSES)
    table = workspace / "data/processed/val.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(f"{CLASSES[0]},0", f"{CLASSES[0]},1"), encoding="utf-8")
    with caplog.at_level(logging.WARNING, "chestbench"):
        run(make_config, **{"evaluate.gradcam_images": 0})
    record = read_json(workspace / "metrics/models/simple_cnn.json")
    assert record["temperature"] == 1
    assert [entry["threshold"] for entry in record["thresholds"].values()] == [None, None]
    assert len(record["chosen_notes"]) == 3
    assert all(note in caplog.text for note in record["chosen_notes"])
    assert record["val"]["absent_classes"] == [CLASSES[0]]
    assert record["test"]["balanced_accuracy"]["value"] is not None
    assert record["test"]["per_class"][CLASSES[0]]["at_threshold"]["confusion"] is None


def test_two_runs_write_the_same(written: Path, again: Path, make_config) -> None:
    run(make_config)
    first, second = (contents(root, "results/models", "metrics/models") for root in (written, again))
    assert second == first and len(first) == len(FILES) + 1


def test_no_gradcam_when_none_is_wanted(written_for_a_wish: Path) -> None:
    results = written_for_a_wish / "results/models/simple_cnn"
    assert {path.name for path in results.iterdir()} == FILES - {"gradcam.png"}


def test_a_network_of_other_data_is_refused_and_nothing_is_written(workspace: Path, make_config) -> None:
    write_network(workspace, "simple_cnn", CLASSES, data_sha256="e" * 64)
    with pytest.raises(ChestbenchError, match="trained on others"):
        run(make_config)
    assert not (workspace / "results").exists()
    assert not (workspace / "metrics/models").exists()


def test_a_diverged_network_is_refused(workspace: Path, make_config) -> None:
    import keras

    write_network(workspace, "simple_cnn", CLASSES)
    path = workspace / "models/simple_cnn/model.keras"
    model = keras.saving.load_model(path)
    kernel, bias = model.get_layer("probabilities").get_weights()
    model.get_layer("probabilities").set_weights([kernel * np.nan, bias])
    model.save(path)
    with pytest.raises(ChestbenchError, match="diverged"):
        run(make_config)
    assert not (workspace / "results").exists()


def test_each_split_is_predicted_once(workspace: Path, make_config, monkeypatch: pytest.MonkeyPatch) -> None:
    from chestbench.training import predict as module

    write_network(workspace, "simple_cnn", CLASSES)
    seen = []
    original = module.predict

    def counting(model, images, *given, **named):
        seen.append(len(images))
        return original(model, images, *given, **named)

    monkeypatch.setattr(module, "predict", counting)
    run(make_config)
    assert seen == [20, 20]


def test_a_class_that_test_lacks_is_said(workspace: Path, make_config) -> None:
    write_network(workspace, "simple_cnn", (*CLASSES, "rare"))
    info = read_json(workspace / "data/processed/info.json")
    write_json(workspace / "data/processed/info.json", {**info, "classes": [*CLASSES, "rare"]})
    run(make_config, **{"evaluate.gradcam_images": 0})
    record = read_json(workspace / "metrics/models/simple_cnn.json")
    assert record["test"]["absent_classes"] == ["rare"]
    assert record["test"]["per_class"]["rare"]["sensitivity"] == {"value": None, "low": None, "high": None}


def test_val_is_what_training_saw_and_the_run_is_trainings_own(workspace: Path, make_config) -> None:
    from chestbench.tracking.store import connect
    from chestbench.tracking.sync import sync
    from stages import train

    write_json(workspace / "data/weights/simple_cnn/weights.json", {"weights": "none", "file": None, "sha256": None})
    np.save(workspace / "data/train_indices.npy", np.arange(36))
    settings = {"train.epochs": 3, "preprocess.size": 32, "train.learning_rate": 0.01}
    train.work(make_config(settings), argparse.Namespace(model="simple_cnn"))
    run(make_config, **{"evaluate.gradcam_images": 0})
    training = read_json(workspace / "models/simple_cnn/training.json")
    record = read_json(workspace / "metrics/models/simple_cnn.json")
    with open(workspace / "models/simple_cnn/history.csv", encoding="utf-8", newline="") as stream:
        best = list(csv.DictReader(stream))[training["best_epoch"] - 1]
    assert record["val"]["balanced_accuracy"]["value"] == pytest.approx(float(best["val_balanced_accuracy"]), abs=1e-9)
    assert record["val"]["accuracy"]["value"] == pytest.approx(float(best["val_accuracy"]), abs=1e-9)
    client = connect().client
    runs = client.search_runs([client.get_experiment_by_name("sample").experiment_id])
    assert [found.data.tags["run_key"] for found in runs] == [training["run_key"]]
    assert "rebuilt_from_outputs" not in runs[0].data.tags
    metrics = runs[0].data.metrics
    assert metrics["test/balanced_accuracy"] == record["test"]["balanced_accuracy"]["value"]
    assert len(client.get_metric_history(runs[0].info.run_id, "val/loss")) == 3
    assert sync(workspace) == []


def test_another_clock_machine_and_revision_change_the_card_alone(written: Path, again: Path, make_config) -> None:
    before = contents(written, "results/models", "metrics/models")
    words = (written / "models/simple_cnn/MODEL_CARD.md").read_text(encoding="utf-8")
    card = again / "models/simple_cnn/MODEL_CARD.md"
    other = {"seconds": 77.5, "images_per_second": 1.5, "device": "another", "git_revision": "c" * 40}
    rows = [{**row, "seconds": 9.5} for row in history_rows()]
    write_training(card.parent, training_record("simple_cnn", CLASSES, **other), rows, step_rows())
    run(make_config)
    assert contents(again, "results/models", "metrics/models") == before and len(before) == len(FILES) + 1
    told = card.read_text(encoding="utf-8")
    assert words != told and "another" in told and "c" * 40 in told


def contents(root: Path, *folders: str) -> dict[Path, bytes]:
    files = [path for name in folders for path in (root / name).rglob("*") if path.is_file()]
    return {path.relative_to(root): path.read_bytes() for path in files}


def test_studies_are_measured_where_they_are_known(workspace: Path, make_config) -> None:
    write_processed(workspace, CLASSES, studies=True)
    write_network(workspace, "simple_cnn", CLASSES)
    summary = run(make_config, **{"evaluate.gradcam_images": 0})
    record = read_json(workspace / "metrics/models/simple_cnn.json")
    assert f"study mAP {record['test']['per_study']['study_map']['value']:.3f}" in summary
    with open(workspace / "results/models/simple_cnn/predictions.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for split in ("val", "test"):
        by_study: dict[str, list[dict]] = {}
        for row in rows:
            if row["split"] == split:
                by_study.setdefault(row["study"], []).append(row)
        truth = [group[0]["label"] for group in by_study.values()]
        areas = []
        for name in CLASSES:
            scores = [np.mean([float(row[f"p:{name}"]) for row in group]) for group in by_study.values()]
            areas.append(average_precision_score([label == name for label in truth], scores))
        found = record[split]["per_study"]
        assert found["studies"] == len(by_study) == 10
        assert found["study_map"]["value"] == pytest.approx(np.mean(areas), abs=1e-6)


def test_without_studies_there_is_no_such_block(written_for_a_wish: Path) -> None:
    assert "study" not in (written_for_a_wish / "summary.txt").read_text(encoding="utf-8")
    record = read_json(written_for_a_wish / "metrics/models/simple_cnn.json")
    assert "per_study" not in record["val"]
    assert "per_study" not in record["test"]


def test_pictures_of_the_data_go_to_the_run_and_absent_ones_are_said(
    workspace: Path, make_config, caplog: pytest.LogCaptureFixture
) -> None:
    from chestbench.tracking.store import connect

    write_network(workspace, "simple_cnn", CLASSES)
    folder = workspace / "results/catalog"
    folder.mkdir(parents=True)
    (folder / "modes.csv").write_text("label\n", encoding="utf-8")
    cv2.imwrite(str(folder / "contact_sheet.png"), np.zeros((20, 30), np.uint8))
    with caplog.at_level(logging.WARNING, "chestbench"):
        run(make_config, **{"evaluate.gradcam_images": 0})
    assert "results/audit and results/preprocess and results/upsample" in caplog.text
    client = connect().client
    (found,) = client.search_runs([client.get_experiment_by_name("sample").experiment_id])
    listed = [item.path for item in client.list_artifacts(found.info.run_id, "data/catalog")]
    assert listed == ["data/catalog/contact_sheet.png"]
    images = [Path(item.path).name for item in client.list_artifacts(found.info.run_id, "images")]
    for key in ("data_catalog_contact_sheet", "pr"):
        assert any(name.startswith(f"{key}+step+0") for name in images), images


@pytest.mark.parametrize(("positive", "how"), [(CLASSES[1], "stated"), (CLASSES[1], "inferred"), (None, "none")])
def test_sheets_and_thresholds_follow_the_class_that_is_looked_for(
    workspace: Path, make_config, monkeypatch: pytest.MonkeyPatch, positive: str | None, how: str
) -> None:
    from chestbench.tracking.store import connect

    write_network(workspace, "simple_cnn", CLASSES)
    catalog = read_json(workspace / "metrics/catalog.json")
    write_json(workspace / "metrics/catalog.json", {**catalog, "positive": {"class": positive, "how": how}})
    explained, sheets, explain = [], [], network.explain
    monkeypatch.setattr(network, "explain", lambda *given: explained.append(explain(*given)) or explained[-1])
    summary = run(make_config, **{"evaluate.wished_sensitivity": 0.9})
    record = read_json(workspace / "metrics/models/simple_cnn.json")
    # Drawn in another process there, once more here.
    drawn = network_pictures.heat_figure
    monkeypatch.setattr(network_pictures, "heat_figure", lambda rows, head: sheets.append(rows) or drawn(rows, head))
    network_pictures.draw_gradcam(workspace, record, *explained)
    sheet = workspace / "results/models/simple_cnn/gradcam.png"
    assert (workspace / "gradcam.png").read_bytes() == sheet.read_bytes()
    assert record["positive"] == {"class": positive, "how": how}
    rules = {name: chosen["rule"] for name, chosen in record["thresholds"].items()}
    wish = "sensitivity 0.9"
    assert rules == {CLASSES[0]: "youden" if positive else wish, CLASSES[1]: wish}
    kinds = [name.splitlines()[:2] for name, _ in sheets[0]]
    if positive:
        assert [kind for kind, _ in kinds] == ["true positives", "false positives", "false negatives", "true negatives"]
        assert {name for _, name in kinds} == {positive}
        assert f"test, positive: {positive} (" in summary and "sensitivity" in summary
    else:
        assert [kind for kind, _ in kinds] == ["correct", "wrong"] * 2
        assert "test, positive: none (figures are means" in summary and "sensitivity" not in summary
    client = connect().client
    (found,) = client.search_runs([client.get_experiment_by_name("sample").experiment_id])
    assert found.data.tags["positive"] == (positive or "none")
