"""Drawing primitives: reproducible numbers, and shapes where they belong."""

import numpy as np
import pytest

from chestbench.datasets.canvas import Canvas, Stream, direction, soften


def test_streams_are_pinned():
    """A change of NumPy that altered these numbers would alter the sample."""
    stream = Stream(7, 3, 1)
    assert stream.uniform(0.0, 1.0) == 0.5324211967452813
    assert stream.integer(0, 1000) == 52
    assert float(stream.noise(5)[4]) == 0.5162644170287443


def test_keys_give_independent_streams():
    draws = {Stream(*key).uniform(0.0, 1.0) for key in [(7, 3, 1), (7, 3, 2), (7, 4, 1), (8, 3, 1), (7, 3, 1, 1)]}
    assert len(draws) == 5


def test_uniforms_stay_in_range_and_integers_reach_both_ends():
    stream = Stream(1, 1, 1)
    values = stream.uniforms(-2.0, 3.0, 100, 50)
    assert values.shape == (100, 50)
    assert values.min() >= -2.0
    assert values.max() < 3.0
    assert abs(values.mean() - 0.5) < 0.1
    assert {stream.integer(3, 6) for _ in range(200)} == {3, 4, 5}


def test_noise_has_mean_zero_and_deviation_one():
    noise = Stream(1, 1, 1).noise(200, 200)
    assert abs(noise.mean()) < 0.02
    assert abs(noise.std() - 1.0) < 0.02


@pytest.mark.parametrize(
    "turn, expected", [(0.0, (1, 0)), (0.25, (0, 1)), (0.5, (-1, 0)), (-0.25, (0, -1)), (2.0, (1, 0))]
)
def test_direction_of_quarter_turns(turn, expected):
    assert direction(turn) == pytest.approx(expected)


@pytest.mark.parametrize("turn", np.linspace(-1, 1, 17))
def test_direction_has_length_one(turn):
    x, y = direction(float(turn))
    assert x * x + y * y == pytest.approx(1.0)


@pytest.mark.parametrize("tilt", [0.0, 0.3])
def test_windowed_shapes_equal_full_ones(tilt):
    """Painting only the pixels around a shape must give the picture that painting all of them gives."""
    full, windowed = (Canvas(90, 70, 40.0, (45.0, 33.0), tilt) for _ in range(2))
    everywhere = (slice(None), slice(None))
    full.paint(full.ellipse((0.3, -0.2), (0.4, 0.1), direction(0.1)), 100.0)
    where = windowed.window(0.3, -0.2, 0.4)
    windowed.paint(windowed.ellipse((0.3, -0.2), (0.4, 0.1), direction(0.1), where), 100.0, where)
    full.paint(full.capsule((-0.5, 0.1), (-0.2, 0.5), (0.05, 0.02), everywhere), 60.0)
    where = windowed.window(-0.5, 0.1, 0.6)
    windowed.paint(windowed.capsule((-0.5, 0.1), (-0.2, 0.5), (0.05, 0.02), where), 60.0, where)
    assert full.image.max() == 100.0
    np.testing.assert_array_equal(full.image, windowed.image)


def test_a_shape_off_the_picture_changes_nothing():
    canvas = Canvas(30, 20, 10.0, (15.0, 10.0), 0.0)
    canvas.disc((9.0, -9.0), 0.5, 100.0)
    assert not canvas.image.any()


def test_disc_covers_its_area():
    canvas = Canvas(100, 100, 50.0, (50.0, 50.0), 0.0)
    canvas.disc((0.0, 0.0), 0.6, 1.0)
    assert canvas.image.sum() == pytest.approx(np.pi * 30 * 30, rel=0.01)


def test_texture_goes_through_its_lattice():
    canvas = Canvas(101, 101, 50.0, (50.0, 50.0), 0.0)
    lattice = Stream(1, 1, 1).uniforms(-1.0, 1.0, 5, 5)
    np.testing.assert_allclose(canvas.texture(lattice)[::25, ::25], lattice, atol=1e-6)


def test_soften_keeps_flat_pictures_and_total_of_a_dot():
    np.testing.assert_array_equal(soften(np.full((5, 6), 7.0)), np.full((5, 6), 7.0))
    dot = np.zeros((7, 7))
    dot[3, 3] = 16.0
    np.testing.assert_array_equal(soften(dot)[2:5, 2:5], [[1, 2, 1], [2, 4, 2], [1, 2, 1]])
