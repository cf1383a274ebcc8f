import io

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from chestbench.imaging.decode import UnreadableImage, decode_grey
from chestbench.imaging.dicom.grey import percentile_range, window_linear, window_linear_exact, window_sigmoid
from tests.imaging.dicoms import make_dicom
from tests.imaging.pictures import picture

RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)


def shown(data: bytes) -> np.ndarray:
    return decode_grey(data).pixels[:, :, 0]


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        # Centre 2048, width 4096 (the example of PS3.3, C.11.2.1.2.1) and centre 50, width 101, 100 or 1.
        (window_linear, [0, 2047.5, 4095], (2048, 4096, [0, 0.5, 1])),
        (window_linear, [-1, 0, 25, 49.5, 99, 100], (50, 100, [0, 0, 0.25252525, 0.5, 1, 1])),
        (window_linear, [49, 49.5, 50], (50, 1, [0, 0, 1])),
        (window_linear_exact, [-1, 0, 25, 50, 100, 101], (50, 100, [0, 0, 0.25, 0.5, 1, 1])),
        (window_linear_exact, [49.9, 50, 50.1], (50, 0.5, [0.3, 0.5, 0.7])),
        (window_sigmoid, [50, 75, 25, -1e9, 1e9], (50, 100, [0.5, 0.7310586, 0.2689414, 0, 1])),
    ],
)
def test_window_functions_give_what_the_standard_says(function, value: list[float], expected: tuple) -> None:
    centre, width, result = expected
    np.testing.assert_allclose(function(np.array(value, float), centre, width), result, atol=1e-7)


@pytest.mark.filterwarnings("ignore:overflow encountered in exp")  # in pydicom
@pytest.mark.parametrize("name", [None, "LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("window", [(2048, 4096), (1000, 400), (1000, 1), (300.5, 77.25)])
@pytest.mark.parametrize("rescale", [None, (1, 0), (1, -1024), (0.5, 10)])
def test_windows_agree_with_pydicom(name: str | None, window: tuple, rescale: tuple | None) -> None:
    centre = window[0] * (rescale or (1, 0))[0] + (rescale or (1, 0))[1]
    data = make_dicom(RAMP, bits_stored=12, window=(centre, window[1]), voi_function=name, rescale=rescale)
    dataset = dcmread(io.BytesIO(data))
    theirs = apply_voi_lut(apply_modality_lut(RAMP, dataset), dataset).astype(float)
    low, high = (end * (rescale or (1, 0))[0] + (rescale or (1, 0))[1] for end in (0, 4095))
    np.testing.assert_allclose(shown(data).astype(float), (theirs - low) / (high - low) * 255, atol=0.5001)


def test_the_first_valid_window_of_several_is_used() -> None:
    first, second = (1000, 200), (3000, 100)
    np.testing.assert_array_equal(
        shown(make_dicom(RAMP, bits_stored=12, window=[first, second])),
        shown(make_dicom(RAMP, bits_stored=12, window=first)),
    )
    np.testing.assert_array_equal(
        shown(make_dicom(RAMP, bits_stored=12, window=[(1000, 0), second])),
        shown(make_dicom(RAMP, bits_stored=12, window=second)),
    )


@pytest.mark.parametrize(
    "window", [(1000, 0), (1000, -5), (90_000, 10)], ids=["zero", "negative", "beside the picture"]
)
def test_a_window_that_cannot_show_the_picture_counts_as_absent(window: tuple) -> None:
    np.testing.assert_array_equal(
        shown(make_dicom(RAMP, bits_stored=12, window=window)), shown(make_dicom(RAMP, bits_stored=12))
    )


def test_a_voi_lut_is_applied_before_any_window() -> None:
    entries = [int(value) for value in np.linspace(0, 65535, 1000) ** 2 // 65535]
    data = make_dicom(RAMP, bits_stored=12, voi_lut=(entries, 500, 16), window=(5, 5))
    expected = np.rint(np.array(entries)[np.clip(RAMP.astype(int) - 500, 0, 999)] / 65535 * 255)
    np.testing.assert_array_equal(shown(data), expected)


def test_monochrome1_is_the_inverse() -> None:
    plain = shown(make_dicom(RAMP, bits_stored=12, window=(1500, 700)))
    np.testing.assert_array_equal(
        shown(make_dicom(RAMP, bits_stored=12, window=(1500, 700), photometric="MONOCHROME1")), 255 - plain
    )
    grey = picture(5)
    np.testing.assert_array_equal(shown(make_dicom(255 - grey, photometric="MONOCHROME1")), grey)


@pytest.mark.parametrize(("bits", "top"), [(8, 255), (6, 63)])
def test_up_to_8_bits_without_a_window_keep_their_whole_range(bits: int, top: int) -> None:
    values = np.arange(20, 52, dtype=np.uint8).reshape(4, 8)
    np.testing.assert_array_equal(shown(make_dicom(values, bits_stored=bits)), np.rint(values / top * 255))


def test_more_bits_without_a_window_are_stretched_between_percentiles() -> None:
    values = np.full((100, 100), 1000, np.uint16)
    values.ravel()[:5000] = 2000
    values.ravel()[:30], values.ravel()[-30:] = 4095, 0  # 0.3% each: outliers
    pixels = shown(make_dicom(values, bits_stored=12))
    assert [pixels.ravel()[at] for at in (0, 100, 9000, -1)] == [255, 255, 0, 0]
    middle = values.copy()
    middle[50, 50] = 1500
    assert shown(make_dicom(middle, bits_stored=12))[50, 50] == 128


def test_percentiles_by_hand() -> None:
    counts = np.array([3, 2, 490, 500, 5, 0])  # 1000 pixels: the 5th is a 1, the 995th a 3
    assert percentile_range(np.arange(6.0), counts) == (1, 3)
    assert percentile_range(-np.arange(6.0), counts) == (-4, -2)
    assert percentile_range(np.arange(2.0), np.array([999, 1])) == (0, 1)
    assert percentile_range(np.arange(2.0), np.array([0, 0])) == (0, 0)


def test_a_picture_of_one_value_is_black() -> None:
    assert not shown(make_dicom(np.full((20, 20), 700, np.uint16), bits_stored=12)).any()


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(("padding", "fill"), [(4095, 4095), ((4000, 4095), 4050), ((4095, 4000), 4050), (0, 0)])
def test_padding_is_black_and_does_not_shift_the_percentiles(photometric: str, padding, fill: int) -> None:
    values = (picture(7, 100, 100).astype(np.uint16) + 100) * 10
    padded = values.copy()
    padded[:40] = fill
    pixels = shown(make_dicom(padded, bits_stored=12, padding=padding, photometric=photometric))
    assert not pixels[:40].any()
    np.testing.assert_array_equal(pixels[40:], shown(make_dicom(values[40:], bits_stored=12, photometric=photometric)))


def test_padding_of_signed_values_is_found_in_either_spelling() -> None:
    values = (picture(7).astype(np.int16) - 128) * 8
    values[:20] = -2000
    data = make_dicom(values, bits_stored=16, padding=-2000)
    unsigned = data.replace(b"\x28\x00\x20\x01SS", b"\x28\x00\x20\x01US")
    assert unsigned != data and not shown(data)[:20].any()
    np.testing.assert_array_equal(shown(unsigned), shown(data))


@pytest.mark.parametrize("stored", [np.uint16, np.int16])
def test_ct_is_always_shown_in_the_lung_window(stored: type) -> None:
    units = np.array([[-2000, -1350, -1349, -975, -600, -225, 149, 150, 3000]])
    intercept = -2048 if stored is np.uint16 else 0
    values = np.repeat((units - intercept).astype(stored), 4, axis=0)
    expected = [0, 0, 0, 64, 128, 191, 255, 255, 255]
    for window in (None, (40, 400)):
        data = make_dicom(values, modality="CT", rescale=(1, intercept), window=window)
        np.testing.assert_allclose(shown(data)[0].astype(int), expected, atol=1)


@pytest.mark.parametrize("modality", ["CT", "ct"])
def test_the_slope_counts_too(modality: str) -> None:
    data = make_dicom(np.full((8, 8), 424, np.uint16), modality=modality, rescale=(2, -1448))  # -600 HU
    assert set(shown(data).ravel()) == {128}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (dict(modality="CT"), "CT without RescaleSlope and RescaleIntercept"),
        (dict(modality="CT", rescale=(0, -1024)), "RescaleSlope is zero"),
        (dict(rescale=(1e308, 0), bits_stored=16), "finite"),
    ],
)
def test_unusable_rescaling_is_refused(options: dict, reason: str) -> None:
    with pytest.raises(UnreadableImage, match=f"^dicom: .*{reason}"):
        decode_grey(make_dicom(RAMP, **options))
