"""The phantom: a seeded drawing of axial, CT-like chest slices of people who do not exist.

A patient's anatomy, the noise and the ground-glass patches come from three independent streams of random numbers. The
label decides only whether the patches are painted, and they are painted inside the lungs only: the same patient drawn
with either label is the same picture, to the last grey value, everywhere outside the patches.
"""

from dataclasses import dataclass

import numpy as np

from chestbench.datasets.anatomy import draw_lungs, draw_trunk
from chestbench.datasets.canvas import Canvas, Stream, direction, soften

POSITIVE, NEGATIVE = "COVID", "non-COVID"
# Of few patients, some feature of the anatomy fits the label by chance. Under this seed (with sample.PLAN_SEED, and the
# 150 patients of then) pictures without ground glass predict it no better than a coin: AUC 0.46 to 0.51 by four
# classifiers. It was the nearest to a coin of 51 seeds, and stayed when the patients became 600. How much is painted,
# and how much the air of the lungs differs, was on the contrary set by what networks and the pixel baseline scored on
# the test set of those 150: docs/explanation/sample.md tells the five versions.
SEED = 52
_ANATOMY, _NOISE, _PATCHES = 1, 2, 3  # purposes of the random streams
_PATCH_PIXELS = 0.25, 0.55  # of the lungs: from a mild finding to a grave one, drawn per patient


@dataclass(frozen=True)
class Slice:
    """One drawn slice and what is known of it.

    Attributes:
        pixels: uint8 (H, W), the picture.
        lungs: bool (H, W), True on lung tissue (vessels in it included).
        patches: bool (H, W), True where ground glass was painted; a part of `lungs`, empty for a negative slice.
        label: `POSITIVE` or `NEGATIVE`.
    """

    pixels: np.ndarray
    lungs: np.ndarray
    patches: np.ndarray
    label: str


def draw_slice(patient: int, index: int, width: int, height: int, positive: bool, seed: int = SEED) -> Slice:
    """Draw slice `index` (0 or more, about 5 mm apart) of a patient as a picture of `width` x `height` pixels.

    Neighbouring slices look alike: the anatomy moves smoothly from one to the next and only the noise is new.
    The same arguments give the same bytes on every machine (see canvas.py).

    Args:
        patient: number of the patient, from 0.
        index: number of the slice, from 0.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        positive: whether ground glass is painted; all else is the same with either label.
        seed: of the whole data set.

    Example:
        >>> drawn = draw_slice(patient=0, index=0, width=224, height=208, positive=True)
        >>> drawn.label, drawn.pixels.shape, drawn.pixels.dtype.name
        ('COVID', (208, 224), 'uint8')
    """
    stream = Stream(seed, patient, _ANATOMY)
    canvas = Canvas(
        width,
        height,
        scale=width * stream.uniform(0.48, 0.55),
        centre=(width * stream.uniform(0.48, 0.52), height * stream.uniform(0.45, 0.52)),
        tilt=stream.uniform(-0.07, 0.07),
    )
    level = stream.uniform(0.0, 1.0) + 0.09 * index  # how far down the chest this slice lies, in about 6 cm
    lung_field = draw_trunk(canvas, stream, level)
    air = stream.uniform(30.0, 72.0)
    draw_lungs(canvas, stream, level, lung_field, air)
    window = stream.uniform(0.93, 1.07), stream.uniform(-7.0, 7.0)
    grain = stream.uniform(5.0, 9.0)

    canvas.image = soften(canvas.image)
    lungs = canvas.coverage(lung_field + 1.5 / canvas.scale) > 0.5  # with the edge that `soften` made
    patches = np.zeros_like(lungs)
    if positive:
        patches = _paint_patches(canvas, Stream(seed, patient, _PATCHES), level, lungs, air)
    noise = Stream(seed, patient, _NOISE, index + 1).noise(height, width)
    picture = canvas.image * window[0] + window[1] + soften(noise) * (1.6 * grain)
    pixels = np.clip(np.floor(picture + 0.5), 0.0, 255.0).astype(np.uint8)
    return Slice(pixels, lungs, patches, POSITIVE if positive else NEGATIVE)


def _paint_patches(canvas: Canvas, stream: Stream, level: float, lungs: np.ndarray, air: float) -> np.ndarray:
    """Paint ground glass into the lungs, mostly towards their rim; return where (bool, H, W).

    Ground glass veils the lung and lets the vessels show: it lifts what is darker than itself and nothing else.
    """
    coarse, fine = stream.uniforms(-1.0, 1.0, 12, 12), stream.uniforms(-1.0, 1.0, 25, 25)
    ragged = canvas.texture(coarse) + 0.5 * canvas.texture(fine)
    density = np.zeros(lungs.shape)
    share = stream.uniform(*_PATCH_PIXELS)
    needed = 1 + int(20.0 * share)
    for number in range(24):
        side = 1.0 if number % 2 else -1.0
        x, y = direction(stream.uniform(-0.24, 0.24))
        out = stream.uniform(0.62, 0.95)
        centre = side * x * out * 0.78, y * out * 0.52
        size, squeeze = stream.uniform(0.15, 0.25), stream.uniform(0.7, 1.0)
        axis, strength = direction(stream.uniform(0.0, 1.0)), stream.uniform(0.75, 1.0)
        where = canvas.window(*centre, 2.0 * size)
        shape = canvas.ellipse(centre, (size, squeeze * size), axis, where) / size + 0.4 * ragged[where]
        density[where] = np.maximum(density[where], np.clip(shape * 3.0, 0.0, 1.0) * strength)
        if number + 1 >= needed and np.count_nonzero(density[lungs]) >= share * np.count_nonzero(lungs):
            break
    density = np.where(lungs, density, 0.0)
    lift = np.maximum(air + 108.0 + 10.0 * ragged - canvas.image, 0.0)
    canvas.image += density * lift
    return density > 0.0
