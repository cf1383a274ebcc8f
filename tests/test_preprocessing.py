import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.config import Preprocess
from chestbench.errors import ChestbenchError
from chestbench.files import read_json
from chestbench.imaging.resize import resize_grey
from chestbench.preprocessing import describe_preprocess, preprocess_split
from chestbench.records import SplitRow, write_rows
from chestbench.sampling import read_class_index
from tests.imaging.pictures import picture, png

SETTINGS = Preprocess(size=32, fit="pad")


@pytest.fixture
def split(tmp_path: Path) -> list[SplitRow]:
    """data/split with nine pictures of two classes and its table; returns the rows."""
    rows = []
    for place, name in enumerate(["train"] * 5 + ["val"] * 2 + ["test"] * 2):
        label = ("정상 'q'", "B b")[place % 2]
        path = f"{name}/{label}/{place:016x}.png"
        (tmp_path / "split" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "split" / path).write_bytes(png(picture(place, 40 + place, 70)))
        rows.append(SplitRow(f"{place:016x}", name, label, f"g{place:05d}", path))
    write_rows(tmp_path / "split.csv", SplitRow, rows)
    return rows


def _run(folder: Path, **overrides) -> dict:
    arguments = {"settings": SETTINGS, "classes": None, "split_unit": "image", **overrides}
    return preprocess_split(folder / "split", folder / "split.csv", folder / "processed", **arguments)


def test_arrays_tables_and_order_agree(split: list[SplitRow], tmp_path: Path) -> None:
    metrics = _run(tmp_path)
    for name in ("train", "val", "test"):
        array = np.load(tmp_path / "processed" / f"{name}.npy", mmap_mode="r")
        expected = [row for row in split if row.split == name]
        assert array.shape == (len(expected), 32, 32, 1) and array.dtype == np.uint8
        with open(tmp_path / "processed" / f"{name}.csv", newline="", encoding="utf-8") as stream:
            table = list(csv.DictReader(stream))
        assert [(row["image_id"], row["label"], row["group"]) for row in table] == [
            (row.image_id, row.label, row.group) for row in expected
        ]
        for row, pixels in zip(expected, array, strict=True):
            place = int(row.image_id, 16)
            np.testing.assert_array_equal(pixels, resize_grey(picture(place, 40 + place, 70), 32, "pad"))
    info = read_json(tmp_path / "processed" / "info.json")
    assert info["classes"] == ["B b", "정상 'q'"] and info["size"] == 32 and info["split_unit"] == "image"
    assert info["data_sha256"] == metrics["data_sha256"] and len(info["data_sha256"]) == 64
    assert read_class_index(tmp_path / "processed" / "train.csv").tolist() == [1, 0, 1, 0, 1]
    assert metrics["images"]["train"] == {"B b": 2, "정상 'q'": 3}
    assert metrics["bytes"] == 9 * 32 * 32
    assert cv2.imread(str(tmp_path / "processed" / "preview.png")) is not None
    assert "9 images as 32 x 32 grey (pad)" in describe_preprocess(metrics)


def test_given_classes_decide_the_index(split: list[SplitRow], tmp_path: Path) -> None:
    _run(tmp_path, classes=["정상 'q'", "B b"])
    assert read_class_index(tmp_path / "processed" / "train.csv").tolist() == [0, 1, 0, 1, 0]


def test_stretch_and_pad_differ(split: list[SplitRow], tmp_path: Path) -> None:
    padded = _run(tmp_path)["data_sha256"]
    assert _run(tmp_path, settings=Preprocess(size=32, fit="stretch"))["data_sha256"] != padded


def test_the_hash_covers_tables_as_well(split: list[SplitRow], tmp_path: Path) -> None:
    before = _run(tmp_path)["data_sha256"]
    assert _run(tmp_path, workers=1)["data_sha256"] == before
    assert _run(tmp_path, classes=["정상 'q'", "B b"])["data_sha256"] != before


def test_an_unknown_label_is_refused(split: list[SplitRow], tmp_path: Path) -> None:
    with pytest.raises(ChestbenchError, match=r"received \['B b'\] as well"):
        _run(tmp_path, classes=["정상 'q'", "other"])


@pytest.mark.parametrize(("damage", "message"), [(None, "found none"), (b"text", "changed file")])
def test_a_missing_or_changed_image_is_named_and_nothing_half_written(
    split, tmp_path: Path, damage, message: str
) -> None:
    _run(tmp_path)
    before = sorted(path.name for path in (tmp_path / "processed").iterdir())
    victim = tmp_path / "split" / split[6].path
    victim.unlink() if damage is None else victim.write_bytes(damage)
    with pytest.raises(ChestbenchError, match=message) as raised:
        _run(tmp_path)
    assert split[6].image_id in str(raised.value)
    assert sorted(path.name for path in (tmp_path / "processed").iterdir()) == before
    assert not list(tmp_path.glob(".*"))


def test_a_table_in_another_order_is_refused(split: list[SplitRow], tmp_path: Path) -> None:
    write_rows(tmp_path / "split.csv", SplitRow, reversed(split))
    with pytest.raises(ChestbenchError, match="sorted by split"):
        _run(tmp_path)
