from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.catalog.audit import build_catalog
from chestbench.catalog.mask_looks import check_masks, looks_like_mask
from chestbench.catalog.mask_pairs import find_mask_like
from chestbench.core.errors import ChestbenchError
from tests.catalog.archives import dataset_of
from tests.imaging.pictures import make_zip, picture, png


def levels(pixels: np.ndarray) -> np.ndarray:
    return np.bincount(pixels.ravel(), minlength=256).astype(np.uint32)


def mask(seed: int, top: int = 255) -> np.ndarray:
    """Two lungs, uint8 (120, 160)."""
    generator, pixels = np.random.default_rng(seed), np.zeros((120, 160), np.uint8)
    for x in (50, 110):
        axes = tuple(int(value) for value in generator.integers(18, 34, 2))
        cv2.ellipse(pixels, (x + int(generator.integers(-5, 5)), 60), axes, 10, 0, 360, top, -1)
    return pixels


def jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)


@pytest.mark.parametrize("top", [1, 2, 128, 255])
@pytest.mark.parametrize("seed", range(4))
def test_masks_of_any_two_values_look_like_masks(seed: int, top: int) -> None:
    assert looks_like_mask(levels(mask(seed, top)))


@pytest.mark.parametrize("quality", [40, 75, 95])
def test_masks_after_jpeg_and_after_a_change_of_size_do_too(quality: int) -> None:
    assert looks_like_mask(levels(jpeg(mask(quality), quality)))
    assert looks_like_mask(levels(cv2.resize(mask(quality), (80, 60), interpolation=cv2.INTER_AREA)))
    three = np.maximum(mask(1), mask(1, 255)[:, ::-1] // 2)
    assert looks_like_mask(levels(three))


@pytest.mark.parametrize("seed", range(4))
def test_pictures_do_not(seed: int) -> None:
    generator = np.random.default_rng(seed)
    assert not looks_like_mask(levels(picture(seed)))
    assert not looks_like_mask(levels(np.full((50, 50), 7, np.uint8)))
    # A slice above the lungs, nearly all air: noise, and a little of the patient.
    blank = np.clip(generator.normal(3, 2, (200, 200)), 0, 255).astype(np.uint8)
    assert not looks_like_mask(levels(blank))
    blank[90:110, 90:110] = generator.integers(60, 250, (20, 20))
    assert not looks_like_mask(levels(blank))
    slice_ = np.where(mask(seed) > 0, picture(seed, 120, 160), 0).astype(np.uint8)
    assert not looks_like_mask(levels(slice_)) and not looks_like_mask(np.zeros(256))


def _checked(names: dict[str, bool], classes: dict[str, int], excluded: list[str] | None = None) -> int:
    """Check names, each with whether it looks like a mask; the class is the folder that `classes` names."""
    label = np.array([next((code for name, code in classes.items() if name in each), -1) for each in names])
    looks = np.array(list(names.values()))
    return check_masks([*names], label, np.ones(len(names), bool), looks, [*classes], excluded or [])


def test_a_folder_of_masks_stops_the_run_with_the_line_that_leaves_it_out() -> None:
    names = {f"a/{part}/{number}.png": part == "roi x" for part in ("scan", "roi x") for number in range(5)}
    names |= {f"b/scan/{number}.png": False for number in range(5)}
    with pytest.raises(ChestbenchError) as raised:
        _checked(names, {"a/": 0, "b/": 1}, ["*/old/*"])
    told = str(raised.value)
    assert "received 5 that look like masks" in told and "'a/roi x' (5 of 5)" in told
    assert "dataset.exclude=['*/old/*', '*/roi x/*']" in told


def test_where_class_folders_lie_below_the_masks_folder_it_is_the_one_left_out() -> None:
    names = {
        f"{top}/{label}/{n}.png": top == "output" for top in ("input", "output") for label in "ab" for n in range(4)
    }
    with pytest.raises(ChestbenchError, match=r"dataset\.exclude=\['output/\*'\]"):
        _checked(names, {"/a/": 0, "/b/": 1})


def test_masks_among_pictures_are_told_by_what_their_names_end_with() -> None:
    names = {f"a/{number}{end}": "_seg" in end for number in range(4) for end in (".png", "_seg.png")}
    with pytest.raises(ChestbenchError, match=r"dataset\.exclude=\['\*_seg\.png'\]"):
        _checked(names, {"a/": 0})
    (found,) = find_mask_like([*names], np.arange(8), np.array(list(names.values())))
    assert (found.folder, found.count, found.of) == ("a", 4, 8)


def test_without_partners_most_of_a_folder_stops_too_and_the_top_folder_has_a_line() -> None:
    with pytest.raises(ChestbenchError, match=r"'p\[\[\]1\]/\*'"):
        _checked({**{f"p[1]/{n}.png": True for n in range(3)}, **{f"a/x{n}.png": False for n in range(90)}}, {"a/": 0})


def test_a_few_that_pair_with_nothing_are_warned_of_only(caplog) -> None:
    names = {f"a/{number}.png": number < 5 for number in range(200)}
    assert _checked(names, {"a/": 0}) == 5
    assert "5 pictures have two grey values" in caplog.text and "'a'" in caplog.text


def test_one_mask_of_a_class_of_many_is_warned_of_only(caplog) -> None:
    names = {f"a/scan/{number}.png": False for number in range(100)} | {"a/other/7.png": True}
    assert _checked(names, {"a/": 0}) == 1 and "two grey values" in caplog.text
    assert _checked({f"a/{number}.png": False for number in range(9)}, {"a/": 0}) == 0


def test_the_catalog_stops(tmp_path: Path, make_config) -> None:
    members = {f"{label}/{n}.png": png(picture(n + 50 * (label == "b"))) for label in "ab" for n in range(6)}
    dataset = dataset_of(make_config)
    build_catalog(make_zip(tmp_path / "clean.zip", members), dataset, tmp_path / "clean.csv", 2)
    members |= {f"{label}/{n}_x.png": png(mask(n + 50 * (label == "b"))) for label in "ab" for n in range(6)}
    path = make_zip(tmp_path / "masks.zip", members)
    with pytest.raises(ChestbenchError, match=r"12 that look like masks .* dataset\.exclude=\['\*_x\.png'\]"):
        build_catalog(path, dataset, tmp_path / "masks.csv", 2)
    assert not (tmp_path / "masks.csv").exists()
    kept = build_catalog(path, dataset_of(make_config, exclude=["*_x.png"]), tmp_path / "masks.csv", 2)
    assert kept.excluded_by_pattern == 12
