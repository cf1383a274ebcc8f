"""The registered model loads where chestbench is not, and gives what the pipeline computed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.files import read_json
from chestbench.imaging.resize import resize_grey
from chestbench.tracking.served import requirements, save_model
from chestbench.tracking.store import connect
from chestbench.tracking.sync import sync
from chestbench.training.records import read_training
from tests.evaluation.workspace import SIZE, write_network

MODEL_FILE = "models/simple_cnn/model.keras"
CLASSES = ("정상 1", "Viral Pneumonia", "it's")

SCRIPT = """
import importlib.util, json, pathlib, sys
# An editable install of this repository is a folder on sys.path: it is taken away.
sys.path[:] = [folder for folder in sys.path if not (pathlib.Path(folder) / "chestbench").is_dir()]
assert importlib.util.find_spec("chestbench") is None
import mlflow, numpy as np
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/chestbench-sample-simple_cnn/1")
image = np.load(sys.argv[2])
forms = [image, image[..., None], image[None, ..., None], [image, image[:20]], image.tolist()]
tables = [model.predict(form) for form in forms]
print(json.dumps([[list(table.columns), table.to_numpy().tolist()] for table in tables]))
"""


@pytest.fixture
def outputs(root: Path, write_outputs) -> Path:
    training = write_outputs("simple_cnn")
    write_network(root, "simple_cnn", CLASSES)
    assert read_training(root / "models/simple_cnn") == training
    return root


def test_it_predicts_raw_grey_images_without_chestbench_installed(outputs: Path, tmp_path: Path) -> None:
    from chestbench.training.predict import load, predict

    sync(outputs)
    image = np.random.default_rng(5).integers(0, 256, (97, 61), dtype=np.uint8)
    np.save(tmp_path / "image.npy", image)
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DVC_ROOT")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, connect().uri, str(tmp_path / "image.npy")],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    tables = json.loads(done.stdout.splitlines()[-1])
    model = load(outputs / "models/simple_cnn/model.keras")
    whole, cut = (predict(model, resize_grey(part, SIZE, "pad")[None]) for part in (image, image[:20]))
    for place, (columns, rows) in enumerate(tables):
        assert columns == list(CLASSES)
        expected = np.concatenate([whole, cut]) if place == 3 else whole
        np.testing.assert_allclose(rows, expected, atol=1e-6)


def test_the_registered_version_leads_back_to_run_and_model(outputs: Path) -> None:
    sync(outputs)
    client = connect().client
    (version,) = client.search_model_versions("name = 'chestbench-sample-simple_cnn'")
    run = client.get_run(version.run_id)
    assert run.info.run_name == "simple_cnn · sample · size=32"
    logged = client.get_logged_model(run.outputs.model_outputs[0].model_id)
    assert version.source == logged.artifact_location
    assert json.loads(logged.tags["mlflow.modelVersions"]) == [{"name": version.name, "version": version.version}]
    assert logged.status.name == "READY"
    assert version.tags["run_key"] == run.data.tags["run_key"]
    left = [path.name for path in (outputs / "models").iterdir()]
    assert left == ["simple_cnn"]


def test_code_that_travels_with_the_model_is_small(outputs: Path) -> None:
    """That it is all that is needed, the first test shows: it loads where chestbench is not."""
    save_model(outputs / "served", read_json(outputs / "models/simple_cnn/training.json"), outputs / MODEL_FILE)
    code = outputs / "served/code/chestbench"
    carried = {path.relative_to(code).parts[0] for path in code.rglob("*.py")}
    assert carried == {"__init__.py", "core", "imaging", "serving", "training"}


def test_the_description_says_how_images_are_prepared(outputs: Path) -> None:
    training = read_json(outputs / "models/simple_cnn/training.json")
    training["config"] |= {"preprocess.roi": "body", "dataset.modality": "X-ray"}
    save_model(outputs / "served", training, outputs / "models/simple_cnn/model.keras", positive="COVID")
    described = read_json(outputs / "served/data/served/model.json")
    assert (described["roi"], described["modality"], described["fit"]) == ("body", "X-ray", "pad")
    assert (described["positive"], described["tiny"]) == ("COVID", [])


def test_requirements_are_pinned() -> None:
    found = requirements("tensorflow")
    assert len(found) == 6
    assert all("==" in line for line in found)
