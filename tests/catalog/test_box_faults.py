"""What goes wrong in tables of boxes that people write: said with its line, and refused where nothing would be left."""

import json
import logging
from pathlib import Path

import pytest

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.box_classes import boxes_of_classes
from chestbench.catalog.box_left_out import left_out_of_notes
from chestbench.catalog.box_table import read_boxes
from chestbench.catalog.boxes import write_boxes
from chestbench.core.config import Boxes
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_csv
from tests.catalog.archives import dataset_of
from tests.imaging.pictures import make_zip, picture, png

SETTINGS = {"table": "boxes.csv", "id": "image", "member_pattern": "(?P<id>[^/]+)$"}
HEAD = "image,x,y,width,height,finding\n"
NAMED = {**SETTINGS, "label": "finding"}


@pytest.fixture(scope="module")
def pictures() -> dict[str, bytes]:
    return {
        f"{label}/{label}{n}.png": png(picture(9 * code + n))
        for code, label in enumerate(("normal", "sick"))
        for n in (0, 1, 2)
    }


@pytest.fixture
def write(tmp_path: Path, make_config, pictures: dict[str, bytes]):
    """Return a function (table, settings) -> (rows of boxes.csv, notes). Pictures are 80 x 60."""

    def run(table: str, settings: dict) -> tuple[list[dict[str, str]], dict[str, int]]:
        archive = make_zip(tmp_path / "archive.zip", {**pictures, "boxes.csv": table.encode()})
        found = read_boxes(archive, Boxes(**settings))
        build_catalog(archive, dataset_of(make_config, boxes=settings), tmp_path / "catalog.csv")
        notes = write_boxes(found, tmp_path / "catalog.csv", tmp_path / "boxes.csv", "sick")
        return read_csv(tmp_path / "boxes.csv"), notes

    return run


def test_what_is_left_out_is_counted_with_a_line_and_what_is_doubtful_is_said(write, caplog) -> None:
    rows = [
        "sick0.png,10,10,20,20,mass",
        "sick0.png,10.0,10,20,20,mass",  # line 3: again
        "sick0.png,10,10,20,20,node",  # another finding at the same place stays
        "sick1.png,0.1,0.2,0.3,0.4,mass",  # line 5: shares
        "sick1.png,500,500,20,20,mass",  # line 6: outside
        "sick1.png,5,5,zero,20,mass",  # line 7: no number
        "nobody.png,5,5,9,9,mass",  # line 8: no picture
        "sick2.png,70,10,20,20,mass",  # line 9: cut
        "normal1.png,5,5,9,9,mass",
        "normal1.png,25,5,9,9,mass",
    ]
    boxes, notes = write(HEAD + "\n".join(rows) + "\n", NAMED)
    assert len(boxes) == 5 and notes == {
        "boxes": 5,
        "boxes_repeated": 1,
        "boxes_below_a_pixel": 1,
        "boxes_outside_picture": 1,
        "boxes_malformed": 1,
        "boxes_without_kept_picture": 1,
        "boxes_cut_at_edge": 1,
        "pictures_without_their_boxes": 1,
    }
    for said in (
        "1 box is there already (the same picture, finding and numbers) and counts once, in line 3 (10, 10, 20, 20)",
        "1 box is smaller than a pixel and is left out; in shares?, in line 5 (0.1, 0.2, 0.3, 0.4)",
        "1 box lies outside its picture and is left out, in line 6 (500, 500, 20, 20)",
        "1 box is no numbers x, y, width and height with an area and a name in the column 'finding' and is left out, "
        "in line 7 (5, 5, zero, 20)",
        "1 box is of an id that no picture has and is left out, in line 8 (5, 5, 9, 9)",
        "1 box reaches beyond the edge of its picture and is cut off there, in line 9",
        "2 boxes lie on 1 picture of the class 'normal', while 'sick' is the positive one; they are kept",
    ):
        assert f"boxes.csv: {said}" in caplog.text
    assert left_out_of_notes(notes) == {
        "below_a_pixel": 1,
        "malformed": 1,
        "outside_picture": 1,
        "repeated": 1,
        "without_kept_picture": 1,
    }


def test_a_picture_that_loses_all_its_boxes_is_named(write, caplog) -> None:
    rows = ["sick0.png,10,10,20,20,mass", "sick1.png,10,10,-5,20,mass", "sick2.png,,,,,mass", "normal0.png,,,,,"]
    boxes, notes = write(HEAD + "\n".join(rows) + "\n", NAMED)
    assert len(boxes) == 1
    assert notes == {"boxes": 1, "boxes_malformed": 2, "pictures_without_their_boxes": 2}, (
        "a row without a name is none"
    )
    assert "2 pictures, such as sick/sick1.png, have boxes in the table and none is left" in caplog.text


def test_rows_of_a_finding_that_never_has_a_box_are_none(write) -> None:
    rows = ["sick0.png,10,10,20,20,mass", "sick1.png,,,,,No finding", "normal0.png,,,,,No finding"]
    assert write(HEAD + "\n".join(rows) + "\n", NAMED)[1] == {"boxes": 1}


@pytest.mark.parametrize("other", ["NODULE", "No-dule", "no dule"])
def test_one_finding_in_two_spellings_is_refused(write, other: str) -> None:
    rows = ["sick0.png,10,10,20,20,nodule", "sick1.png,10,10,20,20,nodule ", f"sick2.png,10,10,20,20,{other}"]
    with pytest.raises(ChestbenchError, match=rf"one spelling of each finding .* 'nodule' 2, '{other}' 1; make them"):
        write(HEAD + "\n".join(rows) + "\n", NAMED)
    assert write(HEAD + "\n".join(rows) + "\n", {**NAMED, "findings": ["nodule"]})[1]["boxes"] == 2


def test_a_rare_finding_that_is_nearly_another_is_doubted(write, caplog) -> None:
    rows = [f"sick0.png,{10 + place},10,20,20,nodule" for place in range(8)]
    write(HEAD + "\n".join([*rows, "sick1.png,10,10,20,20,nodul", "sick1.png,12,10,20,20,mass"]) + "\n", NAMED)
    assert "the finding 'nodul' (1 box) is one of its own; is it a misspelling of 'nodule' (8)?" in caplog.text
    assert "misspelling of 'mass'" not in caplog.text and "the finding 'mass'" not in caplog.text


def test_how_many_pictures_of_each_class_have_boxes_is_said(write, caplog) -> None:
    with caplog.at_level(logging.INFO):
        write(HEAD + "sick0.png,10,10,20,20,mass\nsick0.png,30,10,20,20,mass\n", NAMED)
    assert "pictures with boxes by class: 'normal' 0 of 3, 'sick' 1 of 3" in caplog.text


def test_equal_boxes_of_several_readers_are_no_repetition(write) -> None:
    table = "image,x,y,width,height,who\n" + "".join(f"sick0.png,10,10,20,20,{who}\n" for who in ("a", "b", "b"))
    _, notes = write(table, {**SETTINGS, "reader": "who"})
    assert notes == {"boxes": 1, "boxes_of_further_readers": 1, "boxes_repeated": 1}


def test_a_box_of_a_pixel_in_shares_stays(write) -> None:
    _, notes = write("image,x,y,width,height\nsick0.png,0.5,0.5,0.0125,0.0166\n", {**SETTINGS, "units": "share"})
    assert notes == {"boxes": 1}


def test_a_finding_that_is_nowhere_is_refused(write) -> None:
    with pytest.raises(
        ChestbenchError, match=r"received 'masss', which no row has; .*'mass' 1, 'node' 1; did you mean 'mass'"
    ):
        write(f"{HEAD}sick0.png,1,1,9,9,mass\nsick0.png,1,1,9,9,node\n", {**NAMED, "findings": ["node", "masss"]})


@pytest.mark.parametrize(
    ("table", "settings", "message"),
    [
        (
            f"{HEAD}sick0.png,1,1,9,9,mass\nsick1.png,1,1,9,9,mass\nsick0.png,,,,,node\n",
            {**NAMED, "findings": ["node"]},
            r"2 boxes are of other findings and are left out, such as in line 2 \(1, 1, 9, 9\); the findings "
            "of the boxes are 'mass' 2, and findings asks for 'node'",
        ),
        (f"{HEAD}sick0.png,,,,,mass\n", SETTINGS, "no row has numbers in the columns x, y, width and height"),
        (
            f"{HEAD}sick0.png,900,1,9,9,a\nsick0.png,x,1,9,9,a\nsick0.png,9,y,9,9,a\n",
            SETTINGS,
            r"2 boxes are no numbers .*, such as in line 3 \(x, 1, 9, 9\)",
        ),
    ],
)
def test_where_no_box_is_left_the_commonest_reason_stops_the_catalog(
    write, table: str, settings: dict, message: str
) -> None:
    with pytest.raises(ChestbenchError, match=rf"expected at least one box .* received none from boxes.csv: {message}"):
        write(table, settings)


def test_with_several_classes_boxes_are_counted_by_class() -> None:
    drawn = [("p", "a"), ("q", "b"), ("q", "b")]
    each = (False, "boxes by class: 'a' 1 box on 1 picture, 'b' 2 boxes on 1 picture")
    assert list(boxes_of_classes(drawn, ["a", "b", "c"], None)) == [each]
    assert list(boxes_of_classes(drawn, ["a", "b", "c"], "a")) == [each], "of three classes several may have boxes"
    ((is_doubtful, said),) = boxes_of_classes([("p", "No finding")], ["No finding", "mass", "node"], "mass")
    assert is_doubtful and "1 box lies on 1 picture of the class 'No finding'" in said
    assert not list(boxes_of_classes([("p", "a")], ["a", "b"], "a"))


FOREIGN = {
    "a.json": json.dumps({"images": [{"id": 1}], "annotations": [{"image_id": 1, "bbox": [1, 2, 3, 4]}]}),
    "sick0.xml": "<annotation><object><bndbox><xmin>1</xmin></bndbox></object></annotation>",
    "sick0.txt": "0 0.5 0.5 0.1 0.2\n1 0.25 .5 1e-1 0.2\n",
    "b.csv": 'image,bbox\nsick0.png,"[1, 2, 3, 4]"\n',
}


@pytest.mark.parametrize(
    ("table", "more", "kind"),
    [
        ("a.json", {}, "COCO JSON"),
        ("*.xml", {}, "Pascal VOC XML"),
        ("*.txt", {}, "YOLO text"),
        ("b.csv", {}, "lists of four bare numbers"),
        ("b.csv", {"column": "bbox"}, "lists of four bare numbers"),
    ],
)
def test_formats_that_are_not_taken_are_named(tmp_path: Path, table: str, more: dict, kind: str) -> None:
    second = {"sick1.xml": FOREIGN["sick0.xml"], "sick1.txt": FOREIGN["sick0.txt"]}
    archive = make_zip(tmp_path / "a.zip", {name: text.encode() for name, text in (FOREIGN | second).items()})
    with pytest.raises(ChestbenchError, match=rf"received .*{kind}.* not taken; write a CSV .* image,x,y,width,height"):
        read_boxes(archive, Boxes(**{**SETTINGS, "table": table, **more}))


@pytest.mark.parametrize(
    ("header", "lines"),
    [
        ("x,y,w,h", "layout: xywh, sides: [x, y, w, h]"),
        ("x1,y1,x2,y2", "layout: xyxy, sides: [x1, y1, x2, y2]"),
        ("xmin,ymin,xmax,ymax", "layout: xyxy, sides: [xmin, ymin, xmax, ymax]"),
        ("X_Min,Y_Min,X_Max,Y_Max", "layout: xyxy, sides: [X_Min, Y_Min, X_Max, Y_Max]"),
        ("x_center,y_center,w,h", "layout: cxcywh, sides: [x_center, y_center, w, h]"),
    ],
)
def test_other_spellings_of_a_box_are_refused_with_the_lines_to_add(tmp_path: Path, header: str, lines: str) -> None:
    members = {"sick0.png": b"", "boxes.csv": f"image,{header}\nsick0.png,1,2,30,40\n".encode()}
    archive = make_zip(tmp_path / "a.zip", members)
    with pytest.raises(ChestbenchError) as caught:
        read_boxes(archive, Boxes(**SETTINGS))
    assert str(caught.value).endswith(f"add to dataset.boxes {lines}")
    layout, sides = (part.partition(": ")[2] for part in lines.split(", ", 1))
    found = read_boxes(archive, Boxes(**SETTINGS, layout=layout, sides=sides.strip("[]").split(", ")))
    assert found is not None and found.boxes["sick0.png"][0].numbers == (1, 2, 30, 40)


@pytest.mark.parametrize("is_boxes", [True, False])
def test_columns_that_boxes_use_are_not_called_unused(
    write, make_config, tmp_path, pictures, caplog, is_boxes: bool
) -> None:
    """The table names every picture, its findings differ from the folders, and a column of its own stays to be told."""
    rows = [
        f"{label}{n}.png,{5 + n},5,9,9,{('sick', 'normal')[n > 1]},{'ab'[n > 0]}"
        for label in ("normal", "sick")
        for n in (0, 1, 2)
    ]
    table = "image,x,y,width,height,finding,quality\n" + "\n".join(rows) + "\n"
    archive = make_zip(tmp_path / "archive.zip", {**pictures, "boxes.csv": table.encode()})
    more = {"boxes": NAMED} if is_boxes else {}
    with caplog.at_level(logging.INFO):
        said = build_catalog(archive, dataset_of(make_config, **more), tmp_path / "catalog.csv").layout
    told = " ".join([*said.get("other_columns", []), *said.get("second_labels", [])])
    assert "'quality'" in told
    for name in ("'x'", "would use it instead"):
        assert (name in told) is not is_boxes, told
