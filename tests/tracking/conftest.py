"""A repository with the outputs of one or two networks; what they predict is made up."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

import cv2
import numpy as np
import pytest

from chestbench.core.config import Evaluate
from chestbench.core.files import read_json, sha256_file, write_json
from chestbench.evaluation.network import evaluate_network
from chestbench.reports.model_card import CARD
from chestbench.training.records import write_training
from tests.conftest import ROOT, STORE_SETTINGS
from tests.evaluation.workspace import SIZE, history_rows, step_rows, training_record, write_processed

CLASSES = ("정상 1", "Viral Pneumonia", "it's")


@pytest.fixture(autouse=True)
def no_foreign_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests say themselves which store they mean; MLflow's settings of one test do not reach the next."""
    for name in STORE_SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def fresh_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository with a difficult name; the working folder is another, as in a queued experiment."""
    root, elsewhere = tmp_path / "저장소 it's #1 50%", tmp_path / "temporary"
    root.mkdir()
    elsewhere.mkdir()
    shutil.copytree(ROOT / "conf", root / "conf")
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("DVC_ROOT", str(root))
    return root


@pytest.fixture
def root(fresh_root: Path, empty_store: Path) -> Path:
    """A repository whose store has its tables and nothing in them."""
    shutil.copyfile(empty_store, fresh_root / "mlflow.db")
    return fresh_root


@pytest.fixture(scope="session")
def network() -> Any:
    """A small network, which is drawn."""
    from chestbench.models import registry
    from chestbench.models.build import build

    return build(registry.get("simple_cnn"), SIZE, len(CLASSES))


@pytest.fixture(scope="session")
def evaluated(network: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return `evaluated(root, training)`: a folder with what evaluate writes of a training, which takes seconds.

    It is made once for each training, as it is the same from the same data: no test has other data before it.
    """
    made: dict[str, Path] = {}

    def make(root: Path, training: dict[str, Any]) -> Path:
        key, name = json.dumps(training, sort_keys=True), training["model"]
        if key in made:
            return made[key]
        folder = tmp_path_factory.mktemp("evaluated")

        def predict(model: Any, images: np.ndarray, batch_size: int) -> np.ndarray:
            scores = np.random.default_rng(len(name)).random((len(images), len(CLASSES)))
            return scores / scores.sum(axis=1, keepdims=True)

        settings = Evaluate(
            bootstrap=100, confidence=0.95, gradcam_images=0, batch_size=8, shifts=0, wished_sensitivity=None
        )
        history, processed = root / "models" / name / "history.csv", root / "data/processed"
        paths = (folder / "results", folder / "metrics.json")
        evaluate_network(network, predict, training, history, processed, settings, 1, *paths)
        made[key] = folder
        return folder

    return make


@pytest.fixture
def write_outputs(root: Path, evaluated: Callable[..., Path]) -> Callable[..., dict[str, Any]]:
    """Return `write(name, **changes)`: all outputs of one network, tried on a set from elsewhere too.

    It returns the record of its training.
    """

    def write(name: str = "resnet50", **changes: Any) -> dict[str, Any]:
        if not (root / "data").exists():
            write_processed(root, CLASSES)
            for stage in ("catalog", "audit", "preprocess", "upsample"):
                (root / "results" / stage).mkdir(parents=True)
                cv2.imwrite(str(root / "results" / stage / "sheet.png"), np.full((20, 30), 128, np.uint8))
        folder = root / "models" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.keras").write_bytes(b"weights of " + name.encode())
        training = training_record(name, CLASSES, **changes)
        write_training(folder, training, history_rows(), step_rows())
        found = evaluated(root, training)
        shutil.copytree(found / "results", root / "results/models" / name, dirs_exist_ok=True)
        (root / "metrics/models").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found / "metrics.json", root / f"metrics/models/{name}.json")
        (folder / CARD).write_text(f"# Card of {name}\n\nA line.\n", encoding="utf-8")
        write_external(root, training)
        return training

    return write


def write_external(root: Path, training: dict[str, Any], name: str = "other") -> None:
    """Write metrics and results of a network on a set from elsewhere, made from those on its own test."""
    own = read_json(root / f"metrics/models/{training['model']}.json")
    record = {
        "set": name,
        "model": training["model"],
        "run_key": training["run_key"],
        "our_classes": own["classes"],
        "test": own["test"],
        "own_test_balanced_accuracy": 0.75,
        "drop": 0.25,
        "drop_low": None,
        "drop_high": None,
    }
    results = root / "results/external" / name / training["model"]
    results.mkdir(parents=True, exist_ok=True)
    for file in ("predictions.csv", "roc.png"):
        shutil.copyfile(root / "results/models" / training["model"] / file, results / file)
    write_json(root / f"metrics/external/{name}/{training['model']}.json", record)


def contents(run: Any, client: Any) -> dict[str, Any]:
    """Return what a user sees of a run and its model, without times, ids and what depends on the moment.

    Artifacts and the model's files come as path -> SHA-256, pictures of the image grid as key -> all that it holds.
    """
    momentary = ("rebuilt_from_outputs", "mlflow.user", "mlflow.source", "mlflow.runName", "dvc_exp")
    curves = {
        name: sorted((entry.step, entry.value) for entry in client.get_metric_history(run.info.run_id, name))
        for name in run.data.metrics
        if not name.startswith("system/")  # what the machine did meanwhile: no rebuilt run has it
    }
    files = _hashes(run.info.artifact_uri)
    pictures: dict[str, list[str]] = {}
    for path, digest in files.items():
        if path.startswith("images/") and path.endswith(".png"):
            pictures.setdefault(path.removeprefix("images/").partition("+step")[0], []).append(digest)
    return {
        "name": run.info.run_name,
        "status": run.info.status,
        "params": run.data.params,
        "metrics": curves,
        "tags": {key: value for key, value in run.data.tags.items() if not key.startswith(momentary)},
        "note": run.data.tags["mlflow.note.content"],
        "artifacts": {path: digest for path, digest in files.items() if not path.startswith("images/")},
        "pictures": pictures,
        "models": [_model(client.get_logged_model(output.model_id)) for output in run.outputs.model_outputs],
        "versions": [
            (version.name, version.version, version.description, version.tags)
            for version in client.search_model_versions(f"run_id = '{run.info.run_id}'")
        ],
    }


def _model(model: Any) -> dict[str, Any]:
    # MLmodel and what stands beside it carry ids and times.
    files = {path: digest for path, digest in _hashes(model.artifact_location).items() if "/" in path or path == CARD}
    return {"status": model.status.name, "tags": dict(model.tags), "files": files}


def _hashes(address: str) -> dict[str, str]:
    folder = Path(url2pathname(urlparse(address).path)) if address.startswith("file:") else Path(address)
    return {path.relative_to(folder).as_posix(): sha256_file(path) for path in folder.rglob("*") if path.is_file()}
