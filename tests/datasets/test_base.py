"""Dispatch to the sources, and the archive's identity."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from chestbench.core.config import Dataset
from chestbench.core.errors import ChestbenchError
from chestbench.datasets import base

ROOT = Path(__file__).parents[2]


def described(**changes: object) -> Dataset:
    """Return a data set's description: a `folder` one that DVC watches, with `changes`."""
    values = {
        **yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))["dataset"],
        **{"name": "mine", "title": "Pictures made in a test", "source": "folder", "path": "nowhere"},
        **{"sample_patients": 12, "group_pattern": None, "modality": "unknown", "licence": "none", "citation": "none"},
    }
    return Dataset.model_validate({**values, "watch": changes.get("path") or "nowhere", **changes})


@pytest.fixture
def zipped(tmp_path):
    path = tmp_path / "mine.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a/1.png", b"one")
        archive.writestr("b/2.png", b"two")
    return path


def test_fetch_describes_the_archive_without_path_or_time(tmp_path, zipped):
    raw = tmp_path / "raw"
    raw.mkdir()
    source = base.fetch(described(path=str(zipped)), raw)
    assert source == {
        "name": "mine",
        "source": "folder",
        "handle": None,
        "version": None,
        "url": None,
        "bytes": zipped.stat().st_size,
        "sha256": hashlib.sha256(zipped.read_bytes()).hexdigest(),
    }
    assert (raw / "archive.zip").read_bytes() == zipped.read_bytes()


def test_fetch_refuses_a_wrong_checksum_and_keeps_the_users_file(tmp_path, zipped):
    raw = tmp_path / "raw"
    raw.mkdir()
    found = hashlib.sha256(zipped.read_bytes()).hexdigest()
    with pytest.raises(ChestbenchError, match=found) as error:
        base.fetch(described(path=str(zipped), sha256="a" * 64), raw)
    assert "a" * 64 in str(error.value)
    assert not (raw / "archive.zip").exists() and zipped.exists()
    assert base.fetch(described(path=str(zipped), sha256=found), raw)["sha256"] == found


def test_check_source_refuses_a_missing_path_and_leaves_the_rest_alone(tmp_path, zipped):
    with pytest.raises(ChestbenchError, match="nothing"):
        base.check_source(described(path=str(tmp_path / "missing")))
    base.check_source(described(path=str(zipped)))
    base.check_source(described(source="kaggle", handle="owner/name", version=1, path=None))
    base.check_source(described(source="sample", path=None))


def test_importing_the_stage_costs_neither_kaggle_nor_tensorflow():
    code = (
        "import sys, stages.download; from chestbench.datasets import base, folder, url; "
        "from chestbench.datasets import kaggle, kaggle_competition; "
        "heavy = {'kagglesdk', 'requests', 'tensorflow', 'keras', 'mlflow', 'pandas'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)


def test_check_source_refuses_content_that_dvc_would_not_see_change(tmp_path, zipped):
    elsewhere = described(path=str(zipped), watch="src/chestbench/datasets/folder.py")
    with pytest.raises(ChestbenchError, match=r"dataset\.watch") as error:
        base.check_source(elsewhere)
    assert f"-S 'dataset.watch={zipped}'" in str(error.value)
    base.check_source(described(path=str(zipped), watch="somewhere else", sha256="0" * 64))
