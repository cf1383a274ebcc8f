"""The registered model loads where chestbench is not, and gives what the pipeline computed."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.files import read_json
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.resize import resize_grey
from chestbench.measures.calibration import with_temperature
from chestbench.tracking.served import Parts, requirements, save_model
from chestbench.tracking.store import connect
from chestbench.tracking.sync import sync
from chestbench.training.records import read_training
from tests.evaluation.workspace import SIZE, write_network
from tests.imaging.dicoms import make_dicom

MODEL_FILE = "models/simple_cnn/model.keras"
CLASSES = ("정상 1", "Viral Pneumonia", "it's")

SCRIPT = """
import importlib.util, json, pathlib, sys
# An editable install of this repository is a folder on sys.path: it is taken away.
sys.path[:] = [folder for folder in sys.path if not (pathlib.Path(folder) / "chestbench").is_dir()]
assert importlib.util.find_spec("chestbench") is None
import base64, cv2, io, mlflow, numpy as np, pandas as pd
mlflow.set_tracking_uri(sys.argv[1])
model = mlflow.pyfunc.load_model("models:/chestbench-sample-simple_cnn/1")
image = np.load(sys.argv[2])
forms = [image, image[..., None], image[None, ..., None], [image, image[:20]], image.tolist()]
tables = [model.get_raw_model().predict(form, {"raw": True}) for form in forms]
array = io.BytesIO()
np.save(array, image)
files = [cv2.imencode(".png", image)[1].tobytes(), array.getvalue(), pathlib.Path(sys.argv[3]).read_bytes()]
table = pd.DataFrame({"file": [base64.b64encode(file).decode() for file in files]})
tables.append(model.predict(table, params={"raw": True}))
tables.append(model.predict(table, params={"heat": True}))
example = model.predict(model.input_example)
assert len(example) == 1, example
assert model.metadata.signature.inputs.to_dict() == [{"type": "string", "name": "file", "required": True}]
print(json.dumps([[list(table.columns), table.to_numpy().tolist()] for table in tables]))
"""


@pytest.fixture
def outputs(root: Path, write_outputs) -> Path:
    training = write_outputs("simple_cnn")
    write_network(root, "simple_cnn", CLASSES)
    assert read_training(root / "models/simple_cnn") == training
    return root


def test_it_answers_on_files_and_arrays_without_chestbench_installed(outputs: Path, tmp_path: Path) -> None:
    from chestbench.training.predict import load, predict

    sync(outputs)
    image = np.random.default_rng(5).integers(0, 256, (97, 61), dtype=np.uint8)
    np.save(tmp_path / "image.npy", image)
    dicom = make_dicom(np.tile(np.arange(96, dtype=np.int16) * 20, (80, 1)), modality="CT", rescale=(1, -1024))
    (tmp_path / "slice.dcm").write_bytes(dicom)
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DVC_ROOT")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, connect().uri, str(tmp_path / "image.npy"), str(tmp_path / "slice.dcm")],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *arrays, files, heated = json.loads(done.stdout.splitlines()[-1])
    model = load(outputs / "models/simple_cnn/model.keras")
    seen = [resize_grey(part, SIZE, "pad") for part in (image, image[:20], decode_grey(dicom).pixels)]
    whole, cut, ct = (predict(model, one[None]) for one in seen)
    names = ["decision", "doubt", "warnings", *(f"p:{name}" for name in CLASSES)]
    for place, (columns, rows) in enumerate([*arrays, files]):
        assert columns == names
        expected = {3: [whole, cut], 5: [whole, whole, ct]}.get(place, [whole])
        np.testing.assert_allclose([row[3:] for row in rows], np.concatenate(expected), atol=1e-6)
    # Calibrated unless asked for otherwise, by the temperature that evaluate chose.
    record = read_json(outputs / "metrics/models/simple_cnn.json")
    calibrated = with_temperature(np.concatenate([whole, whole, ct]), record["temperature"])
    assert heated[0] == [*names, "heat"]
    np.testing.assert_allclose([row[3:-1] for row in heated[1]], calibrated, atol=1e-6)
    assert all(base64.b64decode(row[-1]).startswith(b"\x89PNG") for row in heated[1])


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
    save_model(outputs / "served", Parts.of(read_training(outputs / "models/simple_cnn"), outputs / MODEL_FILE))
    code = outputs / "served/code/chestbench"
    carried = {path.relative_to(code).parts[0] for path in code.rglob("*.py")}
    assert carried == {"__init__.py", "core", "figures", "imaging", "measures", "serving", "training"}


def test_the_description_says_how_images_are_prepared(outputs: Path) -> None:
    training = read_json(outputs / "models/simple_cnn/training.json")
    training["config"] |= {"preprocess.roi": "body", "dataset.modality": "X-ray"}
    record = {
        **read_json(outputs / "metrics/models/simple_cnn.json"),
        "positive": {"class": CLASSES[1], "how": "stated"},
    }
    parts = Parts.of(training, outputs / MODEL_FILE, record, outputs / "results/models/simple_cnn")
    save_model(outputs / "served", parts)
    described = read_json(outputs / "served/data/served/model.json")
    assert (described["roi"], described["modality"], described["fit"]) == ("body", "X-ray", "pad")
    assert (described["positive"], described["tiny"]) == (CLASSES[1], [])
    assert described["temperature"] == record["temperature"] and described["thresholds"] == record["thresholds"]
    assert described["threshold_bounds"].keys() == set(CLASSES)
    known = (outputs / "served/data/served/reference.npz").read_bytes()
    assert known == (outputs / "results/models/simple_cnn/reference.npz").read_bytes()
    assert Parts.of(training, outputs / MODEL_FILE).sha256() != parts.sha256()


def test_requirements_are_pinned() -> None:
    found = requirements("tensorflow")
    assert len(found) == 9
    assert all("==" in line for line in found)
