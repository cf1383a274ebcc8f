import numpy as np
import pytest

from chestbench.datasets.phantom import draw_slice
from chestbench.shortcuts.blacked_out import Box, black_out, find_box, mean_outside, next_to_nothing


@pytest.fixture(scope="module")
def slices() -> list:
    return [draw_slice(600_000 + number, 0, 96, 96, number % 2 == 0) for number in range(40)]


def test_one_box_covers_the_lungs_of_nearly_all(slices: list) -> None:
    images = np.stack([drawn.pixels for drawn in slices])[..., np.newaxis]
    box = find_box(images, "CT", 0)
    assert box.is_of_lungs and box.leaves_something and box.looked_at == 40
    covered = np.zeros((96, 96), bool)
    covered[round(box.top * 96) : round(box.bottom * 96), round(box.left * 96) : round(box.right * 96)] = True
    hidden = [(drawn.lungs & covered).sum() / drawn.lungs.sum() for drawn in slices]
    assert np.mean(np.array(hidden) > 0.97) > 0.9
    assert box == find_box(images, "CT", 0)


def test_what_is_outside_the_box_stays_and_is_no_other_for_either_label(slices: list) -> None:
    patients = range(620_000, 620_012)
    pairs = [[draw_slice(number, 0, 96, 96, ill).pixels for number in patients] for ill in (True, False)]
    images = [np.stack(pixels)[..., np.newaxis] for pixels in pairs]
    box = find_box(np.concatenate(images), "CT", 0)
    ill, well = (black_out(pixels, box) for pixels in images)
    assert ill.shape == (12, 64, 64, 1) and ill.dtype == np.uint8
    assert np.mean([np.array_equal(a, b) for a, b in zip(ill, well, strict=True)]) > 0.8
    assert mean_outside(ill, box).min() > 0
    assert not ill[:, 32, 32].any() and ill[:, -1].any()


def test_without_lungs_the_middle_is_covered_and_said() -> None:
    grey = np.arange(60, 120, 10, dtype=np.uint8)
    box = find_box(np.broadcast_to(grey[:, None, None, None], (6, 48, 48, 1)), "CT", 0)
    assert not box.is_of_lungs and box.looked_at == 6
    assert (box.top, box.left, box.bottom, box.right) == (0.2, 0.2, 0.8, 0.8)
    assert box.in_words() == "20% to 80% of the height and 20% to 80% of the width"


def test_a_frame_around_the_picture_is_not_taken_for_the_body(slices: list) -> None:
    framed = np.stack([drawn.pixels for drawn in slices])[..., np.newaxis].copy()
    for place in range(0, 40, 3):
        framed[place, :3] = framed[place, -3:] = framed[place, :, :3] = framed[place, :, -3:] = 90
    box = find_box(framed, "CT", 0)
    assert box.leaves_something and 0.5 < box.bottom < 0.95 and box.top > 0.05


def test_the_mean_outside_is_of_the_pixels_that_are_left() -> None:
    box = Box(0.0, 0.0, 0.5, 1.0, 1, 1)
    images = np.full((2, 64, 64, 1), 10, np.uint8)
    images[1, 32:] = 50
    blacked = black_out(images, box)
    assert mean_outside(blacked, box).tolist() == [10.0, 50.0]
    assert not Box(0.0, 0.0, 1.0, 0.99, 1, 1).leaves_something


@pytest.mark.parametrize(
    ("box", "share_black", "expected"),
    [
        (Box(0.1, 0.1, 0.9, 0.9, 9, 9), 0.0, ""),
        (Box(0.1, 0.1, 0.9, 0.9, 9, 9), 0.5, ""),
        (Box(0.1, 0.1, 0.9, 0.9, 9, 9), 0.6, "6 of 10 pictures are black outside the box"),
        (Box(0.0, 0.0, 0.9, 1.0, 9, 9), 0.0, "the box leaves 10% of the picture"),
        (Box(0.02, 0.02, 0.98, 0.99, 9, 9), 0.0, "the box leaves 7% of the picture"),
        (Box(0.0, 0.0, 0.88, 1.0, 9, 9), 0.0, ""),
    ],
)
def test_next_to_nothing_is_said_to_be_that(box: Box, share_black: float, expected: str) -> None:
    images = np.full((10, 64, 64, 1), 120, np.uint8)
    # Black but for what compression leaves, and what the box covers.
    black = images[: round(10 * share_black)]
    black[:] = 4
    black[:, 20:44, 20:44] = 200
    assert next_to_nothing(black_out(images, box), box) == expected
