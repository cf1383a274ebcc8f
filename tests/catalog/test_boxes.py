import csv
from pathlib import Path

import pytest

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.box_table import read_boxes
from chestbench.catalog.boxes import COLUMNS, write_boxes
from chestbench.catalog.records import CatalogRow, read_rows
from chestbench.core.config import Boxes
from chestbench.core.errors import ChestbenchError
from tests.catalog.archives import dataset_of
from tests.imaging.pictures import make_zip, picture, png

LISTED = {
    "table": "boxes.csv",
    "id": "id",
    "id_pattern": r"(?P<id>\w+)_image",
    "member_pattern": r"/(?P<id>\w+)\.png",
    "column": "boxes",
}
PLAIN = {"table": "boxes.csv", "id": "id", "member_pattern": r"/(?P<id>\w+)\.png"}


@pytest.fixture
def write(tmp_path: Path, make_config):
    """Return a function (table, settings) -> (rows of boxes.csv with members for ids, notes). Pictures are 80 x 60."""

    def run(table: str, settings: dict) -> tuple[list[list[str]], dict[str, int]]:
        members = {
            f"{label}/{label}{n}.png": png(picture(9 * code + n)) for code, label in enumerate("ab") for n in range(3)
        }
        members["b/again.png"] = members["b/b0.png"]
        archive = make_zip(tmp_path / "archive.zip", {**members, "boxes.csv": table.encode()})
        build_catalog(archive, dataset_of(make_config), tmp_path / "catalog.csv")
        notes = write_boxes(read_boxes(archive, Boxes(**settings)), tmp_path / "catalog.csv", tmp_path / "boxes.csv")
        catalog = read_rows(tmp_path / "catalog.csv", CatalogRow)
        member_of = {row.image_id: row.member for row in catalog if row.status == "kept"}
        with open(tmp_path / "boxes.csv", newline="") as stream:
            header, *rows = csv.reader(stream)
        assert header == COLUMNS and rows == sorted(rows, key=lambda row: (row[0], row[2], *map(float, row[3:])))
        return sorted([member_of[row[0]], *row[1:]] for row in rows), notes

    return run


def test_lists_as_python_writes_them(write) -> None:
    table = (
        "id,boxes\n"
        "a0_image,\"[{'x': 10.5, 'y': 2, 'width': 7.1234567, 'height': 20.0},"
        " {'x': 1, 'y': 1, 'width': 1, 'height': 1}]\"\n"
        "a1_image,\nb0_image,[]\nb1_image,\"[{'height': 5, 'width': 4, 'y': 3, 'x': 2}]\"\n"
    )
    rows, notes = write(table, LISTED)
    assert rows == [
        ["a/a0.png", "a", "opacity", "1", "1", "1", "1"],
        ["a/a0.png", "a", "opacity", "10.5", "2", "7.123", "20"],
        ["b/b1.png", "b", "opacity", "2", "3", "4", "5"],
    ]
    assert notes == {"boxes": 3}


def test_a_box_a_row(write) -> None:
    rows, notes = write("id,x,y,width,height,Target\na0,,,,,0\na1,1.0,2.0,3.0,4.0,1\na1,5,6,7,8,1\n", PLAIN)
    assert rows == [
        ["a/a1.png", "a", "opacity", "1", "2", "3", "4"],
        ["a/a1.png", "a", "opacity", "5", "6", "7", "8"],
    ] and notes == {"boxes": 2}


READ = {**PLAIN, "layout": "xyxy", "label": "class", "reader": "rad"}


def test_what_several_readers_drew_around_one_finding_counts_once(write) -> None:
    """As VinBigData: two of three readers draw one effusion, one a second, and another finding lies there too."""
    table = (
        "id,class,rad,x_min,y_min,x_max,y_max\n"
        "a0,effusion,R8,10,10,30,30\na0,effusion,R9,12,10,32,30\na0,effusion,R9,50,40,60,50\n"
        "a0,mass,R10,11,10,31,30\na1,effusion,R8,1,1,9,9\na1,No finding,R9,,,,\nb0,No finding,R8,,,,\n"
    )
    rows, notes = write(table, READ)
    assert rows == [
        ["a/a0.png", "a", "effusion", "11", "10", "20", "20"],
        ["a/a0.png", "a", "effusion", "50", "40", "10", "10"],
        ["a/a0.png", "a", "mass", "11", "10", "20", "20"],
        ["a/a1.png", "a", "effusion", "1", "1", "8", "8"],
    ]
    assert notes == {"boxes": 4, "boxes_of_further_readers": 1}
    lines = table.splitlines()
    assert write("\n".join([lines[0], *reversed(lines[1:])]), READ) == (rows, notes), "order and names say nothing"
    alone, counted = write(table, {**READ, "findings": ["effusion"]})
    assert [row for row in rows if row[2] == "effusion"] == alone
    assert counted == {"boxes": 3, "boxes_of_further_readers": 1, "boxes_of_other_findings": 1}
    every, _ = write(table, {**READ, "reader": None})
    assert len(every) == 5


def test_what_is_no_box_is_counted_and_left_out(write, caplog) -> None:
    cells = [
        "nothing to parse",
        "[{'x': 1}]",
        "[{'x': 1, 'y': 1, 'width': 0, 'height': 1}]",
        "[{'x': 1, 'y': 1, 'width': 1, 'height': 1e999}]",
        f"[{{'x': 1, 'y': 1, 'width': 1, 'height': {10**400}}}]",
        "['x', 3]",
        "{'x': 1}",
        "__import__('os').getcwd()",
        "[" * 5000,
        "[{'x': 1, 'y': 1, 'width': 1, 'height': 1}, 7]",
    ]
    rows, notes = write("id,boxes\n" + "".join(f'a0_image,"{cell}"\n' for cell in cells), LISTED)
    assert rows == [["a/a0.png", "a", "opacity", "1", "1", "1", "1"]] and notes == {"boxes": 1, "boxes_malformed": 11}
    assert "boxes.csv: 11 boxes are no numbers" in caplog.text and "such as in line 2" in caplog.text


def test_boxes_are_cut_at_the_edge_and_those_outside_left_out(write, caplog) -> None:
    at_the_edge = ("0,0,80.6,60", "-0.5,10,20,50.5")
    beyond = ("70,10,20,20", "10,-5,20,20", "-9,-9,999,999")
    outside = ("500,500,9,9", "80,10,5,5", "10,-5,5,5", "79.9999,10,5,5")
    cells = [*at_the_edge, *beyond, *outside, "nan,1,1,1", "1,,1,1"]
    rows, notes = write("id,x,y,width,height\n" + "".join(f"a0,{row}\n" for row in cells), PLAIN)
    assert [",".join(row[3:]) for row in rows] == [
        *("0,0,80,60", "0,0,80,60", "0,10,19.5,50", "10,0,20,15", "70,10,10,20"),
    ]
    counts = {"boxes_cut_at_edge": 3, "boxes_outside_picture": 4, "boxes_malformed": 2, "boxes_whole_picture": 1}
    assert notes == {"boxes": 5} | counts
    assert "4 boxes lie outside their picture" in caplog.text
    assert "3 boxes reach beyond the edge" in caplog.text


def test_boxes_without_a_kept_picture_and_of_several_are_counted(write, caplog) -> None:
    table = "id,x,y,width,height\nagain,1,1,5,5\nb0,1,1,5,5\nnobody,1,1,5,5\n"
    rows, notes = write(table, PLAIN)
    assert len(rows) == 1 and notes == {
        "boxes": 1,
        "boxes_of_excluded_pictures": 1,
        "boxes_without_kept_picture": 1,
    }
    with pytest.raises(ChestbenchError, match=r"received none from boxes.csv: 1 box is of an id that several pictures"):
        write("id,x,y,width,height\na,1,1,5,5\n", {**PLAIN, "member_pattern": "^(?P<id>[ab])/"})
    assert "member_pattern should find an id of one picture" in caplog.text


@pytest.mark.parametrize(
    ("table", "settings", "message"),
    [
        (
            "id,x\n1,1\n",
            PLAIN,
            r"dataset.boxes: expected the columns 'id', 'x', 'y', 'width', 'height'.*no 'y', 'width'",
        ),
        ("name,boxes\na,b\n", LISTED, r"dataset.boxes: .*found no 'id'"),
        (
            "id,x,y,width,height\nzzz9,1,1,1,1\n",
            PLAIN,
            r"none in common: id_pattern finds 'aaa9', member_pattern finds 'aa?9?'",
        ),
        ("id,boxes\nkim,[]\n", LISTED, r"id_pattern finds \"nothing \(its texts like 'aaa'\)\""),
    ],
)
def test_tables_that_do_not_fit_are_refused(write, table: str, settings: dict, message: str) -> None:
    with pytest.raises(ChestbenchError, match=message):
        write(table, settings)


def test_no_boxes_are_a_header_only(tmp_path: Path) -> None:
    assert read_boxes(tmp_path / "none.zip", None) is None
    assert write_boxes(None, tmp_path / "none.csv", tmp_path / "boxes.csv") == {}
    assert (tmp_path / "boxes.csv").read_text() == "image_id,label,finding,x,y,width,height\n"
