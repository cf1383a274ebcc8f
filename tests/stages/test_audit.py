from pathlib import Path

import cv2

from tests.stages.data_workspace import all_bytes, run_stages, write_raw


def test_the_stage_draws_what_the_catalog_found_and_the_same_bytes_again(
    tmp_path: Path, monkeypatch, make_config
) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    summary = run_stages(make_config(), "catalog", "audit")[-1]
    assert "of 2 classes" in summary
    folder = tmp_path / "results/audit"
    assert sorted(path.name for path in folder.iterdir()) == [
        "class_counts.png",
        "examples.png",
        "grey_levels.png",
        "image_sizes.png",
    ]
    assert all(cv2.imread(str(path)).shape[0] > 200 for path in folder.iterdir())
    before = all_bytes(folder)
    run_stages(make_config(), "audit")
    assert all_bytes(folder) == before
