"""The key of a training changes with what decides it, and with nothing else."""

from pathlib import Path

from chestbench.training.run_key import checkpoint_folder, code_sha256, flatten, run_key, versions

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


def test_key_changes_with_the_code(tmp_path, monkeypatch):
    import chestbench.training.augment as module

    before = code_sha256()
    edited = tmp_path / "augment.py"
    edited.write_text(Path(module.__file__).read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    monkeypatch.setattr(module, "__file__", str(edited))
    assert code_sha256() != before


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
