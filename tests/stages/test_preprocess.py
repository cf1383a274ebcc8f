from pathlib import Path

import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_json
from chestbench.preparation.tiny import refuse_tiny
from tests.imaging.pictures import make_zip, picture, png
from tests.stages.data_workspace import all_bytes, run_stages, write_raw


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
    metrics = read_json(tmp_path / "metrics/preprocess.json")
    assert metrics["data_sha256"] == info["data_sha256"] and metrics["roi"] == "none"
    names = sorted(path.name for path in (tmp_path / "results/preprocess").iterdir())
    assert names == [
        "contours.png",
        "fallbacks.csv",
        "stages.png",
    ]
    train = (tmp_path / "data/processed/train.csv").read_text(encoding="utf-8").splitlines()
    assert train[0] == "image_id,label,class_index,group,study"


def test_what_is_said_of_the_split_reaches_the_training(tmp_path: Path, monkeypatch, make_config) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    # The patients of half of the images are not told by their paths.
    config = make_config({"dataset.group_pattern": r"(?P<group>patient-(?:0|10|11)\d*)", "preprocess.size": 32})
    _, summary, _ = run_stages(config, "catalog", "split", "preprocess")
    catalog, info = (read_json(tmp_path / name) for name in ("metrics/catalog.json", "data/processed/info.json"))
    assert 0 < catalog["images_without_group"] < catalog["images_kept"]
    assert info["images_without_group"] == catalog["images_without_group"]
    assert info["images_in_all"] == catalog["images_kept"]
    assert f"({info['images_without_group']} of {info['images_in_all']} images have no" in summary


@pytest.mark.parametrize("roi", ["body", "lungs_crop"])
def test_a_region_is_chosen_by_the_parameters(tmp_path: Path, monkeypatch, make_config, roi: str) -> None:
    """The pictures of this archive are no chests, so that lungs are rarely found: all is counted."""
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    summary = run_stages(make_config({"preprocess.roi": roi}), "catalog", "split", "preprocess")[-1]
    metrics = read_json(tmp_path / "metrics/preprocess.json")
    assert metrics["roi"] == roi and f"roi {roi} (not found in {sum(metrics['fallbacks'].values())})" in summary
    assert set(metrics["fallbacks"]) == {"train", "val", "test"}


def test_generated_pictures_are_called_so(tmp_path: Path, monkeypatch, make_config) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    titles = []

    def draw(rows, title, *rest, **named) -> np.ndarray:
        titles.append(title)
        return np.zeros((9, 9), np.uint8)

    for module in ("preparation.preprocessing", "preparation.sheets", "catalog.report"):
        monkeypatch.setattr(f"chestbench.{module}.draw_sheet", draw)
    run_stages(make_config(), "catalog", "split", "preprocess")
    assert len(titles) == 4 and all("SYNTHETIC" in title for title in titles)
    assert read_json(tmp_path / "data/processed/info.json")["synthetic"] is True


@pytest.mark.parametrize("allowed", [False, True])
def test_too_little_reaches_the_training(tmp_path: Path, monkeypatch, make_config, allowed: bool) -> None:
    monkeypatch.chdir(tmp_path)
    write_raw(tmp_path)
    config = make_config({"preprocess.size": 32, "dataset.allow_tiny": allowed})
    summaries = run_stages(config, "catalog", "split", "preprocess", "upsample")
    split, info = (read_json(tmp_path / name) for name in ("metrics/split.json", "data/processed/info.json"))
    assert info["tiny"] == split["tiny"] != [] and info["allow_tiny"] is allowed
    assert [("TOO LITTLE DATA" in summary) for summary in summaries[1:]] == [allowed] * 3
    if allowed:
        refuse_tiny(info)
    else:
        with pytest.raises(ChestbenchError, match=r"train all the same with dataset\.allow_tiny=true"):
            refuse_tiny(info)


def test_a_set_that_has_enough_is_the_same_whatever_is_allowed(tmp_path: Path, monkeypatch, make_config) -> None:
    monkeypatch.chdir(tmp_path)
    members = {
        f"{label}/p{number:03d}/1.png": png(picture(100 * place + number, 40, 40))
        for place, label in enumerate(("COVID", "Normal"))
        for number in range(20)
    }
    make_zip(tmp_path / "data/raw/archive.zip", members)
    write_json(tmp_path / "data/raw/source.json", {"name": "enough", "source": "folder"})
    written = []
    for allowed in (False, True):
        values = {"dataset.allow_tiny": allowed, "dataset.group_pattern": r"(?P<group>p\d+)", "dataset.boxes": None}
        config = make_config({**values, "preprocess.size": 32, "split": {"train": 0.6, "val": 0.2, "test": 0.2}})
        run_stages(config, "catalog", "split", "preprocess")
        assert read_json(tmp_path / "metrics/split.json")["tiny"] == []
        written.append(all_bytes(tmp_path / "data/processed"))
    assert written[0] == written[1]
