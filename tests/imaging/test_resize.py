import numpy as np
import pytest

from chestbench.imaging.resize import resize_grey
from tests.imaging.pictures import picture


@pytest.mark.parametrize("fit", ["pad", "stretch"])
@pytest.mark.parametrize("shape", [(100, 100), (30, 90), (90, 30), (7, 300), (64, 64), (20, 20)])
def test_the_result_is_always_the_same_square(fit: str, shape: tuple[int, int]) -> None:
    resized = resize_grey(picture(1, *shape), 64, fit)
    assert resized.shape == (64, 64, 1) and resized.dtype == np.uint8


def test_pad_keeps_the_aspect_ratio_in_the_middle_on_black() -> None:
    resized = resize_grey(np.full((50, 100, 1), 200, np.uint8), 64, "pad")[:, :, 0]
    assert not resized[:16].any() and not resized[48:].any() and (resized[16:48] == 200).all()


def test_stretch_fills_the_square() -> None:
    assert (resize_grey(np.full((50, 100), 200, np.uint8), 64, "stretch") == 200).all()


def test_shrinking_averages_instead_of_picking() -> None:
    stripes = np.zeros((64, 64), np.uint8)
    stripes[:, ::2] = 200
    assert (resize_grey(stripes, 32, "pad") == 100).all()


def test_the_right_size_is_left_alone() -> None:
    original = picture(2, 64, 64)
    np.testing.assert_array_equal(resize_grey(original, 64, "pad")[:, :, 0], original)


def test_an_unknown_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="pad or stretch"):
        resize_grey(picture(1, 30, 60), 64, "crop")
