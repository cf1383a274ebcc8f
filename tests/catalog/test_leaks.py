"""What the catalog says of leaks, on pictures that resemble nothing else."""

import csv
import logging
from pathlib import Path

import cv2
import numpy as np

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.report import describe, summarise, write_report
from tests.catalog.archives import dataset_of, two_classes
from tests.imaging.pictures import make_zip, picture, png


def _half(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def _report(tmp_path: Path, make_config, members: dict[str, bytes], **overrides) -> tuple[dict, list[dict[str, str]]]:
    archive = make_zip(tmp_path / "archive.zip", members)
    catalog = build_catalog(archive, dataset_of(make_config, **overrides), tmp_path / "catalog.csv")
    metrics = summarise(catalog, "test", {})
    write_report(catalog, metrics, "test", tmp_path / "metrics.json", tmp_path / "results")
    with open(tmp_path / "results/leaks.csv", newline="", encoding="utf-8") as stream:
        return metrics, list(csv.DictReader(stream))


def test_a_set_without_leaks_says_so_and_stays_quiet(tmp_path: Path, make_config, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        metrics, rows = _report(tmp_path, make_config, two_classes())
    assert set(metrics["leaks"].values()) == {0} and rows == [] and not caplog.records


def test_a_look_alike_of_another_label_is_a_conflict_that_is_kept_and_listed(
    tmp_path: Path, make_config, caplog
) -> None:
    pixels = picture(70, 120, 160)
    metrics, rows = _report(
        tmp_path, make_config, {**two_classes(), "a/secret.png": png(pixels), "b/name.png": png(_half(pixels))}
    )
    assert metrics["leaks"]["near_duplicate_label_conflicts"] == 1 and metrics["images_kept"] == 10
    (row,) = rows
    assert row["finding"] == "near-duplicate" and {row["label"], row["other_label"]} == {"a", "b"}
    assert (row["two_labels"], row["two_patients"], row["two_splits"]) == ("yes", "", "")
    assert "carry two labels" in caplog.text and "(1 of two labels)" in describe(metrics)
    text = (tmp_path / "results/leaks.csv").read_text(encoding="utf-8")
    assert "secret" not in text and "name.png" not in text


def test_without_ids_every_look_alike_is_listed_conflicts_first(tmp_path: Path, make_config) -> None:
    members = two_classes(3)
    for place in range(4):
        pixels = picture(70 + place, 120, 160)
        label = "b" if place == 2 else "a"
        members |= {f"a/x{place}.png": png(pixels), f"{label}/y{place}.png": png(_half(pixels))}
    metrics, rows = _report(tmp_path, make_config, members)
    assert metrics["leaks"]["near_duplicate_pairs"] == len(rows) == 4
    assert [row["two_labels"] for row in rows] == ["yes", "", "", ""]


def test_look_alikes_of_one_patient_are_no_finding_and_of_two_are(tmp_path: Path, make_config) -> None:
    pixels, other = picture(70, 120, 160), picture(71, 120, 160)
    members = {
        "a/p1/1.png": png(pixels), "a/p1/2.png": png(_half(pixels)),
        "a/p2/1.png": png(other), "a/p3/1.png": png(_half(other)), "b/p4/1.png": png(picture(72)),
    }  # fmt: skip
    metrics, rows = _report(tmp_path, make_config, members, group_pattern=r"/(?P<group>p\d)/")
    assert metrics["leaks"]["near_duplicate_pairs"] == 2
    assert metrics["leaks"]["near_duplicate_pairs_of_two_patients"] == 1
    assert [(row["two_patients"], row["two_labels"]) for row in rows] == [("yes", "")]


def test_an_image_without_an_id_counts_with_the_patient_it_looks_like(tmp_path: Path, make_config) -> None:
    pixels = picture(70, 120, 160)
    members = {"a/p1/1.png": png(pixels), "a/unknown.png": png(_half(pixels)), "b/p4/1.png": png(picture(72))}
    metrics, rows = _report(tmp_path, make_config, members, group_pattern=r"/(?P<group>p\d)/")
    assert metrics["leaks"]["near_duplicate_pairs"] == 1 and rows == []


def test_what_crosses_a_given_split_is_counted_and_nothing_does_without_one(tmp_path: Path, make_config) -> None:
    pixels = picture(70, 120, 160)
    members = {f"{part}/{name}": data for part in ("train", "test") for name, data in two_classes(3).items()}
    members = {name: data for place, (name, data) in enumerate(members.items()) if place % 3}
    members |= {
        "train/a/z1.png": png(pixels), "test/a/z2.png": png(_half(pixels)),
        "train/b/y.png": png(picture(73)), "test/b/y.png": png(picture(73)),
    }  # fmt: skip
    metrics, rows = _report(tmp_path, make_config, members)
    leaks = metrics["leaks"]
    assert leaks["given_split_groups"] == leaks["given_split_near_duplicate_pairs"] == 1
    assert leaks["given_split_exact_duplicates"] == leaks["exact_duplicates"] > 0
    near = [row for row in rows if row["finding"] == "near-duplicate"]
    assert [{row["given_split"], row["other_given_split"]} for row in near] == [{"train", "test"}]
    ignored, rows = _report(tmp_path, make_config, members, given_split="ignore")
    assert {key: count for key, count in ignored["leaks"].items() if key.startswith("given") and count} == {}
    assert all(not row["two_splits"] for row in rows)


def test_a_patient_in_two_parts_of_a_given_split_is_listed_by_two_images(tmp_path: Path, make_config, caplog) -> None:
    members = {
        f"{part}/{label}/{patient}/{number}.png": png(picture(100 * place + 10 * number + len(part)))
        for place, (part, label, patient) in enumerate(
            [("train", "a", "p1"), ("test", "a", "p1"), ("val", "a", "p1"), ("train", "b", "p2"), ("test", "b", "p3")]
        )
        for number in (1, 2)
    }
    metrics, rows = _report(tmp_path, make_config, members, group_pattern=r"/(?P<group>p\d)/")
    assert metrics["leaks"]["given_split_groups"] == 1
    assert {row["finding"] for row in rows} == {"group in two parts"}
    assert [(row["given_split"], row["other_given_split"]) for row in rows] == [("train", "val"), ("train", "test")]
    assert {(row["two_splits"], row["two_labels"], row["two_patients"]) for row in rows} == {("yes", "", "")}
    assert "1 groups" in caplog.text and "p1" not in (tmp_path / "results/leaks.csv").read_text(encoding="utf-8")


def test_an_archive_of_one_patient_who_is_in_one_part_has_no_group_that_crosses(tmp_path: Path, make_config) -> None:
    members = {f"train/{label}/p1/{n}.png": png(picture(10 * n + len(label))) for label in ("a", "bb") for n in (1, 2)}
    metrics, rows = _report(tmp_path, make_config, members, group_pattern=r"/(?P<group>p\d)/")
    assert metrics["leaks"]["given_split_groups"] == 0
    # The same patient lies in both classes: that is said.
    assert metrics["leaks"]["groups_of_two_labels"] == 1
    assert [(row["finding"], row["label"], row["other_label"]) for row in rows] == [("group of two labels", "a", "bb")]
