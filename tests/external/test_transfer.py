"""A network on a set from elsewhere: what is measured, what the drop is, and what goes to MLflow."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_json
from chestbench.external.fall import difference, fall
from chestbench.measures.intervals import evaluate_split
from chestbench.measures.operating import choose, split_record
from chestbench.measures.other_records import ExternalRecord
from chestbench.measures.predictions import read_predictions
from stages import transfer
from tests.evaluation.test_record import unlike
from tests.evaluation.workspace import write_network
from tests.external.sets import STUDY_CLASSES, elsewhere, prepared, write_folder

COVID, NORMAL = STUDY_CLASSES


def own_predictions() -> tuple:
    """Random predictions of 40 images."""
    scores = np.random.default_rng(5).random((40, 2))
    return np.repeat([0, 1], 20), scores / scores.sum(axis=1, keepdims=True), range(40), STUDY_CLASSES


def own_record() -> dict:
    """Measures of a network on its own val and test, as metrics/models/MODEL.json has them."""
    chosen = choose(*own_predictions())
    split = split_record(*own_predictions(), chosen, 100, 0.95, 0)
    positive = {"class": COVID, "how": "inferred"}
    return {"classes": STUDY_CLASSES, "positive": positive, "val": split, "test": split, **chosen.as_record()}


@pytest.fixture
def ready(study: Path, make_config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A study with a network and a prepared set; returns the parameters."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    folder = write_folder(tmp_path / "elsewhere", elsewhere(classes=("covid", "healthy", "flu")))
    classes = {"covid": COVID, "healthy": NORMAL}
    entry = {"name": "other", "path": str(folder), "classes": classes, "group_pattern": r"(?P<group>p\d\d)-"}
    config = make_config({"preprocess.size": 32, "evaluate.bootstrap": 100, "evaluate.external": [entry]})
    prepared(study, config)
    training = write_network(study, "simple_cnn", STUDY_CLASSES)
    write_json(study / "metrics/models/simple_cnn.json", {"run_key": training["run_key"], **own_record()})
    return config


def run(config) -> str:
    return transfer.work(config, argparse.Namespace(model="simple_cnn", set="other"))


def test_it_measures_what_the_network_says(study: Path, ready) -> None:
    from chestbench.training.predict import load

    summary = run(ready)
    record = read_json(study / "metrics/external/other/simple_cnn.json")
    results = study / "results/external/other/simple_cnn"
    predictions = read_predictions(results / "predictions.csv", STUDY_CLASSES)
    images = np.load(study / "data/external/other/test.npy")
    model = load(study / "models/simple_cnn/model.keras")
    np.testing.assert_allclose(predictions.probabilities, model.predict(images, verbose=0), atol=1e-6)
    said = predictions.probabilities.astype(np.float32)
    chosen, seed = choose(*own_predictions()), ready.seed
    expected = split_record(predictions.labels, said, predictions.groups, STUDY_CLASSES, chosen, 100, 0.95, seed)
    # As JSON has them.
    assert record["test"] == json.loads(json.dumps(expected))
    assert (record["set"], record["left_out"], record["split_unit"]) == ("other", {"flu": 6}, "patient")
    assert record["classes"] == {"covid": COVID, "healthy": NORMAL}
    assert record["compared"] == STUDY_CLASSES and record["test"]["groups"] == 6
    assert record["positive"] == {"class": COVID, "how": "inferred"}
    assert f"positive: {COVID} (inferred from the names; dataset.positive sets it): sensitivity" in summary
    assert record["temperature"] == chosen.temperature and record["thresholds"] == chosen.thresholds
    own = own_record()["test"]["balanced_accuracy"]
    assert record["own_test_balanced_accuracy"] == pytest.approx(own["value"])
    assert record["drop"] == pytest.approx(own["value"] - expected["balanced_accuracy"]["value"])
    assert record["drop_low"] < record["drop"] < record["drop_high"]
    assert unlike(record, ExternalRecord) == []
    assert "for research and education" in record["notice"]
    names = {path.name for path in results.iterdir()}
    assert names == {"predictions.csv", "roc.csv", "pr.csv", "confusion.csv", "confusion_matrix.png", "roc.png"}
    assert f"own test {own['value']:.3f}, drop {record['drop']:.3f} [" in summary
    everything = json.dumps(record) + (results / "predictions.csv").read_text(encoding="utf-8")
    assert str(study) not in everything and "p00" not in everything


def test_it_is_in_the_networks_own_run_and_syncing_adds_nothing(study: Path, ready, monkeypatch) -> None:
    from chestbench.tracking.store import connect
    from chestbench.tracking.sync import sync

    run(ready)
    record = read_json(study / "metrics/external/other/simple_cnn.json")
    client = connect().client
    (found,) = client.search_runs([client.get_experiment_by_name("sample").experiment_id])
    metrics = found.data.metrics
    assert metrics["external/other/balanced_accuracy"] == record["test"]["balanced_accuracy"]["value"]
    assert metrics["external/other/drop"] == record["drop"]
    listed = {item.path for item in client.list_artifacts(found.info.run_id, "external/other")}
    assert {"external/other/table.json", "external/other/predictions.csv"} <= listed
    assert json.loads(found.data.tags["mlflow.loggedArtifacts"]) == [
        {"path": "external/other/table.json", "type": "table"}
    ]
    run(ready)
    # The page is evaluate's.
    assert sync(study) == ["the page of sample"] and sync(study) == []
    (again,) = client.search_runs([found.info.experiment_id])
    assert len(client.get_metric_history(again.info.run_id, "external/other/drop")) == 1
    pictures = [item.path for item in client.list_artifacts(again.info.run_id, "images") if item.path.endswith(".png")]
    assert len(pictures) == 2
    # Outputs in a clone without this store.
    client.delete_run(again.info.run_id)
    (study / "results/models/simple_cnn").mkdir(parents=True)
    assert sync(study) == ["simple_cnn"] and sync(study) == []
    (rebuilt,) = client.search_runs([found.info.experiment_id])
    same = {key: value for key, value in rebuilt.data.metrics.items() if key.startswith("external/")}
    assert same == {key: value for key, value in metrics.items() if key.startswith("external/")}
    assert {item.path for item in client.list_artifacts(rebuilt.info.run_id, "external/other")} == listed


def test_a_set_of_one_class_is_told_as_such_and_has_no_empty_picture(study: Path, ready) -> None:
    prepared_set = study / "data/external/other"
    rows = (prepared_set / "test.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    keep = [place for place, row in enumerate(rows[1:]) if f",{COVID}," in row]
    (prepared_set / "test.csv").write_text("".join([rows[0], *(rows[1 + place] for place in keep)]), encoding="utf-8")
    np.save(prepared_set / "test.npy", np.load(prepared_set / "test.npy")[keep])
    summary = run(ready)
    assert f"balanced accuracy over {COVID} only" in summary and f"own test over {COVID} only" in summary
    names = {path.name for path in (study / "results/external/other/simple_cnn").iterdir()}
    assert "roc.png" not in names and "confusion_matrix.png" in names
    record = read_json(study / "metrics/external/other/simple_cnn.json")
    assert (record["test"]["absent_classes"], record["compared"]) == ([NORMAL], [COVID])
    assert record["drop"] is not None and record["drop_low"] is None


def test_a_set_prepared_for_other_networks_is_refused(study: Path, ready) -> None:
    info = read_json(study / "data/external/other/info.json")
    for changes in ({"size": 64}, {"classes": STUDY_CLASSES[::-1]}, {"roi": "lungs"}):
        write_json(study / "data/external/other/info.json", {**info, **changes})
        with pytest.raises(ChestbenchError, match=r"expected images prepared for models/simple_cnn"):
            run(ready)
    write_json(study / "data/external/other/info.json", info)
    write_json(study / "metrics/models/simple_cnn.json", {"run_key": "another", **own_record()})
    with pytest.raises(ChestbenchError, match="run `dvc repro`"):
        run(ready)
    assert not (study / "results/external").exists() and not (study / "metrics/external").exists()


def test_a_diverged_network_is_refused(study: Path, ready) -> None:
    import keras

    path = study / "models/simple_cnn/model.keras"
    model = keras.saving.load_model(path)
    kernel, bias = model.get_layer("probabilities").get_weights()
    model.get_layer("probabilities").set_weights([kernel * np.nan, bias])
    model.save(path)
    with pytest.raises(ChestbenchError, match=r"finite probabilities on other, received NaN"):
        run(ready)


def test_only_classes_that_both_have_are_compared() -> None:
    own = own_record()["test"]
    scores = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    there = evaluate_split([0, 0, 0], scores, [1, 2, 3], STUDY_CLASSES, 100)
    found = fall(own, there)
    assert found["compared"] == [COVID]
    assert found["own_test_balanced_accuracy"] == own["per_class"][COVID]["sensitivity"]["value"]
    assert found["drop"] == pytest.approx(found["own_test_balanced_accuracy"] - 2 / 3)
    assert found["drop_low"] is None and found["drop_high"] is None


def test_bounds_of_a_difference_are_those_of_the_published_method() -> None:
    """56/70 - 48/80 by Newcombe (1998, Statistics in Medicine 17:873, table II, method 10): MOVER of Wilson's."""
    first = {"value": 56 / 70, "low": 0.6918, "high": 0.8771}
    second = {"value": 48 / 80, "low": 0.4903, "high": 0.7003}
    low, high = difference(first, second)
    assert (low, high) == (pytest.approx(0.0524, abs=2e-3), pytest.approx(0.3339, abs=2e-3))
    assert difference({**first, "low": None}, second) == (None, None)
    assert difference({"value": None, "low": None, "high": None}, second) == (None, None)
