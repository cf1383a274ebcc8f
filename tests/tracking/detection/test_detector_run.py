"""What MLflow hears of a detector: its measures by name, its files, its seeds, and that a rebuilt run has the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

import pytest
from mlflow.models import Model

from chestbench.core.files import read_json, write_json
from chestbench.evaluation.detection.detector import SPLITS, load_splits
from chestbench.reports.model_card import CARD
from chestbench.tracking.data_folders import BOXES_FOLDERS, data_pictures
from chestbench.tracking.detection.evaluated import log_detection
from chestbench.tracking.detection.measures import (
    detector_metrics,
    detector_seed_metrics,
    detector_table,
    detector_tags,
)
from chestbench.tracking.store import connect
from chestbench.tracking.sync import sync
from tests.evaluation.detection.test_detector import FILES, NoPictures, evaluate
from tests.evaluation.detection.workspace import detector_training, guess, write_boxes, write_detector_training

NAME = "fcos_tiny"


@pytest.fixture
def outputs(root: Path) -> dict[str, Any]:
    """All outputs of a detector with two seeds, in a repository with an empty store; its record is returned."""
    return write(root)


def write(root: Path) -> dict[str, Any]:
    write_boxes(root)
    folder = root / "models" / NAME
    for seed, place in ((42, folder), (43, folder / "seeds/43")):
        write_detector_training(place, detector_training(seed=seed, seeds=[42, 43], run_key=f"key-of-{seed}"))
        (place / "model.keras").write_bytes(b"weights")
    (folder / CARD).write_text("# A card\n", encoding="utf-8")
    splits = load_splits(root / "data/processed", root / "data/boxes", detector_training())
    found = [{split: guess(splits[split].truth, seed) for split in SPLITS} for seed in (0, 1)]
    return dict(evaluate(root, found, NoPictures(), (42, 43), run_key="key-of-42"))


def test_names_say_split_and_measure_and_undefined_ones_are_left_out(tmp_path: Path) -> None:
    record: Any = write(tmp_path)
    found = detector_metrics(record)
    test = record["test"]
    assert found["test/map50"] == test["map50"]["value"] and found["test/map50_low"] == test["map50"]["low"]
    assert found["test/map50_over_baseline"] == record["difference"]["map50"]["value"]
    assert found["best_val/map50"] == record["val"]["map50"]["value"]
    assert found["test/sensitivity_at_threshold"] == test["at_threshold"]["sensitivity"]["value"]
    assert found["test/map50_fused"] == record["fused"]["test"]["map50"]["value"]
    assert detector_tags(record)["test/map50"].startswith(f"{test['map50']['value']:.3f} [")
    assert detector_seed_metrics(record, 43)["test/map50"] == record["seeds"]["test_map50"]["values"][1]
    rows = [dict(zip(detector_table(record)["columns"], row, strict=True)) for row in detector_table(record)["data"]]
    wanted = {"split": "test", "of": "detector", "finding": "결절", "measure": "ap50"}
    (row,) = [row for row in rows if wanted.items() <= row.items()]
    assert row["value"] == test["ap50"]["결절"]["value"]
    assert {row["of"] for row in rows} == {"detector", "baseline", "seeds fused", "detector minus baseline"}
    assert len({(row["split"], row["of"], row["finding"], row["measure"]) for row in rows}) == len(rows)
    nothing = {"value": None, "low": None, "high": None}
    undefined = {**record, "test": {**test, "map50": nothing}, "difference": {**record["difference"], "map50": nothing}}
    assert "test/map50" not in detector_metrics(undefined) and "test/map50_low" not in detector_metrics(undefined)
    assert detector_tags(undefined)["test/map50"] == "undefined"


def test_a_detector_is_logged_and_rebuilt_and_nothing_is_sent_twice(root: Path, outputs) -> None:
    (root / "results/boxes").mkdir(parents=True)
    results = root / "results/models" / NAME
    card, pictures = root / "models" / NAME / CARD, data_pictures(root, BOXES_FOLDERS)
    log_detection(root / "models" / NAME, outputs, results, card, "sample", pictures)
    seen = contents()
    assert [run["key"] for run in seen] == ["key-of-42", "key-of-43"]
    first, second = seen
    assert first["tags"]["task"] == "detect" and first["tags"]["class_1"] == "결절"
    assert {CARD, "measures/table.json"} <= first["files"]
    assert {f"results/{name}" for name in FILES} <= first["files"]
    assert first["metrics"]["val/map50"] == 0.8 and first["metrics"]["test/map50"] == outputs["test"]["map50"]["value"]
    assert second["metrics"]["test/map50"] == outputs["seeds"]["test_map50"]["values"][1]
    assert sync(root) in ([], ["the page of sample"])
    assert contents() == seen
    client = connect().client
    for run in client.search_runs(["1"]):
        client.delete_run(run.info.run_id)
    assert sync(root) == [NAME]
    assert [{**run, "tags": without_rebuilt(run["tags"])} for run in contents()] == [
        {**run, "tags": without_rebuilt(run["tags"])} for run in seen
    ]


def test_a_detector_is_a_registered_model_and_the_chosen_one_has_its_name(root: Path, outputs) -> None:
    sync(root)
    client = connect().client
    first, second = sorted(client.search_runs(["1"]), key=lambda run: run.data.tags["run_key"])
    (version,) = client.search_model_versions(f"name = 'chestbench-sample-{NAME}'")
    assert version.run_id == first.info.run_id and version.tags["run_key"] == "key-of-42"
    assert version.description == "# A card\n"
    chosen = client.get_model_version_by_alias("chestbench-sample-detector", "chosen")
    assert (chosen.source, chosen.run_id) == (version.source, version.run_id)
    # Further seeds are no models of their own, as of networks.
    assert not client.search_model_versions(f"run_id = '{second.info.run_id}'")
    logged = client.get_logged_model(first.outputs.model_outputs[0].model_id)
    folder = Path(url2pathname(urlparse(str(logged.artifact_location)).path))
    assert logged.model_type == "detector" and logged.status.name == "READY"
    assert (folder / "data/served/model.keras").read_bytes() == b"weights"
    described = read_json(folder / "data/served/model.json")
    assert described["threshold"] == outputs["working_point"]["threshold"]
    assert (described["task"], described["findings"]) == ("detect", ["opacity", "결절"])
    signature = Model.load(str(folder)).signature
    assert [column["name"] for column in signature.outputs.to_dict()] == ["boxes", "width", "height", "warnings"]
    assert [each.name for each in signature.params] == ["raw", "drawn"]
    # Nothing of training travels but what answers need.
    carried = {path.relative_to(folder / "code/chestbench").parts[0] for path in (folder / "code").rglob("*.py")}
    assert carried == {
        "__init__.py",
        "core",
        "figures",
        "imaging",
        "measures",
        "models",
        "serving",
        "training",
    }


def test_the_page_of_the_experiment_shows_detectors(root: Path, outputs) -> None:
    sync(root)
    experiment = connect().client.get_experiment_by_name("sample")
    note = experiment.tags["mlflow.note.content"]
    value = outputs["test"]["map50"]["value"]
    assert f"**{NAME} {value:.3f} [" in note and "is best on val of 1 detector in 1 run" in note
    assert "| run | val mAP@0.5 | test mAP@0.5 [interval] |" in note and "no network is evaluated" not in note
    view = experiment.tags["mlflow.sharedViewState.compare"]
    assert "test/map50" in view and "balanced_accuracy" not in view


def test_another_threshold_is_another_version(root: Path, outputs) -> None:
    sync(root)
    path = root / "metrics/detectors" / f"{NAME}.json"
    write_json(path, {**outputs, "working_point": {**outputs["working_point"], "threshold": 0.123}})
    sync(root)
    versions = connect().client.search_model_versions(f"name = 'chestbench-sample-{NAME}'")
    assert sorted(int(version.version) for version in versions) == [1, 2]


def test_measures_of_an_earlier_training_wait(root: Path, outputs) -> None:
    path = root / "metrics/detectors" / f"{NAME}.json"
    write_json(path, {**read_json(path), "run_key": "of an earlier one"})
    sync(root)
    assert all("test/map50" not in run["metrics"] for run in contents())


def without_rebuilt(tags: dict[str, str]) -> dict[str, str]:
    momentary: Callable[[str], bool] = lambda key: key.startswith(("rebuilt", "mlflow.user", "mlflow.source"))  # noqa: E731
    return {key: value for key, value in tags.items() if not momentary(key)}


def contents() -> list[dict[str, Any]]:
    """Return what a user sees of each run, in the order of their keys."""
    client = connect().client
    experiment = client.get_experiment_by_name("sample").experiment_id

    def files(run_id: str, path: str = "") -> set[str]:
        return {
            name
            for item in client.list_artifacts(run_id, path)
            for name in (files(run_id, item.path) if item.is_dir else {item.path})
        }

    return [
        {
            "key": run.data.tags["run_key"],
            "tags": dict(run.data.tags),
            "metrics": dict(run.data.metrics),
            "files": files(run.info.run_id),
        }
        for run in sorted(client.search_runs([experiment]), key=lambda run: run.data.tags["run_key"])
    ]
