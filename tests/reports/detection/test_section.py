"""The detectors in the study's report: a part beside networks, the whole without them, nothing where there are none."""

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from chestbench.core.errors import ChestbenchError
from stages import report
from tests.conftest import ROOT
from tests.evaluation.detection.board_records import record, write_detector
from tests.reports.pages import Page, check_whole
from tests.reports.studies import StudyMaker

DETECTORS = {"detector.variants": ["fcos_small", "fcos_tiny"], "detector.boxes": ["drawn"]}
ALONE = {"task": "detect", "model.variants": [], **DETECTORS}
Show = Callable[..., tuple[Page, str]]


@pytest.fixture
def show(tmp_path: Path, make_config: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Show:
    """Return a function that runs the stage in the study at `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(report, "log_report", lambda *_: None)
    shutil.copytree(ROOT / "conf", tmp_path / "conf")
    shutil.copyfile(ROOT / "params.yaml", tmp_path / "params.yaml")

    def run(**overrides: Any) -> tuple[Page, str]:
        printed = report.work(make_config(overrides), argparse.Namespace(params=Path("params.yaml")))
        return check_whole(Path("results/report.html").read_text(encoding="utf-8")), printed

    return run


def add_detectors(root: Path, **changes: Any) -> None:
    for name, val in (("fcos_tiny", 0.5), ("fcos_small", 0.3)):
        write_detector(root, record(name, val, **{"data_sha256": "d" * 64, **changes}))
        for picture in ("froc.png", "boxes.png"):
            cv2.imwrite(str(root / "results/models" / name / picture), np.full((60, 80, 3), 90, np.uint8))


def test_detectors_alone_are_a_whole_report(tmp_path: Path, show: Show) -> None:
    StudyMaker(tmp_path, ["Normal", "COVID"], [40, 20], warnings=["a border tells the class"])
    add_detectors(tmp_path, findings=["opacity"], notes=["<b>nasty</b> & 'note'"])
    page, printed = show(**ALONE)
    assert "wrote results/report.html" in printed and "not shown" not in printed
    for expected in ("fcos_tiny is first on val", "mean box of train", "0.600 [0.550, 0.650]", "<b>nasty</b> & 'note'"):
        assert expected in page.text
    assert "WARNING (audit): a border tells the class" in page.text
    assert page.text.index("fcos_tiny") < page.text.index("fcos_small")
    text = Path("results/report.html").read_text(encoding="utf-8")
    assert text.count("data:image/jpeg;base64,") == 4 and "<b>nasty" not in text
    show(**ALONE)
    assert Path("results/report.html").read_text(encoding="utf-8") == text


def test_networks_keep_their_report_and_detectors_have_a_part(tmp_path: Path, show: Show) -> None:
    study = StudyMaker(tmp_path, ["Normal", "COVID"], [40, 20])
    study.add_network("resnet50", skill=2.0)
    networks = {"model.variants": ["resnet50"], "evaluate.bootstrap": 100}
    without, _ = show(**networks)
    assert "Boxes" not in without.text and "mAP" not in without.text
    add_detectors(tmp_path)
    both, _ = show(task="both", **networks, **DETECTORS)
    assert "fcos_tiny is first on val" in both.text and "balanced accuracy" in both.text


def test_a_detector_without_results_is_named_and_none_at_all_is_refused(tmp_path: Path, show: Show) -> None:
    StudyMaker(tmp_path, ["Normal", "COVID"], [40, 20])
    with pytest.raises(ChestbenchError, match=r"at least one detector with results.*fcos_small: it was not trained"):
        show(**ALONE)
    add_detectors(tmp_path)
    write_detector(tmp_path, record("fcos_small", 0.9, data_sha256="of other images"))
    page, printed = show(**ALONE)
    told = "fcos_small is not shown: its figures are of other images than those that are there"
    assert told in page.text and f"WARNING: {told}" in printed and "fcos_tiny is first on val" in page.text
