"""The phantom: same bytes everywhere, and a label that shows in the lungs and nowhere else."""

import hashlib

import numpy as np
import pytest

from chestbench.datasets.phantom import NEGATIVE, POSITIVE, draw_slice


@pytest.mark.parametrize(
    "positive, digest",
    [
        (True, "c20dca20d44bef1d3631d81f91f7c9bee5514ceb084ed57c3fed8a3aa0b4ab43"),
        (False, "17ac63b955a4cf8f16541263b8ebccb9cf46d14c450f0acbdb85bdc836ea3b01"),
    ],
)
def test_pixels_are_pinned(positive, digest):
    drawn = draw_slice(patient=3, index=1, width=224, height=208, positive=positive)
    assert hashlib.sha256(drawn.pixels.tobytes()).hexdigest() == digest


def test_shapes_types_and_label():
    for positive, label in ((True, POSITIVE), (False, NEGATIVE)):
        drawn = draw_slice(0, 0, 256, 240, positive)
        assert drawn.label == label
        assert drawn.pixels.dtype == np.uint8
        assert drawn.lungs.dtype == drawn.patches.dtype == np.bool_
        assert drawn.pixels.shape == drawn.lungs.shape == drawn.patches.shape == (240, 256)


@pytest.mark.parametrize("patient", range(12))
def test_the_label_changes_nothing_outside_the_patches(patient):
    well, ill = (draw_slice(patient, 2, 224, 224, positive) for positive in (False, True))
    np.testing.assert_array_equal(well.lungs, ill.lungs)
    assert not well.patches.any()
    assert not (ill.patches & ~ill.lungs).any()
    np.testing.assert_array_equal(well.pixels[~ill.patches], ill.pixels[~ill.patches])
    lifted = ill.pixels[ill.patches].astype(int) - well.pixels[ill.patches]
    assert lifted.min() >= 0  # ground glass veils; it never darkens
    assert lifted.mean() > 40


@pytest.mark.parametrize("patient", range(12))
def test_anatomy_is_plausible(patient):
    drawn = draw_slice(patient, 0, 224, 224, True)
    assert 0.12 < drawn.lungs.mean() < 0.45
    assert 0.2 < drawn.patches.sum() / drawn.lungs.sum() < 0.85
    well = draw_slice(patient, 0, 224, 224, False).pixels
    bright = (well > 205) & ~drawn.lungs
    assert 0.005 < bright.mean() < 0.1  # bones
    assert np.median(well[drawn.lungs]) < 90 < np.median(well[90:130, 90:130][~drawn.lungs[90:130, 90:130]])
    assert np.median(np.r_[well[:4].ravel(), well[-4:].ravel()]) < 40  # air around the body


def test_neighbouring_slices_look_alike_and_patients_do_not():
    first, second, other = (
        draw_slice(patient, index, 224, 224, False).pixels.astype(float) for patient, index in ((0, 0), (0, 1), (5, 0))
    )
    assert not np.array_equal(first, second)
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.97
    assert np.corrcoef(first.ravel(), other.ravel())[0, 1] < 0.95
