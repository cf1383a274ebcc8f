import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.records import CatalogRow, read_rows
from chestbench.catalog.report import describe, summarise, write_report
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from tests.catalog.archives import dataset_of, two_classes
from tests.imaging.pictures import encode, make_zip, picture, png


def test_a_row_tells_what_the_file_holds(build) -> None:
    rgba = np.dstack([picture(7)] * 3 + [np.full((60, 80), 255, np.uint8)])
    _, rows = build({**two_classes(), "b/colour.jpg": png(rgba)})
    row = rows["b/colour.jpg"]
    assert (row.width, row.height, row.channels, row.bit_depth, row.format) == (80, 60, 4, 8, "png")
    assert (row.label, row.status, row.reason, row.given_split) == ("b", "kept", "", "")
    assert (
        row.image_id == row.sha256[:16]
        and len(row.pixel_sha256) == 64
        and len(row.phash) == 16
        and row.bytes == len(png(rgba))
    )


def test_troubles_are_recorded_and_left_out(build) -> None:
    whole = png(picture(50))
    catalog, rows = build(
        {
            **two_classes(),
            "a/cut.png": whole[: len(whole) // 2],
            "a/text.png": b"I am text",
            "a/tiny.png": png(picture(51, 8, 40)),
            "loose.png": png(picture(52)),
            "notes/readme.txt": b"not a picture and not posing as one",
        }
    )
    assert rows["a/cut.png"].reason.startswith("unreadable: truncated")
    assert rows["a/text.png"].reason == "not an image"
    assert rows["a/tiny.png"].reason.startswith("too small: 40 x 8")
    assert rows["loose.png"].reason == "no class folder"
    assert "notes/readme.txt" not in rows and catalog.other_files == 1
    assert {row.status for row in rows.values() if row.reason} == {"excluded"}
    metrics = summarise(catalog, "test", {})
    assert metrics["excluded"] == {"unreadable": 1, "not an image": 1, "too small": 1, "no class folder": 1}
    assert metrics["images_found"] == metrics["images_kept"] + sum(metrics["excluded"].values()) == 12
    assert metrics["per_class"] == {"a": {"found": 7, "kept": 4}, "b": {"found": 4, "kept": 4}}


def test_a_picture_in_another_dress_counts_once_and_the_first_member_stays(build) -> None:
    pixels = picture(60)
    dressed = {
        "a/z1.png": png(pixels),
        "a/z2.png": png(np.dstack([pixels] * 3)),
        "a/z3.tif": encode(pixels.astype(np.uint16) * 257, "TIFF"),
    }
    catalog, rows = build({**two_classes(), **dressed})
    assert rows["a/z1.png"].status == "kept"
    for member in ("a/z2.png", "a/z3.tif"):
        assert rows[member].reason == f"exact duplicate of {rows['a/z1.png'].image_id}" and not rows[member].cluster
    assert summarise(catalog, "test", {})["excluded"] == {"exact duplicate": 2}


def test_the_same_pixels_in_another_shape_are_another_picture(build) -> None:
    flat = np.full((20, 40), 9, np.uint8)
    _, rows = build({**two_classes(), "a/wide.png": png(flat), "a/tall.png": png(flat.T.copy())})
    assert rows["a/wide.png"].status == rows["a/tall.png"].status == "kept"


def test_a_picture_under_two_labels_leaves_all_of_its_copies_out(build) -> None:
    pixels = png(picture(61))
    _, rows = build(
        {**two_classes(), "a/x.png": pixels, "a/y.png": pixels, "b/x.png": png(np.dstack([picture(61)] * 3))}
    )
    assert {rows[member].reason for member in ("a/x.png", "a/y.png", "b/x.png")} == {"same picture under two labels"}


def test_look_alikes_share_a_group_and_their_numbers_do_not_depend_on_names(build) -> None:
    pixels = picture(62, 120, 160)
    half = cv2.resize(pixels, (80, 60), interpolation=cv2.INTER_AREA)
    catalog, rows = build({**two_classes(), "a/big.png": png(pixels), "b/half.png": png(half)})
    assert rows["a/big.png"].group == rows["a/big.png"].cluster == rows["b/half.png"].group
    assert catalog.leaks.counts["near_duplicate_pairs"] == 1 and catalog.split_unit == "image"
    assert summarise(catalog, "test", {})["groups"] == 9
    by_id = {row.image_id: row.group for row in rows.values()}
    _, renamed = build(
        {
            member.replace(".png", f"-{place % 3}.png"): data
            for place, (member, data) in enumerate(sorted(two_classes().items()))
        }
        | {"b/0.png": png(half), "a/zz.png": png(pixels)}
    )
    assert {row.image_id: row.group for row in renamed.values()} == by_id


def test_groups_come_from_the_pattern_and_others_are_counted(build) -> None:
    members = {
        f"{label}/p{number // 2}/{number}.png": png(picture(200 + 10 * code + number))
        for code, label in enumerate("ab")
        for number in range(6)
    }
    members["a/unknown.png"] = png(picture(300))
    catalog, rows = build(members, group_pattern=r"/(?P<group>p\d+)/")
    assert rows["a/p1/2.png"].group == rows["a/p1/3.png"].group == "p1"
    assert rows["a/unknown.png"].group.startswith("look-alike-")
    assert (catalog.split_unit, catalog.without_group) == ("patient", 1)
    assert summarise(catalog, "test", {})["groups"] == 4


def test_a_pattern_that_matches_nothing_is_refused(build) -> None:
    with pytest.raises(ChestbenchError, match=r"dataset.group_pattern.*matches none of 8"):
        build(two_classes(), group_pattern="(?P<group>patient-[0-9]+)")


def test_excluded_members_have_no_row_and_are_counted(build) -> None:
    members = {f"set/{member.replace('/', '/images/')}": data for member, data in two_classes().items()}
    members |= {"set/a/masks/0.png": png(picture(1)), "set/b/masks/0.png": png(picture(2))}
    catalog, rows = build(members, exclude=["*/masks/*"])
    assert len(rows) == 8 and catalog.excluded_by_pattern == 2 and catalog.classes == ["a", "b"]
    with pytest.raises(ChestbenchError, match="exclude: expected patterns"):
        build(members, exclude=["*"])


def test_a_given_split_is_honoured_and_its_leaks_are_counted(build, caplog) -> None:
    split = {}
    for place, (member, data) in enumerate(two_classes(8).items()):
        split[f"{('Train', 'train', 'test')[place % 3]}/{member}"] = data
    pixels = picture(63, 120, 160)
    split["train/a/leak.png"] = png(pixels)
    split["test/a/leak.png"] = png(cv2.resize(pixels, (80, 60), interpolation=cv2.INTER_AREA))
    split["a/outside.png"] = png(picture(64))
    catalog, rows = build(split)
    metrics = summarise(catalog, "test", {})
    assert metrics["given_split_leaks"] == 1 and "more than one part of the given split" in caplog.text
    assert rows["a/outside.png"].reason == "outside the given split"
    assert metrics["given_split"] == {"train": 12, "test": 6}
    assert rows["train/a/leak.png"].given_split == "train"
    ignored, rows = build(split, given_split="ignore")
    assert rows["a/outside.png"].status == "kept" and {row.given_split for row in rows.values()} == {""}
    assert summarise(ignored, "test", {})["given_split_leaks"] == 0


def test_every_image_unreadable_is_an_error_with_three_examples(build) -> None:
    with pytest.raises(ChestbenchError, match=r"a/0.png \(not an image\); a/1.png \(not an image\); b/0.png") as raised:
        build({f"{label}/{number}.png": b"nothing" for label in "ab" for number in range(2)})
    assert "b/1.png" not in str(raised.value)


def test_a_class_without_a_usable_image_is_named(build) -> None:
    members = {member: b"broken" if member.startswith("b") else data for member, data in two_classes().items()}
    with pytest.raises(ChestbenchError, match=r"class 'b': expected usable images.*b/0.png \(not an image\)"):
        build(members)


def test_a_member_that_the_zip_itself_damaged_is_left_out(tmp_path: Path, make_config) -> None:
    archive = make_zip(tmp_path / "archive.zip", two_classes())
    data = bytearray(archive.read_bytes())
    at = data.find(png(picture(1)))
    data[at + 40] ^= 0xFF
    archive.write_bytes(bytes(data))
    build_catalog(archive, dataset_of(make_config), tmp_path / "catalog.csv")
    reasons = [row.reason for row in read_rows(tmp_path / "catalog.csv", CatalogRow) if row.status == "excluded"]
    assert len(reasons) == 1 and reasons[0].startswith("unreadable: damaged zip entry")


def test_nothing_is_left_of_a_catalog_that_failed(tmp_path: Path, make_config) -> None:
    archive = make_zip(tmp_path / "in" / "archive.zip", {"a/1.png": b"x", "b/1.png": b"x"})
    with pytest.raises(ChestbenchError):
        build_catalog(archive, dataset_of(make_config), tmp_path / "out" / "catalog.csv")
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_the_number_of_workers_changes_nothing(tmp_path: Path, make_config) -> None:
    archive = make_zip(tmp_path / "archive.zip", two_classes(10))
    tables = []
    for workers in (1, 5):
        build_catalog(archive, dataset_of(make_config), tmp_path / "catalog.csv", workers)
        tables.append((tmp_path / "catalog.csv").read_bytes())
    assert tables[0] == tables[1]


def test_report_with_names_in_any_script(build, tmp_path: Path, caplog) -> None:
    colour = {f"정상 'q'/{number}.png": png(np.dstack([picture(number)] * 3)) for number in range(3)}
    grey = {f"Virale Pneumonié/{number}.png": png(picture(10 + number)) for number in range(4)}
    catalog, _ = build({**colour, **grey})
    metrics = summarise(catalog, "test", {"정상 'q'": 5, "gone": 2})
    write_report(catalog, metrics, "제목", tmp_path / "metrics.json", tmp_path / "results")
    assert metrics["expected_counts"] == {"정상 'q'": {"expected": 5, "found": 3}, "gone": {"expected": 2, "found": 0}}
    assert metrics["mode_tells_label"]["accuracy"] == 1 and "alone tell 100% of the labels" in caplog.text
    assert metrics["modes"] == {"png 1 x 8 bit": 4, "png 3 x 8 bit": 3}
    assert metrics["sizes"]["width"] == {"min": 80, "median": 80, "max": 80}
    assert read_json(tmp_path / "metrics.json") == metrics
    with open(tmp_path / "results" / "class_counts.csv", newline="", encoding="utf-8") as stream:
        assert [row["shown_as"] for row in csv.DictReader(stream)] == ["Virale Pneumonie", "class 2 ('q')"]
    assert cv2.imread(str(tmp_path / "results" / "contact_sheet.png"), cv2.IMREAD_GRAYSCALE).max() > 100
    assert "7 images of 2 classes kept; 0 excluded; 0 near-duplicate pairs; 7 groups" in describe(metrics)


def test_grey_levels_are_counted_over_kept_images_only(build) -> None:
    flat = {f"a/{level}.png": png(np.full((20, 30), level, np.uint8)) for level in (7, 9)}
    again = {"a/z.png": png(np.dstack([np.full((20, 30), 9, np.uint8)] * 3))}
    catalog, _ = build({**flat, **again, "b/1.png": png(np.full((16, 16), 200, np.uint8)), "b/2.png": b"text"})
    assert catalog.intensity.shape == (2, 256) and catalog.intensity.dtype == np.int64
    assert catalog.intensity[0, [7, 8, 9]].tolist() == [600, 0, 600] and catalog.intensity[0].sum() == 1200
    assert catalog.intensity[1, 200] == catalog.intensity[1].sum() == 256


def test_one_large_picture_of_each_class_is_shown(build) -> None:
    large = cv2.resize(picture(5), (1200, 900), interpolation=cv2.INTER_CUBIC)
    members = {"a/large.png": png(large), "b/1.png": png(picture(6)), "b/2.png": png(picture(7)), "b/3.png": b"text"}
    catalog, _ = build(members)
    assert catalog.examples[0].shape == (384, 512) and catalog.examples[0].dtype == np.uint8
    np.testing.assert_array_equal(catalog.examples[0], cv2.resize(large, (512, 384), interpolation=cv2.INTER_AREA))
    assert any(np.array_equal(catalog.examples[1], picture(seed)) for seed in (6, 7))
