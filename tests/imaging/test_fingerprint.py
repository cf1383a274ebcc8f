import cv2
import numpy as np

from chestbench.imaging.fingerprint import fingerprint
from tests.imaging.pictures import picture


def _distance(a: np.ndarray, b: np.ndarray) -> int:
    return (fingerprint(a)[0] ^ fingerprint(b)[0]).bit_count()


def test_copies_in_other_sizes_and_qualities_stay_close() -> None:
    original = picture(1, 200, 260)
    half = cv2.resize(original, (130, 100), interpolation=cv2.INTER_AREA)
    jpeg = cv2.imdecode(cv2.imencode(".jpg", original, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_GRAYSCALE)
    brighter = cv2.convertScaleAbs(original, alpha=0.9, beta=12)
    assert max(_distance(original, copy) for copy in (half, jpeg, brighter)) <= 6


def test_different_pictures_are_far_apart() -> None:
    distances = [_distance(picture(a), picture(b)) for a in range(6) for b in range(a)]
    assert min(distances) > 12


def test_flat_pictures_have_hash_zero() -> None:
    assert [fingerprint(np.full((40, 50), value, np.uint8))[0] for value in (0, 77, 255)] == [0, 0, 0]


def test_the_hash_is_half_ones_and_fits_64_bits() -> None:
    value, thumbnail = fingerprint(picture(9))
    assert value < 2**64 and 28 <= value.bit_count() <= 34
    assert thumbnail.shape == (256,) and thumbnail.dtype == np.uint8
    assert abs(float(thumbnail.mean()) - float(picture(9).mean())) < 2
