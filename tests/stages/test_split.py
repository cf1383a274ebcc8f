from pathlib import Path

from chestbench.files import read_json
from chestbench.records import SplitRow, read_rows
from tests.stages.data_workspace import LABELS, run_stages, write_raw


def test_the_stage_writes_class_folders_by_patient(tmp_path: Path, monkeypatch, make_config) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    summary = run_stages(make_config(), "catalog", "split")[-1]
    assert "by patient" in summary and "train" in summary
    rows = list(read_rows(tmp_path / "data/split.csv", SplitRow))
    assert len(rows) == 48
    for name in ("train", "val", "test"):
        assert sorted(path.name for path in (tmp_path / "data/split" / name).iterdir()) == sorted(LABELS)
    metrics = read_json(tmp_path / "metrics/split.json")
    assert metrics["seed"] == 42 and sum(metrics["groups"].values()) == 24
    assert "patient-" not in (tmp_path / "data/split.csv").read_text(encoding="utf-8")
