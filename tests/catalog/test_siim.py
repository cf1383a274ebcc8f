"""An archive in the layout of siim-covid19-detection: DICOM, labels of studies and boxes of images in tables."""

import csv
from pathlib import Path

import pytest

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.box_table import read_boxes
from chestbench.catalog.boxes import write_boxes
from chestbench.catalog.records import CatalogRow, read_rows
from chestbench.catalog.report import summarise
from chestbench.catalog.result import Catalog
from tests.catalog.archives import SIIM_CLASSES, SIIM_SETTINGS, dataset_of, siim_image, siim_members, siim_study
from tests.imaging.dicoms import PRIVATE, make_dicom
from tests.imaging.pictures import make_zip, picture, png


@pytest.fixture
def build_siim(tmp_path: Path, make_config):
    """Return a function (members to add, overrides) -> (Catalog, rows by member, rows of boxes.csv)."""

    def run(extra: dict[str, bytes] | None = None, workers: int | None = None, **overrides):
        archive = make_zip(tmp_path / "archive.zip", siim_members() | (extra or {}))
        dataset = dataset_of(make_config, **{**SIIM_SETTINGS, **overrides})
        catalog = build_catalog(archive, dataset, tmp_path / "catalog.csv", workers)
        catalog.notes.update(
            write_boxes(read_boxes(archive, dataset.boxes), tmp_path / "catalog.csv", tmp_path / "boxes.csv")
        )
        with open(tmp_path / "boxes.csv", newline="") as stream:
            boxes = list(csv.DictReader(stream))
        return catalog, {row.member: row for row in read_rows(tmp_path / "catalog.csv", CatalogRow)}, boxes

    return run


def _study_number(row: CatalogRow) -> int:
    return next(n for n in range(24) if row.member.startswith(f"train/{siim_study(n)}/"))


def test_studies_are_labelled_grouped_and_boxed(build_siim, caplog) -> None:
    catalog, rows, boxes = build_siim()
    assert catalog.classes == SIIM_CLASSES and len(rows) == 32
    assert {row.status for row in rows.values()} == {"kept"}, {row.reason for row in rows.values()}
    for row in rows.values():
        assert row.label == SIIM_CLASSES[_study_number(row) % 4] and row.format == "dicom"
    assert catalog.split_unit == "patient"
    assert len({row.study for row in rows.values()}) == 24 and len({row.group for row in rows.values()}) == 12
    assert catalog.notes == {"unlabelled_pictures": 2, "tables_read": 2, "boxes": len(boxes)}
    assert catalog.left_out == {"table or text": 1}, "sample_submission.csv alone is not read"

    number_of = {row.image_id: _study_number(row) for row in rows.values()}
    assert len(boxes) == sum(1 for number in number_of.values() if number % 4)
    for box in boxes:
        assert box["label"] == SIIM_CLASSES[number_of[box["image_id"]] % 4]
        image = next(row for row in rows.values() if row.image_id == box["image_id"])
        second = siim_image(_study_number(image), 1) in image.member
        assert [box[key] for key in ("x", "y", "width", "height")] == [
            "10.5",
            "20.25",
            "30",
            "41.125" if second else "40.125",
        ]
    assert summarise(catalog, "siim", {})["images_kept"] == 32
    for secret in (*PRIVATE, "SECRET-PATIENT", siim_study(3), siim_image(3, 0)):
        assert secret not in caplog.text


def test_what_stands_in_headers_stays_in_memory(build_siim, tmp_path: Path) -> None:
    build_siim()
    for name in ("catalog.csv", "boxes.csv"):
        text = (tmp_path / name).read_text()
        assert not [secret for secret in (*PRIVATE, "SECRET-PATIENT", "1.2.3.") if secret in text]


def test_the_number_of_workers_changes_nothing(build_siim, tmp_path: Path) -> None:
    tables = []
    for workers in (1, 4):
        build_siim(workers=workers)
        tables.append([(tmp_path / name).read_bytes() for name in ("catalog.csv", "boxes.csv")])
    assert tables[0] == tables[1]


def test_unusable_dicoms_are_left_out_with_a_reason_and_the_rest_goes_on(build_siim) -> None:
    folder = f"train/{siim_study(1)}/x"
    catalog, rows, _ = build_siim(
        {
            f"{folder}/empty.dcm": make_dicom(None),
            f"{folder}/knee.dcm": make_dicom(picture(1), body_part="KNEE"),
            f"{folder}/cut.dcm": make_dicom(picture(2))[:3000],
            f"{folder}/truly.dcm": png(picture(3)),
            f"{folder}/text.dcm": b"no picture",
        }
    )
    reasons = {name: rows[f"{folder}/{name}.dcm"].reason for name in ("empty", "knee", "cut", "truly", "text")}
    assert all(reasons[name].startswith("unusable DICOM: ") for name in ("empty", "knee", "cut")), reasons
    assert reasons["text"] == "not an image"
    assert rows[f"{folder}/truly.dcm"].status == "kept" and rows[f"{folder}/truly.dcm"].format == "png"
    assert rows[f"{folder}/truly.dcm"].study == "", "a PNG has no header that names a study"
    assert summarise(catalog, "siim", {})["excluded"] == {"not an image": 1, "unusable DICOM": 3}


def test_a_study_under_two_patients_is_one_group(build_siim) -> None:
    extra = {f"train/{siim_study(2)}/x/other.dcm": make_dicom(picture(1), patient="SOMEONE", study="1.2.3.2")}
    _, rows, _ = build_siim(extra)
    assert len({row.group for row in rows.values() if _study_number(row) == 2}) == 1


def test_a_limit_and_a_subset_of_the_classes(build_siim) -> None:
    catalog, rows, _ = build_siim(classes=SIIM_CLASSES[:2], limit_per_class={"Typical Appearance": 3})
    kept = [row.label for row in rows.values() if row.status == "kept"]
    assert kept.count("Typical Appearance") == 3 and kept.count("Negative for Pneumonia") == 8
    assert isinstance(catalog, Catalog) and catalog.classes == SIIM_CLASSES[:2]
