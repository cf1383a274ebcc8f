"""`chestbench predict --detector` with a real detector of Keras: answers, drawings, and what it does not take."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.__main__ import main
from chestbench.core.files import read_csv, read_json
from tests.imaging.dicoms import make_dicom
from tests.serving.detection.conftest import NAME, DetectorStudy


@pytest.fixture
def pictures(tmp_path: Path, detector_study: DetectorStudy) -> Path:
    """A folder with the study's picture, the same three times as large, a CT slice, and what is no picture."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a.png").write_bytes(detector_study.png())
    (folder / "b.png").write_bytes(detector_study.png(3))
    (folder / "c.dcm").write_bytes(make_dicom(np.zeros((64, 64), np.int16), modality="CT", rescale=(1, 0)))
    (folder / "d.png").write_bytes(b"no picture")
    return folder


@pytest.mark.parametrize(
    "wanted", [NAME, f"models:/chestbench-sample-{NAME}/1", "models:/chestbench-sample-detector@chosen"]
)
def test_boxes_of_a_folder_with_pictures_of_all_kinds(
    here: DetectorStudy, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], wanted: str
) -> None:
    out = tmp_path / "out"
    assert main(["predict", "--detector", wanted, str(pictures), "--out", str(out)]) == 0
    told = capsys.readouterr().out
    sure = here.found.take(here.found.scores >= here.threshold)
    assert 0 < len(sure) < len(here.found)
    of = {Path(each["picture"]).name: each for each in read_json(out / "boxes.json")["pictures"]}
    for name, times in (("a.png", 1), ("b.png", 3)):
        boxes = of[name]["boxes"]
        assert [box["score"] for box in boxes] == pytest.approx(sure.scores.tolist(), abs=1e-4)
        corners = [[box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]] for box in boxes]
        np.testing.assert_allclose(corners, sure.corners * times, atol=0.02 * times)
        assert (of[name]["width"], of[name]["problem"]) == (here.picture.shape[1] * times, None)
        drawn = cv2.imread(str(next(out.glob(f"*_{name}.png"))))
        assert drawn is not None and drawn.shape[1] == 640
        # Drawn in colour over a grey picture.
        assert (np.ptp(drawn[:600].astype(int), axis=2) > 60).sum() > 500
    # None is not "looked, and found nothing".
    assert of["c.dcm"]["boxes"] is None and "a CT slice, the network learnt from X-ray" in of["c.dcm"]["problem"]
    assert of["d.png"]["boxes"] is None and "no picture of a kind that is read" in of["d.png"]["problem"]
    assert not list(out.glob("*c.dcm*.png")) and not list(out.glob("*d.png*.png"))
    assert len(read_csv(out / "boxes.csv")) == 2 * len(sure)
    for words in (
        f"detector {NAME} of sample (X-ray, synthetic pictures; opacity, 결절)",
        f"a.png: {len(sure)} boxes",
        "c.dcm: no boxes: the file holds a CT slice",
        "no boxes are given for 2 of 4 pictures",
        f"Boxes from score {here.threshold:.3f} on are given, as chosen on val.",
        "A picture without a box is not a picture without a finding.",
        "synthetic pictures of no real patient",
        "For research and education, not for diagnosis.",
    ):
        assert words in told, words


def test_the_file_says_which_detector_answered(here: DetectorStudy, pictures: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    assert main(["predict", "--detector", NAME, str(pictures / "a.png"), "--out", str(out)]) == 0
    told = read_json(out / "boxes.json")
    assert (told["detector"], told["dataset"], told["threshold"]) == (NAME, "sample", here.threshold)
    assert f"SHA-256 {told['model_sha256'][:16]}" in capsys.readouterr().out
    file = str(tmp_path / "answers.csv")
    assert main(["predict", "--detector", NAME, str(pictures / "a.png"), "--out", file]) == 1
    assert "expected a folder with --detector" in capsys.readouterr().err and not Path(file).exists()


def test_nothing_answered_is_told_and_1(here: DetectorStudy, pictures: Path, capsys) -> None:
    assert main(["predict", "--detector", NAME, str(pictures / "c.dcm"), str(pictures / "d.png")]) == 1
    assert "no boxes are given for 2 of 2 pictures" in capsys.readouterr().out


def test_what_cannot_be_asked_is_one_line(here: DetectorStudy, tmp_path: Path, pictures: Path, capsys) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "text/readme.txt").write_text("text", encoding="utf-8")
    picture = str(pictures / "a.png")
    for arguments, words in (
        (["--detector", NAME, str(tmp_path / "empty")], "a folder without any visible file"),
        (["--detector", NAME, str(tmp_path / "text")], "expected pictures, received none (1 "),
        (["--detector", NAME, str(tmp_path / "nowhere")], "nowhere"),
        (["--detector", "fcos_resnet50", picture], f"expected a detector of models/ ({NAME}) or models:/NAME/VERSION"),
        (["--detector", "models:/none/1", picture], "--detector: expected a model that MLflow has"),
        (["--model", NAME, picture], f"predict --detector {NAME}"),
        (["--model", f"models:/chestbench-sample-{NAME}/1", picture], "received the detector fcos_tiny"),
        ([picture], f"received detectors alone ({NAME}); ask one with `chestbench predict --detector {NAME}"),
    ):
        assert main(["predict", *arguments]) == 1, arguments
        told = capsys.readouterr().err
        assert words in told and "Traceback" not in told and told.count("\n") == 1, told


def test_a_detector_of_another_size_than_described_is_refused(
    here: DetectorStudy, tmp_path: Path, pictures, capsys, monkeypatch
) -> None:
    import shutil

    from chestbench.core.files import write_json

    shutil.copytree(here.root / "models", tmp_path / "models")
    training = tmp_path / f"models/{NAME}/training.json"
    known = read_json(training)
    monkeypatch.chdir(tmp_path)
    for change, words in (
        ({"image_size": 64}, "takes grey pictures of 64 x 64"),
        ({"findings": ["one"]}, "scores of 1 findings"),
    ):
        training.chmod(0o644)
        write_json(training, {**known, **change})
        assert main(["predict", "--detector", NAME, str(pictures / "a.png")]) == 1
        assert words in capsys.readouterr().err
