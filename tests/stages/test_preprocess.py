from pathlib import Path

import numpy as np

from chestbench.files import read_json
from tests.stages.data_workspace import run_stages, write_raw


def test_the_stage_writes_memory_mappable_arrays(tmp_path: Path, monkeypatch, make_config) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    config = make_config({"preprocess.size": 48})
    summary = run_stages(config, "catalog", "split", "preprocess")[-1]
    assert "48 images as 48 x 48 grey" in summary
    arrays = [np.load(tmp_path / f"data/processed/{name}.npy", mmap_mode="r") for name in ("train", "val", "test")]
    assert sum(len(array) for array in arrays) == 48 and {array.shape[1:] for array in arrays} == {(48, 48, 1)}
    info = read_json(tmp_path / "data/processed/info.json")
    assert info["split_unit"] == "patient"
    assert read_json(tmp_path / "metrics/preprocess.json")["data_sha256"] == info["data_sha256"]


def test_generated_pictures_are_called_so(tmp_path: Path, monkeypatch, make_config) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    titles = []
    monkeypatch.setattr(
        "chestbench.preprocessing.draw_sheet", lambda rows, title: titles.append(title) or np.zeros((9, 9), np.uint8)
    )
    monkeypatch.setattr(
        "chestbench.audit.report.draw_sheet", lambda rows, title: titles.append(title) or np.zeros((9, 9), np.uint8)
    )
    run_stages(make_config(), "catalog", "split", "preprocess")
    assert len(titles) == 2 and all("SYNTHETIC" in title for title in titles)
    assert read_json(tmp_path / "data/processed/info.json")["synthetic"] is True
