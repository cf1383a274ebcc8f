"""Layout, units, size and finding of a box table: what is stated is read, what cannot be is refused."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.box_table import read_boxes
from chestbench.catalog.boxes import write_boxes
from chestbench.catalog.records import CatalogRow, read_rows
from chestbench.core.config import Boxes
from chestbench.core.errors import ChestbenchError
from tests.catalog.archives import dataset_of
from tests.imaging.pictures import make_zip, picture, png

PLAIN = {"table": "boxes.csv", "id": "id", "member_pattern": r"/(?P<id>\w+)\.\w+$"}
WIDTH, HEIGHT = 80, 60
# Corners of the same three boxes; those of another kind are made of them.
CORNERS = np.array([[8, 6, 40, 30], [50, 20, 76, 55], [10.5, 3, 20, 57.5]])


@pytest.fixture
def write(tmp_path: Path, make_config):
    """Return a function (header, rows, settings) -> (boxes as {member: [(finding, x, y, width, height)]}, notes)."""

    def run(header: str, rows: list, extra: dict[str, bytes] | None = None, **settings):
        members = {
            f"{label}/{label}{n}.png": png(picture(9 * code + n)) for code, label in enumerate("ab") for n in (0, 1, 2)
        }
        lines = [header, *(",".join(str(cell) for cell in row) for row in rows)]
        archive = make_zip(tmp_path / "archive.zip", members | (extra or {}) | {"boxes.csv": "\n".join(lines).encode()})
        build_catalog(archive, dataset_of(make_config), tmp_path / "catalog.csv")
        notes = write_boxes(
            read_boxes(archive, Boxes(**(PLAIN | settings))), tmp_path / "catalog.csv", tmp_path / "boxes.csv"
        )
        member_of = {row.image_id: row.member for row in read_rows(tmp_path / "catalog.csv", CatalogRow)}
        found: dict[str, list[tuple]] = {}
        with open(tmp_path / "boxes.csv", newline="") as stream:
            for row in csv.DictReader(stream):
                numbers = [float(row[side]) for side in ("x", "y", "width", "height")]
                found.setdefault(member_of[row["image_id"]], []).append((row["finding"], *numbers))
        return found, notes

    return run


def as_layout(layout: str, units: str) -> list[list[float]]:
    low, high = CORNERS[:, :2], CORNERS[:, 2:]
    parts = {"xywh": (low, high - low), "xyxy": (low, high), "cxcywh": ((low + high) / 2, high - low)}[layout]
    numbers = np.concatenate(parts, axis=1)
    numbers = numbers / ([WIDTH, HEIGHT] * 2) if units == "share" else numbers
    return [[f"a{place}", *row] for place, row in enumerate(numbers.tolist())]


HEADERS = {
    "xywh": "id,x,y,width,height",
    "xyxy": "id,x_min,y_min,x_max,y_max",
    "cxcywh": "id,x_center,y_center,width,height",
}


@pytest.mark.parametrize("units", ["pixels", "share"])
@pytest.mark.parametrize("layout", ["xywh", "xyxy", "cxcywh"])
def test_every_layout_in_both_units_gives_the_same_boxes(write, layout: str, units: str) -> None:
    found, notes = write(HEADERS[layout], as_layout(layout, units), layout=layout, units=units)
    assert notes == {"boxes": 3}
    for place, (x0, y0, x1, y1) in enumerate(CORNERS.tolist()):
        ((finding, *box),) = found[f"a/a{place}.png"]
        assert finding == "opacity" and box == pytest.approx([x0, y0, x1 - x0, y1 - y0], abs=2e-3)


@pytest.mark.parametrize(
    ("truly", "stated", "told"),
    [
        (("xyxy", "pixels"), ("xywh", "pixels"), r"layout: xyxy \(two corners\), units: pixels; the latter fits"),
        (("xywh", "pixels"), ("xyxy", "pixels"), r"read as layout: xyxy .*read as layout: xywh"),
        (("xywh", "share"), ("xywh", "pixels"), r"all are within a pixel.*units: share; the latter fits"),
        (("xywh", "pixels"), ("xywh", "share"), r"units: share, and .*units: pixels; the latter fits"),
        (("cxcywh", "share"), ("cxcywh", "pixels"), r"goes from \(.*\) to \(.*\) read as layout: cxcywh"),
    ],
)
def test_another_reading_that_fits_is_shown_and_the_stated_one_refused(write, truly, stated, told: str) -> None:
    sides = HEADERS[truly[0]].split(",")[1:]
    with pytest.raises(ChestbenchError, match=told):
        write(HEADERS[truly[0]], as_layout(*truly), layout=stated[0], units=stated[1], sides=sides)


def test_a_frame_scales_and_a_missing_one_is_asked_for(write) -> None:
    rows = [[name, *(2 * np.array(box)).tolist()] for name, *box in as_layout("xywh", "pixels")]
    found, notes = write(HEADERS["xywh"], rows, frame=(160, 120))
    assert found["a/a0.png"] == [("opacity", 8, 6, 32, 24)] and notes == {"boxes": 3}
    many = [[f"a{place % 3}", 90 + place, 70, 30, 40] for place in range(25)]
    with pytest.raises(
        ChestbenchError, match=r"25 of 25 in boxes.csv that reach beyond .* set frame: \[WIDTH, HEIGHT\]"
    ):
        write(HEADERS["xywh"], many)
    with pytest.raises(ValidationError, match="no frame where units is share"):
        Boxes(**PLAIN, units="share", frame=(10, 10))


def test_boxes_of_smaller_pictures_are_doubted(write, caplog) -> None:
    write(HEADERS["xywh"], [[f"a{place % 3}", 1 + place / 2, 2 + place / 2, 20, 10] for place in range(30)])
    assert "all 30 boxes of boxes.csv lie in the upper left 44% x 44%" in caplog.text
    assert "dataset.boxes.frame" in caplog.text


def test_findings_have_names_and_rows_without_a_box_are_none(write, caplog) -> None:
    rows = [
        ["a0", "nodule", 1, 2, 3, 4],
        ["a0", " mass ", 5, 6, 7, 8],
        ["a1", "No finding", "", "", "", ""],
        ["a2", "", 1, 1, 9, 9],
    ]
    found, notes = write("id,class_name,x,y,width,height", rows, label="class_name")
    assert found == {"a/a0.png": [("mass", 5, 6, 7, 8), ("nodule", 1, 2, 3, 4)]}
    assert notes == {"boxes": 1 + 1, "boxes_malformed": 1, "pictures_without_their_boxes": 1}
    assert "a name in the column 'class_name'" in caplog.text


def test_a_box_over_the_whole_picture_is_counted_and_said(write, caplog) -> None:
    found, notes = write(HEADERS["xywh"], [["a0", 0, 0, WIDTH, HEIGHT], ["a1", 0, 0, WIDTH, HEIGHT / 2]])
    assert len(found) == 2 and notes == {"boxes": 2, "boxes_whole_picture": 1}
    assert "1 box is the whole picture" in caplog.text


def turned(seed: int, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[274] = orientation
    stream = io.BytesIO()
    Image.fromarray(picture(seed, 60, 80)).save(stream, "JPEG", exif=exif)
    return stream.getvalue()


def test_boxes_of_turned_pictures_are_upright_and_refused_where_they_are_not(write, caplog) -> None:
    extra = {"b/turned.jpg": turned(50, 6)}  # 80 x 60 as stored, 60 x 80 as shown
    found, notes = write(HEADERS["xywh"], [["turned", 5, 50, 50, 28]], extra)
    assert found == {"b/turned.jpg": [("opacity", 5, 50, 50, 28)]}
    assert notes == {"boxes": 1, "boxes_of_turned_pictures": 1} and "upright" in caplog.text
    with pytest.raises(ChestbenchError, match=r"reaches beyond 60 x 80 pixels, as shown, and lies within 80 x 60"):
        write(HEADERS["xywh"], [["turned", 50, 5, 28, 50]], extra)
