"""What the registered model takes for an image, and what it refuses."""

import numpy as np
import pytest

from chestbench.serving import grey_images

GREY = np.arange(30, dtype=np.uint8).reshape(5, 6)


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (GREY, 1),
        (GREY[..., None], 1),
        (np.stack([GREY, GREY])[..., None], 2),
        (np.stack([GREY, GREY]), 2),
        ([GREY, GREY[:4, :5], GREY[..., None]], 3),
        ((GREY, GREY), 2),
        (GREY.tolist(), 1),
        ([GREY.tolist(), GREY.tolist()], 2),
        (GREY.astype(np.int64), 1),
        (GREY.astype(np.float32), 1),
        ([], 0),
        (np.zeros((0, 5, 6, 1), np.uint8), 0),
    ],
)
def test_images_in_every_accepted_form(value: object, count: int) -> None:
    images = grey_images(value)
    assert len(images) == count
    for image in images:
        assert image.dtype == np.uint8
        assert image.ndim == 2
        np.testing.assert_array_equal(image, GREY[: image.shape[0], : image.shape[1]])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros((5, 6, 3), np.uint8), "colour"),
        (np.zeros((2, 5, 6, 3), np.uint8), "colour"),
        (np.full((5, 6), 0.5), "whole numbers"),
        (np.full((5, 6), 300), "from 300 to 300"),
        (np.full((5, 6), -1), "whole numbers"),
        (np.full((5, 6), np.nan), "whole numbers"),
        (np.zeros(5, np.uint8), "shape"),
        (np.zeros((0, 5), np.uint8), "shape"),
        ("image.png", "shape"),
        ([GREY, np.zeros((5, 6, 3), np.uint8)], "colour"),
    ],
)
def test_other_input_is_refused_with_what_was_received(value: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        grey_images(value)
