"""Two studies side by side of which one or both have detectors: all is shown, and different kinds are not compared."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json, write_json
from chestbench.reports.sides.page import write_sides
from chestbench.reports.sides.side import Side, read_side
from tests.conftest import ROOT
from tests.evaluation.detection.test_detector import NoPictures, evaluate
from tests.evaluation.detection.workspace import (
    detector_training,
    drawn_boxes,
    guess,
    write_boxes,
    write_detector_training,
)
from tests.reports.pages import check_whole
from tests.reports.studies import StudyMaker

NAME = "fcos_tiny"
SPLITS = ("val", "test")


def write_study(root: Path, networks: bool = False, detectors: bool = True, seed: int = 0, **changes: Any) -> Side:
    """Write a study and return what is read of it."""
    summary: dict[str, Any] = {}
    if networks:
        StudyMaker(root, ["Normal", "COVID"], (30, 30)).add_network("tiny", skill=2.0)
        summary["winner"] = "tiny"
    if detectors:
        write_boxes(root)
        found = [{split: guess(drawn_boxes(split), seed) for split in SPLITS}]
        write_detector_training(root / "models" / NAME, detector_training())
        evaluate(root, found, NoPictures(), run_key=f"key {seed}", **changes)
        summary["detector"] = NAME
        catalog = root / "metrics/catalog.json"
        write_json(catalog, {**read_json(catalog), "dataset": "sample"})
        write_json(root / "metrics/audit.json", {"warnings": []})
    values = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    values["model"]["variants"] = ["tiny"] if networks else []
    values["detector"] = {"variants": [NAME] if detectors else [], "boxes": []}
    (root / "params.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    write_json(root / "metrics/summary.json", summary)
    return read_side(root.name, "", root)


def test_two_studies_of_detectors_alone(tmp_path: Path) -> None:
    first, second = write_study(tmp_path / "one"), write_study(tmp_path / "two", seed=1)
    told = write_sides(tmp_path / "page.html", first, second)
    page = check_whole((tmp_path / "page.html").read_text(encoding="utf-8"))
    for side in (first, second):
        value = side.detectors[NAME]["test"]["map50"]["value"]
        assert any(f"{side.name} chose the detector {NAME}" in line and f"{value:.3f} [" in line for line in told)
        assert f"{value:.3f} [" in page.text
    assert any("judged on the same pictures and boxes; no paired difference" in line for line in told)
    assert "no paired difference is made of detectors" in page.text and "bal.acc" not in page.text
    assert "network" not in " ".join(told)


def test_the_same_training_and_other_boxes_are_told_apart(tmp_path: Path) -> None:
    first = write_study(tmp_path / "one")
    told = write_sides(tmp_path / "page.html", first, write_study(tmp_path / "again"))
    assert any("Both chose the same training of a detector" in line for line in told)
    write_study(tmp_path / "other", seed=2)
    path = tmp_path / f"other/metrics/detectors/{NAME}.json"
    write_json(path, {**read_json(path), "data_sha256": "e" * 64})
    other = read_side("other", "", tmp_path / "other")
    told = write_sides(tmp_path / "page.html", first, other)
    assert any("judged on other pictures or boxes" in line for line in told)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "other pictures or boxes" in check_whole(text).text and "e" * 64 in text


@pytest.mark.parametrize("turned", [False, True])
def test_networks_and_detectors_are_not_compared(tmp_path: Path, turned: bool) -> None:
    sides = [write_study(tmp_path / "nets", networks=True, detectors=False), write_study(tmp_path / "boxes")]
    told = write_sides(tmp_path / "page.html", *(reversed(sides) if turned else sides))
    assert "what is of different kinds is not compared" in told[0]
    assert "nets has networks for classes" in told[0] and "boxes has detectors" in told[0]
    page = check_whole((tmp_path / "page.html").read_text(encoding="utf-8"))
    # Each stands with its own figures, and no difference.
    assert page.text.count("only one study has it") == 2 and f"{NAME} chosen by boxes" in page.text
    assert "on the same images" in page.text and "second differs by" not in page.text


def test_both_kinds_in_both_studies(tmp_path: Path) -> None:
    sides = [write_study(tmp_path / name, networks=True, seed=place) for place, name in enumerate(("one", "two"))]
    told = write_sides(tmp_path / "page.html", *sides)
    assert any("one chose tiny on val" in line for line in told)
    assert any(f"two chose the detector {NAME}" in line for line in told)
    page = check_whole((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "test bal.acc" in page.text and "test mAP@0.5" in page.text


def test_a_summary_without_what_it_names_is_refused(tmp_path: Path) -> None:
    write_study(tmp_path / "one")
    (tmp_path / f"one/metrics/detectors/{NAME}.json").unlink()
    with pytest.raises(ChestbenchError, match=f"expected the measures of {NAME}.*found those of no detector"):
        read_side("one", "", tmp_path / "one")
    write_json(tmp_path / "one/metrics/summary.json", {})
    with pytest.raises(ChestbenchError, match="names a network or a detector, found neither"):
        read_side("one", "", tmp_path / "one")
