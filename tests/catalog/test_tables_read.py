"""A table that the pipeline reads is counted as read, and every other one as left out."""

from pathlib import Path

import pytest

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.glance import glance
from chestbench.catalog.report import describe, summarise
from chestbench.datasets.archive import open_archive
from tests.catalog.archives import dataset_of, two_classes
from tests.catalog.test_left_out import accounted
from tests.imaging.pictures import make_zip

BOXES = {"table": "*boxes.csv", "id": "id", "member_pattern": r"/(?P<id>\w+)\.png"}
TABLES = {
    "tables/boxes.csv": b"id,x,y,width,height\n0,1,1,5,5\n",
    "labels.csv": b"file,class\n"
    + b"".join(f"{name},{name[0]}\n".encode() for name in two_classes() if name.endswith(".png")),
    "readme.txt": b"text",
}


@pytest.mark.parametrize(
    ("settings", "read"),
    [
        ({}, 0),
        ({"boxes": BOXES}, 1),
        ({"labels": {"table": "labels.csv", "id": "file", "column": "class"}}, 1),
        ({"labels": {"table": "labels.csv", "id": "file", "column": "class"}, "boxes": BOXES}, 2),
        ({"labels": {"table": "labels.csv", "id": "file", "column": "class"}, "boxes": {**BOXES, "table": "lab*"}}, 1),
        ({"boxes": BOXES, "exclude": ["tables/*"]}, 0),
    ],
)
def test_what_is_read_is_not_left_out(tmp_path: Path, make_config, settings: dict, read: int) -> None:
    path = make_zip(tmp_path / "archive.zip", {**two_classes(), **TABLES})
    dataset = dataset_of(make_config, **settings)
    metrics = summarise(build_catalog(path, dataset, tmp_path / "catalog.csv"), "test", {})
    assert metrics["notes"].get("tables_read", 0) == read
    assert metrics["left_out"]["table or text"] == len(TABLES) - read - metrics["excluded_by_pattern"]
    assert accounted(metrics) == metrics["members"] and "left out: " in describe(metrics)
    with open_archive(path) as archive:
        seen = glance(archive, dataset)
    assert len(seen.left_out["table or text"]) == metrics["left_out"]["table or text"]


def test_lists_of_a_split_are_read(tmp_path: Path, make_config) -> None:
    pictures = sorted(name for name in two_classes() if name.endswith(".png"))
    lists = {f"{part}.txt": "\n".join(pictures[at::2]).encode() + b"\n" for at, part in enumerate(("train", "test"))}
    path = make_zip(tmp_path / "archive.zip", {**two_classes(), **lists, "notes.txt": b"text"})
    catalog = build_catalog(path, dataset_of(make_config), tmp_path / "catalog.csv")
    assert set(catalog.layout["split_lists"]["lists"]) == set(lists)
    assert catalog.notes["tables_read"] == 2 and catalog.left_out == {"table or text": 1}
