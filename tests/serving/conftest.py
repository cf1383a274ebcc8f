"""A study as `make repro` leaves it, only smaller: the sample, one small network, trained and evaluated, no audit."""

import argparse
import contextlib
import os
from pathlib import Path

import numpy as np
import pytest

from chestbench.core.files import write_json
from stages import catalog, download, evaluate, preprocess, split, train, upsample
from tests.made_once import made_once

NAME = "simple_cnn"
SETTINGS = {
    "dataset.sample_patients": 120,
    "dataset.allow_tiny": True,
    "preprocess.size": 32,
    "train.epochs": 3,
    "train.learning_rate": 0.003,
    "evaluate.bootstrap": 100,
    "evaluate.gradcam_images": 0,
}


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory, make_config) -> Path:
    """The folder of the study; nothing in it is changed, so that all workers of the suite share one."""
    return made_once(tmp_path_factory, "serving", lambda folder: _make(folder / "a study", make_config))


def _make(root: Path, make_config) -> Path:
    root.mkdir()
    config = make_config(SETTINGS)
    own = {name: os.environ.pop(name, None) for name in ("DVC_ROOT", "MLFLOW_TRACKING_URI")}
    try:
        with contextlib.chdir(root):
            for stage in (download, catalog, split, preprocess, upsample):
                stage.work(config, argparse.Namespace())
            note = {"weights": "none", "file": None, "sha256": None}
            write_json(root / "data/weights" / NAME / "weights.json", note)
            train.work(config, argparse.Namespace(model=NAME))
            evaluate.work(config, argparse.Namespace(model=NAME))
    finally:
        os.environ.update({name: value for name, value in own.items() if value is not None})
    return root


@pytest.fixture
def here(study: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The study as the current folder."""
    for name in ("DVC_ROOT", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(study)
    return study


@pytest.fixture(scope="session")
def test_picture(study: Path) -> np.ndarray:
    """A picture of the test split, uint8 (H, W)."""
    import cv2

    path = sorted((study / "data/split/test/COVID").iterdir())[0]
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    return picture
