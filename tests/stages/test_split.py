from pathlib import Path

import pytest

from chestbench.catalog.records import SplitRow, read_rows
from chestbench.core.files import read_json
from chestbench.preparation.folders import NO_MASKS
from tests.stages.data_workspace import LABELS, run_stages, siim_config, write_raw, write_siim_raw


def test_the_stage_writes_class_folders_by_patient(tmp_path: Path, monkeypatch, make_config) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    summary = run_stages(make_config(), "catalog", "split")[-1]
    assert "by patient" in summary and "train" in summary
    rows = list(read_rows(tmp_path / "data/split.csv", SplitRow))
    assert len(rows) == 48
    for name in ("train", "val", "test"):
        assert sorted(path.name for path in (tmp_path / "data/split" / name).iterdir()) == sorted(LABELS)
    assert [path.name for path in (tmp_path / "data/masks").iterdir()] == [NO_MASKS]
    metrics = read_json(tmp_path / "metrics/split.json")
    assert metrics["seed"] == 42 and sum(metrics["groups"].values()) == 24
    assert "patient-" not in (tmp_path / "data/split.csv").read_text(encoding="utf-8")


def test_dicom_with_tables_of_labels_and_boxes(tmp_path: Path, monkeypatch, make_config) -> None:
    monkeypatch.chdir(tmp_path)
    write_siim_raw(tmp_path)
    run_stages(siim_config(make_config), "catalog", "split")
    rows = list(read_rows(tmp_path / "data/split.csv", SplitRow))
    assert len(rows) == 32 and all(row.study.startswith("s0") and row.path.endswith(".png") for row in rows)
    boxes = (tmp_path / "data/boxes.csv").read_text(encoding="utf-8").splitlines()
    assert boxes[0] == "image_id,label,finding,x,y,width,height" and len(boxes) == 25
    assert {line.split(",")[0] for line in boxes[1:]} <= {row.image_id for row in rows}


def test_too_little_is_said_and_written_and_a_banner_where_it_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make_config, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    summary = run_stages(make_config(), "catalog", "split")[-1]
    metrics = read_json(tmp_path / "metrics/split.json")
    groups = metrics["groups_per_class"]
    assert sum(groups[part]["COVID"] for part in groups) == 6 and groups["val"]["COVID"] < 3
    assert any(reason.startswith("train has ") and "of COVID (10 are needed)" in reason for reason in metrics["tiny"])
    assert not metrics["allow_tiny"] and "too little to train on: train has" in caplog.text
    assert "dataset.allow_tiny=true" in caplog.text and "TOO LITTLE DATA" not in summary
    summary = run_stages(make_config({"dataset.allow_tiny": True}), "split")[-1]
    assert "TOO LITTLE DATA: train has" in summary
