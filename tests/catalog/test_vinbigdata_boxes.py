"""VinBigData's boxes, read by its own file of conf/: an effusion is one box, however many readers drew it."""

from pathlib import Path

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.box_table import read_boxes
from chestbench.catalog.boxes import write_boxes
from chestbench.catalog.records import CatalogRow, read_rows
from chestbench.core.compose import compose_params
from chestbench.core.config import load_config
from chestbench.core.files import read_csv
from tests.catalog.public_tables import vinbigdata
from tests.conftest import ROOT
from tests.imaging.pictures import make_zip


def test_each_effusion_is_one_box_and_other_findings_are_none(tmp_path: Path) -> None:
    compose_params(ROOT / "conf", tmp_path / "params.yaml", ["dataset=vinbigdata", "task=detect"])
    dataset = load_config(tmp_path / "params.yaml").dataset
    members = vinbigdata(24)
    archive = make_zip(tmp_path / "archive.zip", members)
    catalog = build_catalog(archive, dataset, tmp_path / "catalog.csv")
    notes = write_boxes(read_boxes(archive, dataset.boxes), tmp_path / "catalog.csv", tmp_path / "boxes.csv")

    boxes = read_csv(tmp_path / "boxes.csv")
    kept = [row for row in read_rows(tmp_path / "catalog.csv", CatalogRow) if row.status == "kept"]
    effusions = {row.image_id for row in kept if row.label == "Pleural effusion"}
    assert effusions and {row["image_id"] for row in boxes} == effusions and len(boxes) == len(effusions)
    assert {row["finding"] for row in boxes} == {"Pleural effusion"}
    lines = members["train.csv"].decode().splitlines()
    drawn = sum(",Pleural effusion," in line for line in lines)
    others = sum("Cardiomegaly" in line or "Aortic" in line for line in lines)
    assert notes == {
        "boxes": len(boxes),
        "boxes_of_further_readers": drawn - len(boxes),
        "boxes_of_other_findings": others,
    }
    assert drawn > len(boxes), "two readers drew some of them"
    # Those of two readers lie between the two: readers draw a pixel apart.
    assert {row["x"].partition(".")[2] for row in boxes} == {"", "5"}
    assert catalog.notes["tables_read"] == 1
