"""A study with one detector as it is when `make repro` has ended: a real Keras model, measured, registered in MLflow.

It is not trained: its scores start at a half instead of at a hundredth, so that it finds boxes everywhere. The
threshold is the middle of the scores that it gives one picture.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from chestbench.core.files import read_json, write_json
from chestbench.evaluation.detection.detector import SPLITS, load_splits
from chestbench.imaging.boxes import Boxes
from chestbench.tracking.sync import sync
from tests.conftest import ROOT, STORE_SETTINGS
from tests.evaluation.detection.test_detector import NoPictures, evaluate
from tests.evaluation.detection.workspace import detector_training, guess, write_boxes, write_detector_training
from tests.evaluation.workspace import SIZE

NAME = "fcos_tiny"


@dataclass(frozen=True)
class DetectorStudy:
    """Where the study lies, a picture, and all that the detector finds on it.

    Attributes:
        root: the repository; nothing in it is changed.
        picture: uint8 (SIZE, SIZE).
        found: all boxes on it, of both findings.
        threshold: a score between theirs.
    """

    root: Path
    picture: NDArray[np.uint8]
    found: Boxes
    threshold: float

    def png(self, times: int = 1) -> bytes:
        """Return the picture, each pixel so many times wide and high."""
        return cv2.imencode(".png", self.picture.repeat(times, 0).repeat(times, 1))[1].tobytes()


@pytest.fixture(scope="session")
def detector_study(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> DetectorStudy:
    """The study; nothing in it is changed."""
    from chestbench.models.detection.fcos import build_detector, for_finding
    from chestbench.models.detection.registry import get
    from chestbench.training.detection.predict import predict_boxes

    root = tmp_path_factory.mktemp("serving") / "boxes it's"
    write_boxes(root)
    shutil.copytree(ROOT / "conf", root / "conf")
    shutil.copyfile(empty_store, root / "mlflow.db")
    config = {**detector_training()["config"], "dataset.modality": "X-ray"}
    training = detector_training(config=config)
    folder = root / "models" / NAME
    write_detector_training(folder, training)
    model = for_finding(build_detector(get(NAME), SIZE, n_findings=2))
    layer = model.get_layer("finding_logits")
    layer.bias.assign(np.zeros(layer.bias.shape))
    model.save(folder / "model.keras")
    picture = np.load(root / "data/processed/test.npy")[2, ..., 0]
    (found,) = predict_boxes(model, picture[np.newaxis, ..., np.newaxis])
    threshold = float(np.median(found.scores))
    splits = load_splits(root / "data/processed", root / "data/boxes", training)
    evaluate(root, [{split: guess(splits[split].truth) for split in SPLITS}], NoPictures(), config=config)
    record = root / "metrics/detectors" / f"{NAME}.json"
    told = read_json(record)
    write_json(record, {**told, "working_point": {**told["working_point"], "threshold": threshold}})
    write_json(root / "metrics/summary.json", {"detector": NAME})
    with pytest.MonkeyPatch.context() as clean:
        for name in STORE_SETTINGS:
            clean.delenv(name, raising=False)
        assert sync(root) == [NAME]
    return DetectorStudy(root, picture, found, threshold)


@pytest.fixture
def here(detector_study: DetectorStudy, monkeypatch: pytest.MonkeyPatch) -> DetectorStudy:
    """The study as the current folder."""
    for name in STORE_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(detector_study.root)
    return detector_study
