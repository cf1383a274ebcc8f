"""Regions: judged against the generator's lungs, on drawn X-rays and CT slices, and on a handful of real pictures."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from chestbench.datasets.sample import truth
from chestbench.imaging.decode import decode_grey
from chestbench.imaging.regions.find import ROIS, find_region, looks_like_ct
from tests.imaging.pictures import picture

SEGMENTED = ("body", "body_crop", "lungs", "lungs_crop")


def dice(first: np.ndarray, second: np.ndarray) -> float:
    return float(
        2 * np.count_nonzero((first > 0) & (second > 0)) / (np.count_nonzero(first) + np.count_nonzero(second))
    )


def ellipse(image: np.ndarray, centre: tuple[int, int], axes: tuple[int, int], value: int) -> None:
    cv2.ellipse(image, centre, axes, 0, 0, 360, value, -1)


def ct_slice(height: int = 240, width: int = 320) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A trunk with two lungs, windpipe, two arms and a table, on air; returns pixels, trunk and lungs."""
    image = np.full((height, width), 25, np.uint8)
    cv2.line(image, (40, 225), (280, 225), 200, 3)
    for x in (24, 296):
        ellipse(image, (x, 140), (14, 20), 190)
    trunk, lungs = np.zeros_like(image), np.zeros_like(image)
    ellipse(trunk, (160, 115), (112, 85), 1)
    for x in (105, 215):
        ellipse(lungs, (x, 115), (38, 55), 1)
    image[trunk > 0] = 190
    image[lungs > 0] = 50
    cv2.circle(image, (160, 95), 7, 30, -1)
    return _grainy(image)[:, :, np.newaxis], trunk, lungs


def xray(side: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """A chest with shoulders, spine, heart and ribs, on black; returns pixels and lungs."""
    image, lungs = np.zeros((side, side), np.uint8), np.zeros((side, side), np.uint8)
    cv2.fillPoly(image, [np.array([[20, 90], [120, 40], [180, 40], [280, 90], [265, 300], [35, 300]])], 150)
    for x in (98, 202):
        ellipse(lungs, (x, 155), (38, 80), 1)
    image[lungs > 0] = 70
    for y in range(80, 240, 24):
        for x in (98, 202):
            cv2.ellipse(image, (x, y), (40, 14), 0, 190, 350, 105, 4)
    cv2.rectangle(image, (140, 40), (160, 300), 215, -1)
    ellipse(image, (160, 205), (34, 36), 210)
    lungs[image == 210] = 0
    return _grainy(cv2.GaussianBlur(image, (0, 0), 2))[:, :, np.newaxis], lungs


def _grainy(image: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(7).normal(0, 4, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def real(archive: Path, count: int) -> list[np.ndarray]:
    with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as opened:
        names = sorted(name for name in opened.namelist() if name.lower().endswith(("png", "jpg", "jpeg")))
        return [decode_grey(opened.read(name)).pixels for name in names[:: len(names) // count][:count]]


def test_lungs_of_the_generator_are_found() -> None:
    """Ground glass at the rim is as bright as muscle in these slices and is missed: hence not above 0.95."""
    found = []
    for _, drawn in truth(60):
        region = find_region(drawn.pixels[:, :, np.newaxis], "lungs", modality="CT")
        found.append(dice(region.mask, drawn.lungs) if region.kept == "lungs" else 0.0)
    assert np.median(found) > 0.93
    assert np.mean(np.array(found) > 0.7) > 0.93


def test_arms_table_and_air_fall_away_from_the_body() -> None:
    pixels, trunk, _ = ct_slice()
    region = find_region(pixels, "body")
    assert region.kept == "body" and region.reason == ""
    assert dice(region.mask, trunk) > 0.97
    assert not region.pixels[220:].any() and not region.pixels[:, :38].any() and not region.pixels[:, 282:].any()
    np.testing.assert_array_equal(region.pixels[115, 100:200], pixels[115, 100:200])


def test_both_lungs_are_kept_without_the_windpipe() -> None:
    pixels, _, lungs = ct_slice()
    region = find_region(pixels, "lungs")
    assert region.kept == "lungs" and dice(region.mask, lungs) > 0.95
    assert not region.mask[95, 160] and not region.pixels[region.mask == 0].any()


def test_a_crop_is_the_frame_of_the_same_region() -> None:
    pixels, _, _ = ct_slice()
    for roi, margin in (("body", 0), ("lungs", 6)):
        whole, cut = find_region(pixels, roi), find_region(pixels, f"{roi}_crop")
        left, top, width, height = cv2.boundingRect(whole.mask)
        assert cut.pixels.shape == (height + 2 * margin, width + 2 * margin, 1)
        inner = cut.pixels[margin : margin + height, margin : margin + width]
        np.testing.assert_array_equal(inner, whole.pixels[top : top + height, left : left + width])
        np.testing.assert_array_equal(cut.mask, whole.mask)


def test_lungs_of_an_xray_are_found() -> None:
    pixels, lungs = xray()
    assert not looks_like_ct(pixels[:, :, 0])
    region = find_region(pixels, "lungs")
    assert region.reason == "" and dice(region.mask, lungs) > 0.85
    body = find_region(pixels, "body")
    assert body.mask[150, 150] and not body.mask[10, 10] and not body.mask[10, 290]
    assert not (region.mask & ~body.mask & 1).any()


def test_a_body_without_the_middle_of_an_xray_is_refused() -> None:
    """Lungs as black as the air, open to it above: the contour takes them for air."""
    pixels, lungs = xray()
    pixels[cv2.dilate(lungs, np.ones((5, 5), np.uint8)) > 0] = 0
    pixels[:160, 80:120] = pixels[:160, 180:220] = 0
    region = find_region(pixels, "body", modality="X-ray")
    assert (region.kept, region.reason) == ("none", "the body leaves out the middle")
    np.testing.assert_array_equal(region.pixels, pixels)


def test_white_backgrounds_are_not_body() -> None:
    pixels, trunk, lungs = ct_slice()
    page = np.full((400, 500, 1), 255, np.uint8)
    page[60:300, 90:410] = pixels
    for roi, expected in (("body", trunk), ("lungs", lungs)):
        region = find_region(page, roi)
        assert region.reason == ""
        assert dice(region.mask[60:300, 90:410], expected) > 0.94
        assert region.mask[60:300, 90:410].sum() > 0.99 * region.mask.sum()


def test_lungs_that_a_crop_opens_at_the_border_stay_in_the_body() -> None:
    pixels, _, lungs = ct_slice()
    region = find_region(np.ascontiguousarray(pixels[50:180, 70:250]), "lungs")
    assert region.kept == "lungs" and dice(region.mask, lungs[50:180, 70:250]) > 0.93


def test_one_lung_of_two_falls_back_to_the_body() -> None:
    pixels, trunk, _ = ct_slice()
    pixels[50:180, 170:260] = np.maximum(pixels[50:180, 170:260], 190)
    region = find_region(pixels, "lungs")
    assert (region.kept, region.reason) == ("body", "one lung of two")
    assert dice(region.mask, trunk) > 0.97


@pytest.mark.parametrize("shape", [(32, 32), (1, 200), (200, 1), (1, 1), (17, 400), (700, 33)])
@pytest.mark.parametrize("content", ["picture", "black", "white", "stripes"])
def test_odd_pictures_give_a_region_or_a_reason(shape: tuple[int, int], content: str) -> None:
    pixels = {
        "picture": picture(5, *shape),
        "black": np.zeros(shape, np.uint8),
        "white": np.full(shape, 255, np.uint8),
        "stripes": np.tile(np.array([[0, 255]], np.uint8), (shape[0], shape[1] // 2 + 1))[:, : shape[1]],
    }[content][:, :, np.newaxis]
    for roi in SEGMENTED:
        for modality in ("CT", "X-ray", "unknown"):
            region = find_region(pixels, roi, modality=modality)
            assert region.pixels.dtype == np.uint8 and region.pixels.ndim == 3 and region.pixels.size
            assert region.mask.shape == shape and region.mask.any()
            assert bool(region.reason) == (region.kept != roi)
            if content in ("black", "white") or min(shape) < 16:
                assert region.kept == "none" and region.reason
                np.testing.assert_array_equal(region.pixels, pixels)


def test_none_keeps_every_pixel_and_an_unknown_roi_is_refused() -> None:
    pixels = picture(3)[:, :, np.newaxis]
    region = find_region(pixels, "none")
    np.testing.assert_array_equal(region.pixels, pixels)
    assert (region.kept, region.reason) == ("none", "") and region.mask.all()
    with pytest.raises(ValueError, match="received 'heart'"):
        find_region(pixels, "heart")
    assert set(SEGMENTED) | {"none", "mask"} == set(ROIS)


def test_a_mask_that_came_with_the_picture_is_used() -> None:
    pixels, _, lungs = ct_slice()
    region = find_region(pixels, "mask", (lungs * 255)[:, :, np.newaxis])
    assert (region.kept, region.reason) == ("mask", "")
    np.testing.assert_array_equal(region.pixels[:, :, 0], pixels[:, :, 0] * lungs)
    half = cv2.resize(lungs * 255, (160, 120), interpolation=cv2.INTER_AREA)
    assert dice(find_region(pixels, "mask", half).mask, lungs) > 0.97
    np.testing.assert_array_equal(find_region(pixels, "mask", lungs).mask, region.mask, "masks of 0 and 1")


@pytest.mark.parametrize(
    ("mask", "reason"),
    [
        (None, "missing"),
        (np.zeros((240, 320), np.uint8), "empty"),
        (np.full((240, 320), 255, np.uint8), "covers the whole picture"),
        (np.full((240, 240), 255, np.uint8), "another aspect ratio"),
    ],
)
def test_a_useless_mask_falls_back_to_the_body(mask: np.ndarray | None, reason: str) -> None:
    pixels, trunk, _ = ct_slice()
    region = find_region(pixels, "mask", mask)
    assert region.kept == "body" and reason in region.reason
    assert dice(region.mask, trunk) > 0.97
    flat = find_region(np.full((240, 320, 1), 9, np.uint8), "mask", mask)
    assert flat.kept == "none" and reason in flat.reason


def test_threads_do_not_change_a_pixel() -> None:
    pictures = [ct_slice()[0], xray()[0], *(drawn.pixels[:, :, np.newaxis] for _, drawn in list(truth(12))[:6])]
    alone = [find_region(pixels, "lungs_crop") for pixels in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda pixels: find_region(pixels, "lungs_crop"), pictures * 3))
    for place, region in enumerate(together):
        np.testing.assert_array_equal(region.pixels, alone[place % len(alone)].pixels)


@pytest.mark.parametrize(
    ("archive", "ct", "fewest"), [("sars-cov-2-ct.zip", True, 19), ("covid19-radiography-subset.zip", False, 12)]
)
def test_real_pictures(real_data: Path, archive: str, ct: bool, fewest: int) -> None:
    """Lungs are found in most, lie in the body, and are darker than the rest of it."""
    found = told = 0
    for pixels in real(real_data / archive, 20):
        told += looks_like_ct(pixels[:, :, 0]) == ct
        body, lungs = (find_region(pixels, roi, modality="CT" if ct else "X-ray") for roi in ("body", "lungs"))
        assert body.reason == "" and body.mask.mean() > 0.3
        if lungs.kept == "lungs":
            found += 1
            assert np.count_nonzero((lungs.mask > 0) & (body.mask == 0)) < 0.02 * lungs.mask.sum()
            rest = (body.mask > 0) & (lungs.mask == 0)
            assert pixels[lungs.mask > 0].mean() < pixels[rest].mean()
    assert found >= fewest and told >= 17
