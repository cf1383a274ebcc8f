"""Boxes on pictures from anywhere: in pixels of the stored picture, and a network is never taken for a detector.

What stands for the detector finds the bright part of a picture, so that the right place is known.
"""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from chestbench.cli.predict import main
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_csv, read_json, write_json
from chestbench.imaging.boxes import Boxes
from chestbench.imaging.grey import GreyScale
from chestbench.serving.description import Description
from chestbench.serving.detection.answers import answers, write_answers
from chestbench.serving.detection.found import find_detector
from chestbench.serving.found import chosen_network, find_network
from chestbench.serving.sources import opened

FINDINGS = ["opacity"]


def described(fit: str) -> Description:
    known = {"model": "d", "dataset": "s", "classes": FINDINGS, "positive": None, "modality": "X-ray"}
    return Description(**known, image_size=64, fit=fit, roi="none", scale=GreyScale(), backend="tensorflow")  # type: ignore[arg-type]


def bright_parts(images: NDArray[np.uint8]) -> list[Boxes]:
    found = []
    for image in images:
        rows, columns = np.nonzero(image[..., 0] > 150)
        corners = [[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]] if len(rows) else []
        found.append(Boxes.of(corners * 2, scores=[0.9, 0.3][: len(corners) * 2]))
    return found


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture of 256 x 128 pixels that is bright from (64, 32) to (128, 96)."""
    pixels = np.full((128, 256), 20, np.uint8)
    pixels[32:96, 64:128] = 240
    path = tmp_path / "pictures/a b.png"
    path.parent.mkdir()
    cv2.imwrite(str(path), pixels)
    return path


@pytest.mark.parametrize("fit", ["pad", "stretch"])
def test_boxes_are_in_pixels_of_the_stored_picture(picture: Path, fit: str) -> None:
    with opened([str(picture)]) as files:
        (answer,) = answers(files.sources, described(fit), bright_parts, threshold=0.5)
    assert answer.boxes is not None and answer.size == (256, 128)
    np.testing.assert_allclose(answer.boxes.corners, [[64, 32, 128, 96]], atol=2.5)


def test_files_say_the_same_and_unreadable_pictures_have_their_line(picture: Path, tmp_path: Path) -> None:
    (picture.parent / "broken.png").write_bytes(b"no picture")
    out = tmp_path / "out"
    out.mkdir()
    with opened([str(picture.parent)]) as files:
        given = list(answers(files.sources, described("pad"), bright_parts, threshold=None))
    assert write_answers(out, given, FINDINGS) == 2
    table, told = read_csv(out / "boxes.csv"), read_json(out / "boxes.json")
    assert [(row["finding"], float(row["score"])) for row in table] == [("opacity", 0.9), ("opacity", 0.3)]
    by_name = {Path(each["picture"]).name: each for each in told["pictures"]}
    assert by_name["broken.png"]["problem"] and by_name["broken.png"]["boxes"] is None
    own = by_name["a b.png"]
    assert (own["width"], own["height"], own["problem"]) == (256, 128, None)
    assert [float(row["x"]) for row in table] == [box["x"] for box in own["boxes"]]
    assert len(list(out.glob("*.png"))) == 1 and "not for diagnosis" in told["notice"]


def write_training(root: Path, name: str, **record: object) -> None:
    (root / "models" / name).mkdir(parents=True)
    (root / "models" / name / "model.keras").write_bytes(b"")
    write_json(root / "models" / name / "training.json", {"run_key": "k", **record})


def write_detector(root: Path, name: str) -> None:
    config = {"preprocess.fit": "pad", "preprocess.roi": "none", "dataset.modality": "X-ray"}
    facts = {"findings": FINDINGS, "image_size": 64, "backend": "tensorflow", "dataset": "s", "synthetic": True}
    facts["model"] = name
    write_training(root, name, task="detect", config=config, **facts)


def test_the_threshold_is_that_of_val_and_of_this_training(tmp_path: Path) -> None:
    write_detector(tmp_path, "fcos_tiny")
    found = find_detector("fcos_tiny", tmp_path)
    assert found.described.threshold is None and "every box is given" in found.described.rule_words()
    record = tmp_path / "metrics/detectors/fcos_tiny.json"
    write_json(record, {"run_key": "k", "working_point": {"threshold": 0.4}})
    found = find_detector("fcos_tiny", tmp_path)
    assert (found.described.threshold, found.described.findings) == (0.4, FINDINGS)
    assert "0.400" in found.described.rule_words()
    write_json(record, {"run_key": "another", "working_point": {"threshold": 0.4}})
    with pytest.raises(ChestbenchError, match="those of another; run `dvc repro`"):
        find_detector("fcos_tiny", tmp_path)


def test_a_network_is_no_detector_and_a_detector_no_network(tmp_path: Path) -> None:
    write_training(tmp_path, "tiny", classes=["a", "b"])
    write_detector(tmp_path, "fcos_tiny")
    for name in ("tiny", "nothing", "../models/fcos_tiny"):
        with pytest.raises(
            ChestbenchError, match=r"expected a detector of models/ \(fcos_tiny\) or models:/NAME/VERSION, received"
        ):
            find_detector(name, tmp_path)
    with pytest.raises(ChestbenchError, match=r"received the detector fcos_tiny.*predict --detector fcos_tiny"):
        find_network("fcos_tiny", tmp_path)
    assert chosen_network(tmp_path) == "tiny"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--heat", "h"], "expected --out alone beside it, received --heat"),
        (["--raw", "--model", "tiny"], "received --model and --raw"),
        (["--out", "kept"], "with other files, which would be lost"),
        (["--out", "kept/mine.txt"], "expected a folder with --detector, received the file"),
    ],
)
def test_what_goes_wrong_is_told_before_anything_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, picture: Path, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ChestbenchError, match=message):
        main([str(picture), "--detector", "fcos_tiny", *arguments])
    assert (tmp_path / "kept/mine.txt").read_text(encoding="utf-8") == "mine"
