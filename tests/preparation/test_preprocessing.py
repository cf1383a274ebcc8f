import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.catalog.records import SplitRow, write_rows
from chestbench.core.config import Preprocess
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import read_json
from chestbench.datasets.sample import truth
from chestbench.imaging.regions.find import find_region
from chestbench.imaging.resize import resize_grey
from chestbench.preparation import sheets
from chestbench.preparation.loading import SplitFolder
from chestbench.preparation.preprocessing import SplitFacts, describe_preprocess, preprocess_split
from chestbench.preparation.sampling import read_class_index
from chestbench.preparation.sheets import choose_examples
from tests.imaging.pictures import picture, png

SETTINGS = Preprocess(size=32, fit="pad", roi="none")


@pytest.fixture
def split(tmp_path: Path) -> list[SplitRow]:
    """data/split with nine pictures of two classes and its table; returns the rows."""
    rows = []
    for place, name in enumerate(["train"] * 5 + ["val"] * 2 + ["test"] * 2):
        label = ("정상 'q'", "B b")[place % 2]
        path = f"{name}/{label}/{place:016x}.png"
        (tmp_path / "split" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "split" / path).write_bytes(png(picture(place, 40 + place, 70)))
        study = f"s{place:05d}" if place % 2 else ""
        rows.append(SplitRow(f"{place:016x}", name, label, f"g{place:05d}", study, path, ""))
    write_rows(tmp_path / "split.csv", SplitRow, rows)
    return rows


def _run(folder: Path, **overrides) -> dict:
    facts = {key: overrides.pop(key) for key in ("classes", "modality") if key in overrides}
    source = SplitFolder(folder / "split", folder / "split.csv", overrides.pop("masks", None))
    arguments = {"settings": SETTINGS, "facts": SplitFacts("image", **facts), **overrides}
    return preprocess_split(source, folder / "processed", **arguments)


def test_arrays_tables_and_order_agree(split: list[SplitRow], tmp_path: Path) -> None:
    metrics = _run(tmp_path)
    for name in ("train", "val", "test"):
        array = np.load(tmp_path / "processed" / f"{name}.npy", mmap_mode="r")
        expected = [row for row in split if row.split == name]
        assert array.shape == (len(expected), 32, 32, 1) and array.dtype == np.uint8
        with open(tmp_path / "processed" / f"{name}.csv", newline="", encoding="utf-8") as stream:
            table = list(csv.DictReader(stream))
        assert list(table[0]) == ["image_id", "label", "class_index", "group", "study"]
        assert [(row["image_id"], row["label"], row["group"], row["study"]) for row in table] == [
            (row.image_id, row.label, row.group, row.study) for row in expected
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
    assert _run(tmp_path, settings=Preprocess(size=32, fit="stretch", roi="none"))["data_sha256"] != padded


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


CT = [Preprocess(size=64, fit="pad", roi=roi) for roi in ("body", "body_crop", "lungs", "lungs_crop", "mask")]


@pytest.fixture
def slices(tmp_path: Path) -> list[SplitRow]:
    """data/split with six slices of the generator and two black pictures, and data/masks with good and bad masks."""
    drawn = [member for _, member in list(truth(12))[::2]][:6]
    masks = {0: (0, "good.png"), 1: (1, "gone.png"), 2: (2, "text.png"), 3: (3, "empty.png"), 4: (4, "wide.png")}
    rows = []
    for place, name in enumerate(["train"] * 4 + ["val"] * 2 + ["test"] * 2):
        pixels = drawn[place].pixels if place < 6 else np.zeros((64, 64), np.uint8)
        path = f"{name}/{'AB'[place % 2]}/{place:016x}.png"
        (tmp_path / "split" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "split" / path).write_bytes(png(pixels))
        mask = masks[place][1] if place in masks else ""
        rows.append(SplitRow(f"{place:016x}", name, "AB"[place % 2], f"g{place:05d}", "", path, mask))
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks/good.png").write_bytes(png(drawn[0].lungs.astype(np.uint8) * 255))
    (tmp_path / "masks/text.png").write_bytes(b"text")
    (tmp_path / "masks/empty.png").write_bytes(png(np.zeros(drawn[3].pixels.shape, np.uint8)))
    (tmp_path / "masks/wide.png").write_bytes(png(np.full((40, 120), 255, np.uint8)))
    write_rows(tmp_path / "split.csv", SplitRow, rows)
    return rows


def _run_regions(folder: Path, settings: Preprocess, **overrides) -> dict:
    places = {"masks": folder / "masks", "sheets": folder / "sheets", "modality": "CT"}
    return _run(folder, settings=settings, **{**places, **overrides})


@pytest.mark.parametrize("settings", CT, ids=lambda settings: settings.roi)
def test_every_roi_is_written_as_find_region_gives_it(slices, tmp_path: Path, settings: Preprocess) -> None:
    metrics = _run_regions(tmp_path, settings)
    assert metrics["roi"] == settings.roi
    assert read_json(tmp_path / "processed/info.json")["roi"] == settings.roi
    for name in ("train", "val", "test"):
        array = np.load(tmp_path / f"processed/{name}.npy")
        failed = 0
        for row, pixels in zip([row for row in slices if row.split == name], array, strict=True):
            original = cv2.imread(str(tmp_path / "split" / row.path), cv2.IMREAD_GRAYSCALE)[:, :, np.newaxis]
            mask = cv2.imread(str(tmp_path / "masks" / row.mask), cv2.IMREAD_GRAYSCALE) if row.mask else None
            region = find_region(original, settings.roi, mask, "CT")
            failed += bool(region.reason)
            np.testing.assert_array_equal(pixels, resize_grey(region.pixels, 64, "pad"))
        assert metrics["fallbacks"][name] == failed == sum(metrics["fallback_reasons"][name].values())
    assert metrics["whole_pictures"] == {"train": 0, "val": 0, "test": 2}, "nothing is found in black pictures"
    assert f"roi {settings.roi} (not found in {sum(metrics['fallbacks'].values())})" in describe_preprocess(metrics)


def test_masks_that_are_missing_unreadable_empty_or_of_another_shape_are_counted(
    slices, tmp_path: Path, caplog
) -> None:
    metrics = _run_regions(tmp_path, CT[-1])
    assert metrics["fallbacks"] == {"train": 3, "val": 2, "test": 2}
    assert metrics["fallback_reasons"]["train"] == {
        "the mask cannot be read": 1,
        "the mask is empty": 1,
        "the mask is missing": 1,
    }
    assert metrics["fallback_reasons"]["val"] == {
        "the mask has another aspect ratio than the picture": 1,
        "the mask is missing": 1,
    }
    warning = caplog.records[0].getMessage()
    assert "roi mask: not found in 7 of 8 images, of which 5 show the body and 2 the whole picture instead" in warning
    assert "the mask is missing (4)" in warning and "gone.png" not in warning


def test_roi_mask_needs_a_data_set_with_masks(split, tmp_path: Path) -> None:
    with pytest.raises(ChestbenchError, match=r"preprocess\.roi: .* no image has a mask"):
        _run(tmp_path, settings=CT[-1])
    assert not (tmp_path / "processed").exists()


def test_workers_change_neither_arrays_nor_sheets(slices, tmp_path: Path) -> None:
    def everything() -> dict[str, bytes]:
        return {
            path.name: path.read_bytes() for name in ("processed", "sheets") for path in (tmp_path / name).iterdir()
        }

    _run_regions(tmp_path, CT[3], workers=1)
    alone = everything()
    _run_regions(tmp_path, CT[3], workers=4)
    assert everything() == alone and {"contours.png", "stages.png", "train.npy"} <= set(alone)


def test_no_roi_means_no_fallback_and_no_warning(split, tmp_path: Path, caplog) -> None:
    metrics = _run(tmp_path, sheets=tmp_path / "sheets")
    assert metrics["fallbacks"] == metrics["whole_pictures"] == {"train": 0, "val": 0, "test": 0}
    assert "roi" not in describe_preprocess(metrics) and not caplog.records
    names = sorted(path.name for path in (tmp_path / "sheets").iterdir())
    assert names == [
        "contours.png",
        "fallbacks.csv",
        "stages.png",
    ]


@pytest.mark.parametrize(
    ("roi", "expected"),
    [
        ("none", "4 of 5 training images (roi none: nothing is cut off)"),
        ("body", "roi body: contour on 4 of 5 training images; 2 of the 5 fell back"),
    ],
)
def test_the_contours_say_how_many_of_which_images_they_show(
    split: list[SplitRow], tmp_path: Path, monkeypatch, roi: str, expected: str
) -> None:
    black = cv2.imencode(".png", np.zeros((40, 70), np.uint8))[1].tobytes()
    for row in split:
        if row.label == "B b":
            (tmp_path / "split" / row.path).write_bytes(black)
    titles = []
    monkeypatch.setattr(sheets, "ORIGINALS", 4)
    monkeypatch.setattr(
        sheets,
        "draw_sheet",
        lambda rows, title, *rest: titles.append(title) or np.zeros((9, 9), np.uint8),
    )
    _run(tmp_path, settings=Preprocess(size=32, fit="pad", roi=roi), modality="CT", sheets=tmp_path / "sheets")
    assert titles[0] == expected


def test_examples_are_spread_over_classes_and_over_train(tmp_path: Path) -> None:
    def rows():
        for place in range(300):
            name, label = "train" if place < 200 else "val", "big" if place % 20 else "small"
            yield SplitRow(f"{place:016x}", name, label, "g", "", "p", "")

    counts = {"big": 190, "none": 0, "small": 10}
    chosen = choose_examples(rows(), counts, {name: name for name in counts}, masks=False)
    places = sorted(int(image_id, 16) for image_id in chosen.originals)
    small = [place for place in places if place % 20 == 0]
    assert len(small) == 10 and len(places) == 22 and max(places) < 200
    gaps = np.diff([place for place in places if place % 20])
    assert gaps.min() >= 14 and gaps.max() <= 19
    assert len(chosen.examples) == 2 and max(int(image_id, 16) for image_id in chosen.examples) < 200
    assert list(chosen.drawn) == ["big", "small"]
    assert chosen.heads == ("original", "body", "body_crop", "lungs", "lungs_crop", "network input")


def test_a_region_that_fails_in_one_class_only_is_told(split: list[SplitRow], tmp_path: Path, caplog) -> None:
    black = cv2.imencode(".png", np.zeros((40, 70), np.uint8))[1].tobytes()
    blacked = [row for row in split if row.label == "B b"]
    for row in blacked:
        (tmp_path / "split" / row.path).write_bytes(black)
    settings = Preprocess(size=32, fit="pad", roi="body")
    metrics = _run(tmp_path, settings=settings, modality="CT", sheets=tmp_path / "sheets")
    assert metrics["fallbacks_per_class"]["B b"] == len(blacked) == 4
    assert metrics["fallbacks_per_class"]["정상 'q'"] == 0
    assert "fails more often in some classes than in others (B b 100%, 정상 'q' 0%)" in caplog.text
    with open(tmp_path / "sheets/fallbacks.csv", newline="", encoding="utf-8") as stream:
        failed = {row["image_id"] for row in csv.DictReader(stream)}
    assert failed == {row.image_id for row in blacked}
