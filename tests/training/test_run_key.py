"""The key of a training changes with what decides it, and with nothing else."""

import shutil

from chestbench.training.provenance import versions
from chestbench.training.run_key import checkpoint_folder, flatten, run_key
from tests.conftest import ROOT

BASE = {
    "model": "resnet50",
    "data_sha256": "a",
    "indices_sha256": "b",
    "weights_sha256": None,
    "parameters": {"train": {"epochs": 3}},
}


def test_key_changes_with_every_part():
    keys = {run_key(**BASE)}
    for change in (
        {"model": "resnet101"},
        {"data_sha256": "c"},
        {"indices_sha256": "c"},
        {"weights_sha256": "c"},
        {"parameters": {}},
    ):
        keys.add(run_key(**{**BASE, **change}))
    assert len(keys) == 6 and run_key(**BASE) in keys and all(len(key) == 64 for key in keys)


def test_key_changes_with_the_code_of_the_training_and_not_with_what_reports_it(tmp_path, monkeypatch):
    """A half-finished training goes on after a changed comment, and starts anew after a changed line."""
    package = tmp_path / "chestbench"
    shutil.copytree(ROOT / "src" / "chestbench", package)
    monkeypatch.setattr("chestbench.core.code.installed_package", lambda: {"chestbench": package})

    def edited(module: str, line: str) -> str:
        with open(package / module, "a", encoding="utf-8") as stream:
            stream.write(line)
        return run_key(**BASE)

    before = run_key(**BASE)
    assert edited("training/augment.py", "# a comment\n") == before
    assert edited("tracking/run.py", "X = 1\n") == before
    assert edited("measures/metrics.py", "X = 1\n") == before
    assert edited("training/augment.py", "X = 1\n") != before


def test_checkpoints_live_in_the_main_repository(tmp_path, monkeypatch):
    """A queued experiment runs in a folder that goes away; DVC_ROOT stays."""
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert checkpoint_folder("key") == tmp_path / ".dvc" / "tmp" / "training" / "key"
    monkeypatch.delenv("DVC_ROOT")
    monkeypatch.chdir(tmp_path)
    assert checkpoint_folder("key") == tmp_path / ".dvc" / "tmp" / "training" / "key"


def test_flatten_and_versions():
    assert flatten({"seed": 1, "train": {"epochs": 2, "a": {"b": None}}}) == {
        "seed": 1,
        "train.epochs": 2,
        "train.a.b": None,
    }
    assert set(versions("numpy")) == {"python", "keras", "numpy", "opencv-python-headless"}
