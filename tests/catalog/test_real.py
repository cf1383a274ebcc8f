"""Real pictures, where they lie beside the repository."""

import csv
from pathlib import Path

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.box_table import read_boxes
from chestbench.catalog.boxes import write_boxes
from chestbench.catalog.records import CatalogRow, read_rows
from tests.catalog.archives import dataset_of
from tests.imaging.pictures import make_zip

TABLE = {"table": "*boxes.csv", "id": "patientId", "member_pattern": r"(?P<id>[^/]+)\.dcm$"}


def test_rsna_style_xrays_with_their_boxes(real_data: Path, tmp_path: Path, make_config) -> None:
    files = {f"set/{path.name}": path.read_bytes() for path in sorted((real_data / "dicom").iterdir())}
    archive = make_zip(tmp_path / "archive.zip", files)
    dataset = dataset_of(make_config, labels={**TABLE, "column": "Target"}, boxes=TABLE)
    catalog = build_catalog(archive, dataset, tmp_path / "catalog.csv")
    notes = write_boxes(read_boxes(archive, dataset.boxes), tmp_path / "catalog.csv", tmp_path / "boxes.csv")
    rows = list(read_rows(tmp_path / "catalog.csv", CatalogRow))
    kept = [row for row in rows if row.status == "kept"]
    assert catalog.classes == ["0", "1"] and len(kept) == 5 and catalog.split_unit == "patient"
    assert {row.reason for row in rows if row.status == "excluded"} == {"no label in boxes.csv"}
    assert len({row.group for row in kept}) == len({row.study for row in kept}) == 5
    with open(tmp_path / "boxes.csv", newline="") as stream:
        boxes = list(csv.DictReader(stream))
    assert {box["label"] for box in boxes} == {"1"} and notes == {"boxes": len(boxes)}
    with open(real_data / "dicom" / "boxes.csv", newline="") as stream:
        assert len(boxes) == sum(row["Target"] == "1" for row in csv.DictReader(stream))
    with_box = {box["image_id"] for box in boxes}
    assert with_box == {row.image_id for row in kept if row.label == "1"}


def test_the_radiography_subset_goes_on_without_its_masks(real_data: Path, tmp_path: Path, make_config, caplog) -> None:
    archive = real_data / "covid19-radiography-subset.zip"
    masks = {"images": "/images/", "masks": "/masks/"}
    limits = {"COVID": 260, "Normal": 20}
    dataset = dataset_of(make_config, masks=masks, limit_per_class=limits, exclude=["*/masks/*"])
    catalog = build_catalog(archive, dataset, tmp_path / "catalog.csv")
    kept = [row for row in read_rows(tmp_path / "catalog.csv", CatalogRow) if row.status == "kept"]
    counts = {name: sum(row.label == name for row in kept) for name in catalog.classes}
    assert counts["COVID"] == 260 and counts["Normal"] == 20 and counts["Viral Pneumonia"] > 250
    assert catalog.notes["masks_missing"] == len(kept) and "have no mask in the archive" in caplog.text
