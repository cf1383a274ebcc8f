"""evaluate_boxes on a real small detector: what it writes and says, and what it refuses."""

import argparse
import shutil
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_csv, read_json
from chestbench.serving.detection.found import find_detector
from stages import evaluate_boxes
from tests.evaluation.detection.workspace import detector_training, write_boxes, write_detector_training
from tests.evaluation.workspace import SIZE


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_store: Path) -> Path:
    root = tmp_path / "a folder 한국"
    root.mkdir()
    monkeypatch.chdir(root)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    shutil.copyfile(empty_store, root / "mlflow.db")
    write_boxes(root)
    return root


def write_untrained(root: Path, **changes: object) -> None:
    import keras

    from chestbench.models.detection.fcos import build_detector, for_finding
    from chestbench.models.detection.registry import get

    keras.utils.set_random_seed(3)
    folder = root / "models/fcos_tiny"
    write_detector_training(folder, detector_training(**changes))
    model = for_finding(build_detector(get("fcos_tiny"), SIZE, n_findings=2))
    # Boxes of less than a pixel: by chance, other weights draw one that is right, on some processors.
    model.get_layer("sides").bias.assign(np.full(4, -8.0))
    model.save(folder / "model.keras")


def run(make_config, **overrides: object) -> str:
    settings = {"evaluate.bootstrap": 100, **overrides}
    return evaluate_boxes.work(make_config(settings), argparse.Namespace(detector="fcos_tiny"))


@pytest.mark.campaign
def test_a_detector_that_has_not_learnt_is_measured_and_said_to_find_nothing_right(
    workspace: Path, make_config
) -> None:
    write_untrained(workspace)
    said = run(make_config)
    assert "wrote results/models/fcos_tiny and metrics/detectors/fcos_tiny.json" in said
    assert "no threshold could be chosen: on val no found box is right" in said
    assert "split by patient" in said
    record = read_json(workspace / "metrics/detectors/fcos_tiny.json")
    assert record["test"]["map50"]["value"] == 0
    rows = read_csv(workspace / "results/models/fcos_tiny/found.csv")
    assert sum(row["split"] == "test" for row in rows) == record["test"]["found"]
    card = (workspace / "models/fcos_tiny/MODEL_CARD.md").read_text(encoding="utf-8")
    assert "**No threshold could be chosen" in card
    found = find_detector("fcos_tiny", workspace)
    assert found.reference is not None, "what its training pictures look like is kept"
    from chestbench.tracking.store import connect

    client = connect(workspace).client
    (ran,) = client.search_runs([client.get_experiment_by_name("sample").experiment_id])
    assert ran.data.metrics["test/map50"] == 0 and ran.data.tags["task"] == "detect"
    (served,) = workspace.glob("mlruns/**/served/reference.npz")
    assert served.read_bytes() == found.reference.read_bytes(), "and goes with the registered model"


def test_a_detector_of_other_boxes_is_refused_before_it_is_loaded(workspace: Path, make_config) -> None:
    write_detector_training(workspace / "models/fcos_tiny", detector_training(boxes_sha256="e" * 64))
    with pytest.raises(ChestbenchError, match="expected a detector trained on the pictures and boxes in data/boxes"):
        run(make_config)


def test_a_missing_seed_is_said(workspace: Path, make_config) -> None:
    write_detector_training(workspace / "models/fcos_tiny", detector_training())
    with pytest.raises(ChestbenchError, match="expected the trainings of the seeds 7"):
        run(make_config, **{"train.seeds": [42, 7]})
