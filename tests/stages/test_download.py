"""The download stage as a program: what it writes, says and leaves behind."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from chestbench.core.files import sha256_file
from tests.datasets.kaggle_server import KaggleServer, client_environment

ROOT = Path(__file__).parents[2]


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "my pictures.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        for number in range(6):
            zipped.writestr(f"{'ab'[number % 2]}/{number}.png", bytes([number]) * 1000)
    return path


def download(work: Path, environment: dict[str, str] | None = None, **dataset: object) -> subprocess.CompletedProcess:
    """Run the stage in `work` with the default parameters and these changes to the data set."""
    work.mkdir(exist_ok=True)
    parameters = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    parameters["dataset"].update(dataset)
    (work / "params.yaml").write_text(yaml.safe_dump(parameters, allow_unicode=True), encoding="utf-8")
    variables = {**os.environ, **(environment or {})}
    paths = [variables.get("PYTHONPATH", ""), str(ROOT)]
    variables["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
    variables.pop("DVC_ROOT", None)
    return subprocess.run(
        [sys.executable, "-m", "stages.download"], cwd=work, env=variables, capture_output=True, text=True, timeout=120
    )


def test_a_folder_data_set(tmp_path, archive):
    done = download(tmp_path / "work", source="folder", path=str(archive), title="Mine")
    assert done.returncode == 0, done.stderr
    raw = tmp_path / "work" / "data" / "raw"
    assert sorted(path.name for path in raw.iterdir()) == ["archive.zip", "source.json"]
    sha256 = sha256_file(archive)
    assert sha256_file(raw / "archive.zip") == sha256
    assert json.loads((raw / "source.json").read_text())["sha256"] == sha256
    assert f"wrote data/raw/archive.zip: 6 files, 0.0 MB, sha256 {sha256[:16]}" in done.stdout
    assert str(tmp_path) not in (raw / "source.json").read_text()


def test_a_failure_leaves_nothing_and_keeps_what_was_there(tmp_path, archive):
    work = tmp_path / "work"
    assert download(work, source="folder", path=str(archive)).returncode == 0
    before = {path.name: path.read_bytes() for path in (work / "data" / "raw").iterdir()}
    failed = download(work, source="folder", path=str(archive), sha256="0" * 64)
    assert failed.returncode == 1
    assert "0" * 64 in failed.stderr and sha256_file(archive) in failed.stderr and "Traceback" not in failed.stderr
    assert {path.name: path.read_bytes() for path in (work / "data" / "raw").iterdir()} == before
    assert [path.name for path in (work / "data").iterdir()] == ["raw"]


def test_a_kaggle_data_set_in_a_process_of_its_own(tmp_path, archive):
    changes = {"source": "kaggle", "handle": "owner/pictures", "version": 2}
    with KaggleServer(archive, "owner/pictures", version=2) as server:
        environment = {**client_environment(tmp_path / "site", server.address), "HOME": str(tmp_path)}
        done = download(tmp_path / "work", environment, **changes)
        refused = download(tmp_path / "work2", {**environment, "KAGGLE_API_TOKEN": "wrong"}, **changes)
    assert done.returncode == 0, done.stderr
    source = json.loads((tmp_path / "work" / "data" / "raw" / "source.json").read_text())
    assert source["handle"] == "owner/pictures" and source["version"] == 2
    assert source["sha256"] == sha256_file(archive)
    assert refused.returncode == 1 and "Traceback" not in refused.stderr
    assert "valid credentials" in refused.stderr and not list((tmp_path / "work2" / "data").iterdir())


def test_the_stage_explains_itself():
    shown = subprocess.run(
        [sys.executable, "-m", "stages.download", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert shown.returncode == 0 and "data/raw/source.json" in shown.stdout
