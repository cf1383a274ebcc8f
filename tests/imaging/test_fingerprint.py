import cv2
import numpy as np
import pytest

from chestbench.imaging.fingerprint import OUTLINE_LENGTH, WINDOWS, fingerprint, outlines, window_hashes
from tests.imaging.pictures import picture


def _distance(a: np.ndarray, b: np.ndarray) -> int:
    return (fingerprint(a)[0] ^ fingerprint(b)[0]).bit_count()


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(a.astype(np.int64) @ b.astype(np.int64)) / OUTLINE_LENGTH**2


def test_copies_in_other_sizes_and_qualities_stay_close() -> None:
    original = picture(1, 200, 260)
    half = cv2.resize(original, (130, 100), interpolation=cv2.INTER_AREA)
    jpeg = cv2.imdecode(cv2.imencode(".jpg", original, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_GRAYSCALE)
    brighter = cv2.convertScaleAbs(original, alpha=0.9, beta=12)
    copies = np.array([fingerprint(pixels)[1] for pixels in (original, half, jpeg, brighter)])
    shown = outlines(copies)
    for place, copy in enumerate((half, jpeg, brighter), 1):
        assert _distance(original, copy) <= 6 and _correlation(shown[0], shown[place]) > 0.98


def test_different_pictures_are_far_apart() -> None:
    distances = [_distance(picture(a), picture(b)) for a in range(6) for b in range(a)]
    assert min(distances) > 12


def test_flat_pictures_have_hash_zero() -> None:
    flat = [np.full((40, 50), value, np.uint8) for value in (0, 77, 255)]
    assert [fingerprint(pixels)[0] for pixels in flat] == [0, 0, 0]
    copies = np.array([fingerprint(pixels)[1] for pixels in flat])
    assert not window_hashes(copies).any() and not outlines(copies, 3).any()


def test_the_hash_is_half_ones_and_fits_64_bits() -> None:
    value, copy = fingerprint(picture(9))
    assert value < 2**64 and 28 <= value.bit_count() <= 34
    assert copy.shape == (1024,) and copy.dtype == np.uint8
    assert abs(float(copy.mean()) - float(picture(9).mean())) < 2


def test_the_first_window_is_the_whole_picture() -> None:
    value, copy = fingerprint(picture(9, 70, 90))
    assert window_hashes(copy[np.newaxis]).shape == (1, WINDOWS)
    assert window_hashes(copy[np.newaxis])[0, 0] == value


@pytest.mark.parametrize(
    ("window", "cut"),
    [(6, np.s_[8:-8, 8:-8]), (12, np.s_[16:-16, 16:-16]), (18, np.s_[16:, 16:]), (24, np.s_[:-16, :-16])],
)
def test_a_window_of_a_picture_is_what_the_cut_picture_is(window: int, cut: tuple[slice, slice]) -> None:
    whole = picture(4, 320, 320)
    copy, (value, cut_copy) = fingerprint(whole)[1][np.newaxis], fingerprint(whole[cut])
    assert (int(window_hashes(copy)[0, window]) ^ value).bit_count() <= 4
    assert _correlation(outlines(copy, window)[0], outlines(cut_copy[np.newaxis])[0]) > 0.98


def test_outlines_leave_out_brightness_contrast_and_slow_changes() -> None:
    pixels = picture(5, 64, 64).astype(np.float64)
    slope = np.linspace(0, 60, 64)
    copies = np.array([fingerprint(np.clip(changed, 0, 255).astype(np.uint8))[1]
                       for changed in (pixels / 2, pixels / 4 + 30, pixels / 2 + slope)])  # fmt: skip
    plain, dimmer, tilted = outlines(copies)
    assert plain.dtype == np.int16 and plain.shape == (256,)
    assert abs(np.linalg.norm(plain.astype(float)) - OUTLINE_LENGTH) < 5
    assert _correlation(plain, dimmer) > 0.99 and _correlation(plain, tilted) > 0.95
