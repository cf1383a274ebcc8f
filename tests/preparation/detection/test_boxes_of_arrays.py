"""The stage boxes: what a table draws on stored pictures lies on the same place of the arrays, whatever is cut."""

import argparse
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from chestbench.core.compose import compose_params
from chestbench.core.config import Config, parse_config
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_csv, read_json, write_json
from chestbench.imaging.box_frames import to_stored
from chestbench.preparation.arrays import load_split
from chestbench.preparation.detection.frames import load_frames
from chestbench.preparation.detection.load import load_boxes, load_boxes_info
from stages import boxes
from tests.conftest import ROOT
from tests.imaging.pictures import make_zip
from tests.preparation.detection.boxed import MARK, plain_members, rsna_members, siim_members
from tests.stages.data_workspace import run_stages

SPLITS = ("train", "val", "test")
TABLE = {"table": "boxes.csv", "id": "id", "member_pattern": r"(?P<id>p\d+)\.\w+$"}
DATA = {
    "dataset.group_pattern": r"(?P<group>patient-\d+)",
    "dataset.boxes": TABLE,
    "dataset.positive": "opacity",
    "dataset.allow_tiny": True,
    "split": {"train": 0.5, "val": 0.25, "test": 0.25},
    "preprocess.size": 96,
}


def write_raw(folder: Path, members: dict[str, bytes]) -> None:
    make_zip(folder / "data/raw/archive.zip", members)
    write_json(folder / "data/raw/source.json", {"name": "drawn", "source": "folder"})


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function (members, config) -> summary of the stage boxes, run behind the stages it needs."""
    monkeypatch.chdir(tmp_path)

    def stages(members: dict[str, bytes], config: Config) -> str:
        write_raw(tmp_path, members)
        run_stages(config, "catalog", "split", "preprocess")
        return boxes.work(config, argparse.Namespace())

    return stages


def seen(image: np.ndarray) -> list[float]:
    """Return the corners of what is bright in an image of an array."""
    bright = (image.reshape(image.shape[:2]) > (150 + MARK) // 2).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(bright)
    return [x, y, x + width, y + height]


def check_places(within: float = 1.6) -> int:
    """Hold every box of data/boxes to what is bright there; return how many there are."""
    count = 0
    for split in SPLITS:
        images, found = load_split(Path("data/processed"), split).images, load_boxes(Path("data/boxes"), split)
        assert len(images) == len(found) == load_boxes_info(Path("data/boxes"))["images"][split]
        for image, own in zip(images, found, strict=True):
            if len(own):
                assert own.corners.tolist() == [pytest.approx(seen(image), abs=within)]
            else:
                assert seen(image) == [0, 0, 0, 0]
            count += len(own)
    return count


@pytest.mark.parametrize(
    ("fit", "roi"), [("pad", "none"), ("stretch", "none"), ("pad", "body_crop"), ("stretch", "body")]
)
def test_boxes_lie_where_they_are_seen(run, make_config, fit: str, roi: str) -> None:
    run(plain_members(), make_config({**DATA, "preprocess.fit": fit, "preprocess.roi": roi, "dataset.modality": "CT"}))
    fallbacks = read_json(Path("metrics/preprocess.json"))["fallbacks"]
    assert not any(fallbacks.values()) and check_places() == 12
    info = load_boxes_info(Path("data/boxes"))
    assert info["findings"] == ["opacity"] and info["size"] == 96 and info["left_out"] == {}
    assert sum(info["with_boxes"].values()) == sum(info["boxes"][split]["opacity"] for split in SPLITS) == 12
    assert read_json(Path("metrics/boxes.json")) == info and Path("results/boxes/preview.png").is_file()
    if roi == "body_crop":
        cut = [frame for frame in load_frames(Path("data/boxes"), "train") if frame.left > 0 and frame.top > 0]
        assert cut, "a body in the middle is cut out"


def test_pictures_that_are_turned_by_their_file(run, make_config) -> None:
    run(plain_members("jpeg"), make_config(DATA))
    assert read_json(Path("metrics/catalog.json"))["notes"]["boxes_of_turned_pictures"] == 6
    assert check_places(2.1) == 12


def test_back_to_the_stored_picture(run, make_config) -> None:
    run(plain_members(), make_config({**DATA, "preprocess.roi": "body_crop", "dataset.modality": "CT"}))
    drawn = {row["image_id"]: row for row in read_csv(Path("data/boxes.csv"))}
    checked = 0
    for split in SPLITS:
        frames, found = load_frames(Path("data/boxes"), split), load_boxes(Path("data/boxes"), split)
        names = load_split(Path("data/processed"), split).image_ids
        for name, frame, own in zip(names, frames, found, strict=True):
            for x0, y0, x1, y1 in to_stored(frame, own).corners.tolist():
                row = {key: float(drawn[name][key]) for key in ("x", "y", "width", "height")}
                assert [x0, y0, x1 - x0, y1 - y0] == pytest.approx(list(row.values()), abs=1e-3)
                checked += 1
    assert checked == 12


def test_boxes_outside_of_the_region_are_left_out_and_counted(run, make_config) -> None:
    members = plain_members()
    rows = members["boxes.csv"].decode().splitlines()
    rows += [f"p{number:02d},0,0,6,6" for number in (0, 2)]  # in the black, which body_crop cuts off
    members["boxes.csv"] = "\n".join([*rows, ""]).encode()
    said = run(members, make_config({**DATA, "preprocess.roi": "body_crop", "dataset.modality": "CT"}))
    assert load_boxes_info(Path("data/boxes"))["left_out"] == {"outside_region": 2} and check_places() == 12
    assert "left out: outside region 2" in said


def test_the_same_bytes_again(run, make_config) -> None:
    kept = []
    for _ in range(2):
        run(plain_members(), make_config(DATA))
        kept.append({path.name: path.read_bytes() for path in sorted(Path("data/boxes").iterdir())})
    assert kept[0] == kept[1] and set(kept[0]) == {"train.csv", "val.csv", "test.csv", "frames.csv", "info.json"}


def test_a_set_without_boxes_is_refused(run, make_config) -> None:
    with pytest.raises(ChestbenchError, match=r"dataset.boxes: expected a data set with boxes .*name their table with"):
        run(plain_members(), make_config({**DATA, "dataset.boxes": None}))


def test_a_finding_that_a_split_lacks_is_said(run, make_config, caplog) -> None:
    members = plain_members()
    rows = members["boxes.csv"].decode().splitlines()
    rows = [
        "id,x,y,width,height,class_name",
        *(f"{row},{'mass' if place == 0 else 'nodule'}" for place, row in enumerate(rows[1:])),
    ]
    members["boxes.csv"] = "\n".join([*rows, ""]).encode()
    run(members, make_config({**DATA, "dataset.boxes": {**TABLE, "label": "class_name"}}))
    assert load_boxes_info(Path("data/boxes"))["findings"] == ["mass", "nodule"] and check_places() == 12
    assert caplog.text.count("has no box of mass: no measure of it is defined there") == 2


def public(folder: Path, name: str) -> Config:
    """Return the parameters of conf/dataset/NAME.yaml, with pictures of 96 pixels and what little there is allowed."""
    compose_params(ROOT / "conf", folder / "params.yaml", [f"dataset={name}"])
    values = yaml.safe_load((folder / "params.yaml").read_text(encoding="utf-8"))
    values["dataset"]["allow_tiny"] = True
    values["preprocess"]["size"] = 96
    values["split"] = DATA["split"]
    return parse_config(values)


def test_rsnas_layout_as_its_file_reads_it(run, tmp_path: Path) -> None:
    said = run(rsna_members(), public(tmp_path, "rsna_pneumonia"))
    assert "findings: opacity" in said and check_places() == 12


def test_siims_layout_as_its_file_reads_it(run, tmp_path: Path) -> None:
    run(siim_members(), public(tmp_path, "siim"))
    assert check_places() == 30
