"""A detector knows what its training pictures look like: another kind gets no boxes, a copy is told."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.core.files import read_json
from chestbench.evaluation.detection.detector import load_splits
from chestbench.evaluation.detection.reference import write_reference
from chestbench.serving.detection.answers import answers
from chestbench.serving.detection.described_api import notes
from chestbench.serving.detection.found import FoundDetector, find_detector, registered_detector
from chestbench.serving.sources import opened
from chestbench.tracking.detection.served import detector_parts
from chestbench.tracking.served import save_model
from tests.serving.detection.conftest import NAME, DetectorStudy

CATALOG = {"sizes": {"width": {"min": 900}, "height": {"min": 800}}, "grey": {"scales": {"8 bit": 9}}}


@pytest.fixture
def study(detector_study: DetectorStudy, tmp_path: Path) -> Path:
    """The study with what the stage evaluate_boxes keeps of its pictures."""
    for part in ("models", "results", "metrics", "data"):
        shutil.copytree(detector_study.root / part, tmp_path / part)
    training = read_json(tmp_path / "models" / NAME / "training.json")
    splits = load_splits(tmp_path / "data/processed", tmp_path / "data/boxes", training)
    write_reference(tmp_path / "results/models" / NAME, splits, CATALOG)
    return tmp_path


def asked(found: FoundDetector, folder: Path, pictures: dict[str, np.ndarray]) -> dict:
    for name, pixels in pictures.items():
        cv2.imwrite(str(folder / f"{name}.png"), pixels)
    detector = found.load()
    with opened([str(folder / f"{name}.png") for name in pictures]) as files:
        given = answers(files.sources, found.described.pictures, detector.boxes, None, detector.familiar)
        return {Path(answer.picture).stem: answer for answer in given}


def test_another_kind_gets_no_boxes_and_a_copy_is_told(study: Path) -> None:
    trained_on = np.load(study / "data/processed/train.npy")[0, ..., 0]
    side = trained_on.shape[0]
    stripes = np.tile((np.arange(side) // 2 % 2 * 255).astype(np.uint8), (side, 1))
    found = find_detector(NAME, study)
    told = asked(found, study, {"known": trained_on, "stripes": stripes})
    assert told["known"].boxes is not None and any("nearly a copy" in mark for mark in told["known"].marks)
    assert told["stripes"].boxes is None and "unlike the training pictures" in told["stripes"].problem
    assert not any("look like is not known" in note for note in notes(found.described, True))


def test_what_is_registered_carries_it(study: Path) -> None:
    results, metrics = study / "results/models" / NAME, study / "metrics/detectors" / f"{NAME}.json"
    training = read_json(study / "models" / NAME / "training.json")
    parts = detector_parts(training, study / "models" / NAME / "model.keras", read_json(metrics), results)
    save_model(study / "registered", parts)
    found, here = registered_detector(study / "registered"), find_detector(NAME, study)
    assert found.reference is not None and here.reference is not None
    assert found.reference.read_bytes() == here.reference.read_bytes()
    for each in (found, here):
        assert (each.described.pictures.smallest, each.described.pictures.scales) == ([900, 800], ["8 bit"])


def test_a_detector_that_was_not_evaluated_says_that_it_does_not_know(study: Path) -> None:
    (study / "results/models" / NAME / "reference.npz").unlink()
    found = find_detector(NAME, study)
    assert found.reference is None and found.load().familiar is None
    assert any("look like is not known" in note for note in notes(found.described, False))
