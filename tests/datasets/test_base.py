"""Dispatch to the sources, and the archive's identity."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from chestbench.config import Dataset
from chestbench.datasets import base
from chestbench.errors import ChestbenchError


def described(**changes: object) -> Dataset:
    """Return a data set's description: a `folder` one, with `changes`."""
    values: dict[str, object] = {
        "name": "mine",
        "title": "Pictures made in a test",
        "source": "folder",
        "path": "nowhere",
        "handle": None,
        "version": None,
        "sha256": None,
        "watch": "nowhere",
        "sample_patients": 12,
        "exclude": [],
        "classes": None,
        "group_pattern": None,
        "given_split": "honour",
        "expected_counts": {},
        "modality": "unknown",
        "licence": "none",
        "citation": "none",
    }
    return Dataset.model_validate({**values, **changes})


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
    base.check_source(described(source="kaggle", handle="owner/name", version=1))
    base.check_source(described(source="sample", path=None))


def test_importing_the_stage_costs_neither_kaggle_nor_tensorflow():
    root = Path(__file__).parents[2]
    code = (
        "import sys, stages.download; from chestbench.datasets import base, folder, kaggle, archive; "
        "heavy = {'kagglesdk', 'requests', 'tensorflow', 'keras', 'mlflow', 'pandas'} & set(sys.modules); "
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=120)
