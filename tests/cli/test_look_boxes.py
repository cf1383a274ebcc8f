"""`chestbench look` on sets with boxes: what it reads, what it refuses as a run does, and the lines it offers."""

import re
import shutil
from pathlib import Path

import pytest

from chestbench.cli.asked import asked_for
from chestbench.reports.look import Look, in_text
from chestbench.reports.looking import look_at
from tests.conftest import ROOT
from tests.imaging.pictures import picture, png

USED = 'dataset.boxes={table: boxes.csv, id: image, member_pattern: "(?P<id>[^/]+)$"}'


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "conf", tmp_path / "repository" / "conf")
    monkeypatch.chdir(tmp_path / "repository")


def drawn(folder: Path, header: str = "image,x,y,width,height", box: str = "4,5,20,10") -> str:
    for place in range(24):
        path = folder / "ab"[place % 2] / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(picture(place)))
    rows = [f"{place}.png,{box}" for place in range(20)]
    (folder / "boxes.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    return str(folder)


def look(path: str, *overrides: str) -> tuple[Look, str]:
    found = look_at(asked_for(path, list(overrides), Path("conf")))
    return found, " ".join(in_text(found).split())


def test_boxes_are_counted_as_a_run_reads_them(tmp_path: Path) -> None:
    found, text = look(drawn(tmp_path / "set"), USED, "task=detect")
    assert not found.refusal and "20 boxes on 20 pictures, from boxes.csv" in text
    assert "layout: xywh (corner and size), units: pixels" in text and "opacity 20" in text


def test_what_a_run_refuses_is_refused_with_the_lines_that_fit(tmp_path: Path) -> None:
    path = drawn(tmp_path / "set", box="0.1,0.2,0.3,0.2")
    found, _ = look(path, USED)
    assert found.refusal.startswith("dataset.boxes: expected boxes within their pictures")
    assert "units:share" in "".join(found.command)
    found, _ = look(path, USED.replace("id: image", "id: file"))
    assert "expected the columns" in found.refusal


def test_a_detector_without_boxes_is_refused_with_the_line_that_names_them(tmp_path: Path) -> None:
    found, _ = look(drawn(tmp_path / "set", "image,x1,y1,x2,y2", "4,5,20,30"), "task=detect")
    assert found.refusal.startswith("dataset.boxes: expected a table of boxes for fcos_tiny")
    command = "".join(found.command)
    assert "dvc exp run" not in command and "sides:[x1,y1,x2,y2]" in command and "layout:xyxy" in command


def test_an_unused_table_of_boxes_is_offered_in_each_reading(tmp_path: Path) -> None:
    told = [text for text in look(drawn(tmp_path / "a", box="30,30,9,9"))[0].warnings if "seems to hold boxes" in text]
    assert len(told) == 1 and told[0].count("-S 'dataset.boxes=") == 2 and "several readings" in told[0]
    told = look(drawn(tmp_path / "b", "image,xmin,ymin,xmax,ymax"), "dataset.name=b")[0].warnings
    assert sum(text.count("dataset.boxes=") for text in told) == 1


def test_the_offered_line_names_what_the_boxes_are_around(tmp_path: Path) -> None:
    told = look(drawn(tmp_path / "a", "image,x1,y1,x2,y2,finding", "4,5,20,30,nodule"))[0].warnings
    (line,) = [text for text in told if "seems to hold boxes" in text]
    assert "label:finding" in line
    # A number is no name, and a column of another kind is none.
    told = look(drawn(tmp_path / "b", "image,x1,y1,x2,y2,class", "4,5,20,30,1"), "dataset.name=b")[0].warnings
    assert not any("label:" in text for text in told if "seems to hold boxes" in text)


def test_what_is_doubtful_of_findings_and_classes_is_shown(tmp_path: Path) -> None:
    path = Path(drawn(tmp_path / "set", "image,x,y,width,height,finding", "4,5,20,10,nodule"))
    with open(path / "boxes.csv", "a", encoding="utf-8") as table:
        table.write("\n20.png,4,5,20,10,nodul\n22.png,4,5,-1,10,nodule\n")
    used = USED.replace("id: image", "id: image, label: finding")
    _, text = look(str(path), used, "task=detect")
    assert "misspelling of 'nodule' (21)" in text and "'a' 11 of 12, 'b' 10 of 12" in text
    assert "1 picture has boxes in the table of which none is left" in text


def test_the_name_that_is_given_stands_once(tmp_path: Path) -> None:
    command = " ".join(look(drawn(tmp_path / "set"), "dataset.name=one", "dataset.name=two")[0].command)
    assert re.findall(r"dataset\.name=(\w+)", command) == ["two"]


def test_weights_that_a_detector_has_not_are_refused_by_its_own_name(tmp_path: Path) -> None:
    refusal = look(drawn(tmp_path / "set"), USED, "task=detect", "train=features")[0].refusal
    assert "for the detector fcos_tiny" in refusal and "-S train=detect," in refusal
