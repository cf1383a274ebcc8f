"""A set from elsewhere becomes images like our own; what is left out is counted, and why."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.catalog.records import CatalogRow, read_rows
from chestbench.core.errors import ChestbenchError
from chestbench.external.known import ALIKE, SAME
from chestbench.external.prepare import UNMAPPED, describe_prepared
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.resize import resize_grey
from chestbench.preparation.arrays import load_info, load_split
from tests.external.sets import STUDY_CLASSES, elsewhere, encode, of_study, picture, png, prepared, write_folder
from tests.imaging.pictures import make_zip

COVID, NORMAL = STUDY_CLASSES
CLASSES = {"covid": COVID, "healthy": NORMAL}


def config_with(make_config, path: Path, classes: dict | None = None, **entry: object):
    known = {"name": "other", "path": str(path), "classes": classes or CLASSES, **entry}
    return make_config({"preprocess.size": 32, "evaluate.external": [known]})


def troubles() -> dict[str, bytes]:
    """Pictures of the data set in other clothes, copies, damaged files and a class that is none of ours."""
    half = cv2.resize(of_study(5, 0), (32, 28), interpolation=cv2.INTER_AREA)
    return {
        "covid/p90-0.tif": encode(of_study(4, 1).astype(np.uint16) * 257, "TIFF"),
        "healthy/p91-0.png": png(half),
        "healthy/p92-0.jpg": encode(of_study(7, 1), "JPEG", quality=60),
        "covid/p00-9.png": elsewhere()["covid/p00-0.png"],
        "covid/p99-0.png": b"no picture",
        **{f"pneumonia/p80-{number}.png": png(picture(95_000 + number, 70, 90)) for number in range(3)},
    }


def test_everything_left_out_is_counted_and_said_why(study: Path, make_config, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "elsewhere", elsewhere() | troubles())
    about, output = prepared(study, config_with(make_config, folder, group_pattern=r"(?P<group>p\d\d)-"))
    assert about["classes"] == CLASSES
    assert about["left_out"] == {"pneumonia": 3}
    assert about["known"] == {"same": 1, "alike": 2}
    assert about["excluded"] == {"not an image": 1, "exact duplicate": 1}
    assert about["images"] == {COVID: 6, NORMAL: 6}
    assert (about["groups"], about["split_unit"]) == (6, "patient")
    assert (about["source"], about["synthetic"], about["modality"]) == ("folder", False, "CT")
    reasons = {row.member: row.reason for row in read_rows(output / "catalog.csv", CatalogRow) if row.reason}
    assert reasons.pop("covid/p00-9.png").startswith("exact duplicate of")
    assert reasons.pop("covid/p99-0.png").startswith("not an image")
    assert reasons == {
        "covid/p90-0.tif": SAME,
        "healthy/p91-0.png": ALIKE,
        "healthy/p92-0.jpg": ALIKE,
        **{f"pneumonia/p80-{number}.png": UNMAPPED for number in range(3)},
    }
    summary = describe_prepared(about)
    assert "12 images in 6 groups (by patient)" in summary
    assert (
        "left out: 3 of classes that are none of ours (pneumonia), 3 that the data set has itself, 2 unusable"
        in summary
    )
    names = sorted(path.name for path in output.iterdir())
    assert names == ["catalog.csv", "info.json", "set.json", "test.csv", "test.npy"]
    others = (output / "set.json").read_text() + (output / "info.json").read_text() + (output / "test.csv").read_text()
    assert str(folder) not in others and "p00" not in others


def test_images_are_those_that_the_networks_would_get_from_the_study(study: Path, make_config, tmp_path: Path) -> None:
    files = elsewhere()
    folder = write_folder(tmp_path / "elsewhere", files)
    _, output = prepared(study, config_with(make_config, folder))
    split, info = load_split(output, "test"), load_info(output)
    assert (info["classes"], info["size"], info["split_unit"]) == (STUDY_CLASSES, 32, "image")
    expected = {resize_grey(decode_grey(data).pixels, 32, "pad").tobytes(): name for name, data in files.items()}
    for image, label in zip(split.images, split.labels, strict=True):
        assert CLASSES[expected.pop(image.tobytes()).split("/")[0]] == label
    assert not expected
    with open(study / "data/processed/train.csv", encoding="utf-8", newline="") as stream:
        index = {row["label"]: int(row["class_index"]) for row in csv.DictReader(stream)}
    assert {label: int(at) for label, at in zip(split.labels, split.class_index, strict=True)} == index


def test_the_result_depends_on_neither_threads_nor_packing(study: Path, make_config, tmp_path: Path) -> None:
    files = elsewhere() | troubles()
    folder = write_folder(tmp_path / "elsewhere", files)
    first, output = prepared(study, config_with(make_config, folder), workers=1)
    one = {path.name: path.read_bytes() for path in output.iterdir()}
    archive = make_zip(tmp_path / "elsewhere.zip", dict(reversed(files.items())))
    second, output = prepared(study, config_with(make_config, archive), workers=3)
    two = {path.name: path.read_bytes() for path in output.iterdir()}
    assert {key: value for key, value in first.items() if key not in ("bytes", "sha256")} == {
        key: value for key, value in second.items() if key not in ("bytes", "sha256")
    }
    assert {name for name in one if one[name] != two[name]} == {"set.json"}


def test_classes_of_equal_name_need_no_mapping(study: Path, make_config, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "elsewhere", elsewhere(classes=(COVID, "Flu")))
    config = make_config({"preprocess.size": 32, "evaluate.external": [{"name": "other", "path": str(folder)}]})
    about, _ = prepared(study, config)
    assert about["images"] == {COVID: 6, NORMAL: 0} and about["left_out"] == {"Flu": 6}


def fails(study: Path, config) -> str:
    with pytest.raises(ChestbenchError) as error:
        prepared(study, config)
    assert not (study / "data/external/other").exists()
    assert not list((study / "data/external").glob("*"))
    return str(error.value)


def test_nothing_in_common(study: Path, make_config, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "elsewhere", elsewhere())
    config = make_config({"preprocess.size": 32, "evaluate.external": [{"name": "other", "path": str(folder)}]})
    text = fails(study, config)
    assert text.startswith("evaluate.external.other.classes: expected classes in common, received none")
    assert "'covid', 'healthy'" in text and f"{COVID!r}, {NORMAL!r}" in text


def test_a_copy_of_the_study_is_not_from_elsewhere(study: Path, make_config, tmp_path: Path) -> None:
    files = {f"covid/{n}.png": png(of_study(4 * n, 0)) for n in range(4)}
    files |= {f"healthy/{n}.jpg": encode(of_study(4 * n + 1, 0), "JPEG", quality=80) for n in range(4)}
    text = fails(study, config_with(make_config, write_folder(tmp_path / "copy", files)))
    assert text.startswith("evaluate.external.other: expected pictures that the networks do not know, received 8")


def test_errors_of_the_audit_are_told_of_the_set(study: Path, make_config, tmp_path: Path) -> None:
    empty = write_folder(tmp_path / "flat", {"a.png": png(picture(1)), "b.png": png(picture(2))})
    assert fails(study, config_with(make_config, empty)).startswith(
        "evaluate.external.other: data set: expected a folder"
    )
    folder = write_folder(tmp_path / "elsewhere", elsewhere())
    text = fails(study, config_with(make_config, folder, group_pattern=r"(?P<group>nobody\d)"))
    assert text.startswith("evaluate.external.other.group_pattern: expected")
