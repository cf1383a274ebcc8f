"""Files of several pages or frames in the catalog and in the split."""

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.records import CatalogRow, SplitRow, read_rows
from chestbench.catalog.report import summarise, write_report
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.frames import one_frame
from chestbench.imaging.grey import GreyScale
from chestbench.imaging.tiff_pages import page_offsets
from chestbench.preparation.folders import assign_splits, write_split
from tests.catalog.archives import dataset_of, two_classes
from tests.catalog.test_left_out import accounted
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import encode, make_zip, picture
from tests.imaging.test_frames import tiff

SHARES = {"train": 0.6, "val": 0.2, "test": 0.2}


def stack(seed: int, count: int = 3) -> list[np.ndarray]:
    return [picture(1000 * seed + number) for number in range(count)]


def pages(kind: str, images: list[np.ndarray]) -> bytes:
    if kind == "dicom":
        return make_dicom(np.stack(images), frames=len(images), patient="")
    others = [Image.fromarray(image) for image in images[1:]]
    return encode(images[0], kind.upper(), save_all=True, append_images=others)


def members() -> dict[str, bytes]:
    found = two_classes(8)
    for place, kind in enumerate(("tiff", "gif", "webp", "png", "dicom")):
        for code, label in enumerate("ab"):
            found[f"{label}/several.{kind}"] = pages(kind, stack(10 + 2 * place + code))
    return found


@pytest.fixture
def catalog_of(tmp_path: Path, make_config):
    def run(files: dict[str, bytes], frames: str):
        path = make_zip(tmp_path / "archive.zip", files)
        catalog = build_catalog(path, dataset_of(make_config, frames=frames), tmp_path / "catalog.csv")
        return catalog, list(read_rows(tmp_path / "catalog.csv", CatalogRow))

    return run


def test_by_default_they_are_left_out_with_the_number_of_pages(catalog_of):
    catalog, rows = catalog_of(members(), "refuse")
    left = [row for row in rows if row.status == "excluded"]
    assert len(left) == 10 and {row.frames for row in left} == {3}
    assert {row.reason.partition(";")[0] for row in left} == {
        "several pages or frames: 3 pages", "several pages or frames: 3 frames",
    }  # fmt: skip
    metrics = summarise(catalog, "test", {})
    assert metrics["excluded"] == {"several pages or frames": 10} and accounted(metrics) == metrics["members"]


def test_the_first_is_taken_where_that_is_asked_for_and_the_others_are_counted(catalog_of, caplog):
    catalog, rows = catalog_of(members(), "first")
    several = [row for row in rows if "several" in row.member]
    assert [(row.frame, row.frames, row.status) for row in several] == [(1, 3, "kept")] * 10
    assert catalog.notes == {"images_of_pages": 10, "pages_left_out": 20}
    assert "of 10 files of several pages or frames the first is read, 20 others are left out" in caplog.text
    metrics = summarise(catalog, "test", {})
    assert accounted(metrics) == metrics["members"] == 26


def test_each_page_is_an_image_and_those_of_a_file_are_one_group(catalog_of, tmp_path):
    catalog, rows = catalog_of(members(), "each")
    for member in {row.member for row in rows if "several" in row.member}:
        mine = [row for row in rows if row.member == member]
        assert [(row.frame, row.frames) for row in mine] == [(1, 3), (2, 3), (3, 3)]
        assert len({row.image_id for row in mine}) == 3 and len({row.group for row in mine}) == 1
        assert len({row.sha256 for row in mine}) == 1 and {row.status for row in mine} == {"kept"}
        assert {row.format for row in mine} == {member.rpartition(".")[2]}
    assert len({row.image_id for row in rows}) == len(rows) == 46
    assert catalog.notes == {"images_of_pages": 30, "pages_beyond_first": 20}
    metrics = summarise(catalog, "test", {})
    assert accounted(metrics) == metrics["members"] == 26
    write_report(catalog, metrics, "test", tmp_path / "m.json", tmp_path / "found")


@pytest.mark.parametrize("frames", ["first", "each"])
def test_a_page_is_written_as_a_file_of_its_own(catalog_of, tmp_path, frames):
    _, rows = catalog_of(members(), frames)
    assignment = assign_splits(tmp_path / "catalog.csv", SHARES, 1)
    write_split(tmp_path / "archive.zip", tmp_path / "catalog.csv", assignment, tmp_path / "split", tmp_path / "masks",
                tmp_path / "split.csv")  # fmt: skip
    written = {row.image_id: row for row in read_rows(tmp_path / "split.csv", SplitRow)}
    kept = {row.image_id: row for row in rows if row.status == "kept"}
    assert written.keys() == kept.keys()
    for image_id, row in kept.items():
        if row.frames == 1:
            continue
        kind = row.member.rpartition(".")[2]
        place = ("tiff", "gif", "webp", "png", "dicom").index(kind)
        expected = stack(10 + 2 * place + "ab".index(row.label))[row.frame - 1]
        path = tmp_path / "split" / written[image_id].path
        assert path.suffix == ".png"
        found = decode_grey(path.read_bytes()).pixels[:, :, 0]
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.99
    parts = {}
    for image_id, row in kept.items():
        parts.setdefault(row.member, set()).add(written[image_id].split)
    assert {len(found) for found in parts.values()} == {1}


def test_files_that_share_a_picture_stay_together(catalog_of):
    shared = stack(50, 4)
    files = {"a/one.tif": pages("tiff", shared[:2]), "a/two.tif": pages("tiff", shared[1:3]),
             "a/three.tif": pages("tiff", shared[3:] + shared[2:3]),
             "a/alone.png": cv2.imencode(".png", shared[0])[1].tobytes()}  # fmt: skip
    _, rows = catalog_of({**two_classes(), **files}, "each")
    mine = [row for row in rows if row.member in files and row.status == "kept"]
    assert len(mine) == 4 and len({row.group for row in mine}) == 1
    assert len({row.group for row in rows if row.status == "kept"}) == 9


def test_a_page_that_cannot_be_used_does_not_take_those_behind_it_along(catalog_of):
    images = stack(65, 3)
    data = bytearray(tiff(images))
    offset = page_offsets(bytes(data), 9)[1]
    struct.pack_into("<I", data, offset + 2 + 2 * 12 + 8, 64)  # the second page says that it has 64 bits a pixel
    _, rows = catalog_of({**two_classes(), "a/x.tif": bytes(data)}, "each")
    mine = [row for row in rows if row.member == "a/x.tif"]
    assert [(row.frame, row.status) for row in mine] == [(1, "kept"), (2, "excluded"), (3, "kept")]
    assert len({row.image_id for row in mine}) == 3


def test_a_damaged_page_leaves_those_before_it_and_is_named(catalog_of):
    data = pages("gif", stack(60, 4))
    cut = data[: int(len(data) * 0.7)] + b";"
    _, rows = catalog_of({**two_classes(), "a/cut.gif": cut}, "each")
    mine = [row for row in rows if row.member == "a/cut.gif"]
    assert mine and any(row.status == "excluded" and row.reason.startswith("unreadable") for row in mine)


def test_workers_do_not_matter(tmp_path, make_config):
    path = make_zip(tmp_path / "archive.zip", members())
    for workers in (1, 4):
        build_catalog(path, dataset_of(make_config, frames="each"), tmp_path / f"{workers}.csv", workers)
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "4.csv").read_bytes()


def test_pages_of_16_bits_are_of_the_one_scale_of_the_set(catalog_of):
    """The pages that the scale shows otherwise are read again, each by itself."""

    def deep(seed, tops):
        pages = [(picture(seed + place) / 255 * 1500).astype(np.uint16) for place in range(len(tops))]
        for page, top in zip(pages, tops, strict=True):
            page[:4, :4] = top
        return encode(pages[0], "TIFF", save_all=True, append_images=[Image.fromarray(page) for page in pages[1:]])

    files = {f"{name}/{place}.tif": deep(100 * code + 10 * place, [4700, 2900, 300]) for code, name in enumerate("ab")
             for place in range(4)}  # fmt: skip
    catalog, rows = catalog_of(files, "each")
    assert catalog.grey["scale"]["bits"] == 13 and catalog.grey["scales"] == {"13 of 16 bit": {"a": 12, "b": 12}}
    for row in rows:
        page = one_frame(files[row.member], row.frame, row.frames)
        shown = decode_grey(page, GreyScale.from_json(catalog.grey["scale"])).pixels
        assert row.mean_grey == pytest.approx(shown.mean(), abs=0.001) and row.scale == "13 of 16 bit"
