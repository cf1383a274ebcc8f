"""Strong augmentation of uint8 grey images: a few changes of ten, drawn anew for every image; no flips.

After E. Cubuk, B. Zoph, J. Shlens, Q. Le, RandAugment, 2019, arXiv:1909.13719: some of a list of changes, at random, of
one overall strength. The list is that of grey pictures of a chest: colour falls away, and so do flips (the heart has a
side), inverted and solarised levels. The square that is cut out is Cutout, T. DeVries, G. Taylor 2017,
arXiv:1708.04552. All that moves pixels is one warp, all that changes levels one look-up table.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

CHANGES = (
    "rotation",
    "shift",
    "zoom",
    "shear",
    "brightness",
    "contrast",
    "gamma",
    "blur",
    "noise",
    "cut_out",
)
_MOVING, _LEVELS = CHANGES[:4], CHANGES[4:7]
_GREY = np.arange(256, dtype=np.float32)
_MID_GREY = np.float32(127.5)


@dataclass(frozen=True)
class StrongAugmentation:
    """How many changes an image gets, and the largest of each; it draws evenly between minus and plus that.

    Attributes:
        changes: of `CHANGES`, different ones.
        rotation: degrees about the centre.
        shift: share of the width and of the height.
        zoom: share of the size.
        shear: share of the height by which the top is moved against the bottom.
        brightness: share of the grey range, added.
        contrast: share by which the distance from mid-grey changes.
        gamma: natural logarithm of the exponent.
        blur: standard deviation of the blur, share of the width; below zero the image is sharpened by as much.
        noise: standard deviation of Gaussian noise, share of the grey range.
        cut_out: side of a square of the image's mean grey, share of the width.
    """

    changes: int = 3
    rotation: float = 20.0
    shift: float = 0.15
    zoom: float = 0.2
    shear: float = 0.2
    brightness: float = 0.2
    contrast: float = 0.4
    gamma: float = 0.5
    blur: float = 0.015
    noise: float = 0.04
    cut_out: float = 0.35


def augment_strongly(
    image: np.ndarray, augmentation: StrongAugmentation, seed: int, epoch: int, index: int
) -> np.ndarray:
    """Return a changed copy of one image; what it draws depends on (seed, epoch, index) only.

    Args:
        image: uint8 (H, W, 1), 0 to 255.
        augmentation: how many changes, and how large.
        seed: of the training, 0 or more.
        epoch: 0 or more.
        index: which image of the epoch, 0 or more.

    Returns:
        uint8 (H, W, 1); what the warp brings in from outside is black.

    Example:
        >>> image = np.full((64, 64, 1), 100, np.uint8)
        >>> changed = augment_strongly(image, StrongAugmentation(), seed=1, epoch=0, index=0)
        >>> changed.shape, changed.dtype, bool((changed == image).all())
        ((64, 64, 1), dtype('uint8'), False)
    """
    return augment_strongly_and_tell(image, augmentation, seed, epoch, index)[0]


def augment_strongly_and_tell(
    image: np.ndarray, augmentation: StrongAugmentation, seed: int, epoch: int, index: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return what `augment_strongly` does, and how the pixels moved, see `chestbench.training.augment`."""
    generator = np.random.default_rng((seed, epoch, index))
    chosen = generator.permutation(len(CHANGES))[: augmentation.changes]
    # Two numbers for each change, whether it is chosen or not: a shift and a square need both.
    drawn = generator.uniform(-1.0, 1.0, (len(CHANGES), 2))
    sizes = {CHANGES[i]: drawn[i] * getattr(augmentation, CHANGES[i]) for i in chosen}
    changed, matrix = image[..., 0], np.eye(2, 3)
    if any(name in sizes for name in _MOVING):
        changed, matrix = _warped(changed, sizes)
    if any(name in sizes for name in _LEVELS):
        changed = cv2.LUT(changed, _table(sizes))
    if "blur" in sizes:
        changed = _blurred(changed, sizes["blur"][0] * image.shape[1])
    if "noise" in sizes:
        noise = generator.standard_normal(changed.shape, np.float32) * np.float32(sizes["noise"][0] * 255)
        changed = np.clip(np.rint(changed + noise), 0, 255).astype(np.uint8)
    if "cut_out" in sizes:
        changed = _cut(changed, abs(sizes["cut_out"][0]), generator.uniform(0.0, 1.0, 2))
    return np.ascontiguousarray(changed).reshape(image.shape), matrix


def _warped(image: np.ndarray, sizes: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    nothing = np.zeros(2)
    height, width = image.shape
    centre = ((width - 1) / 2, (height - 1) / 2)
    turned = cv2.getRotationMatrix2D(centre, sizes.get("rotation", nothing)[0], 1.0 + sizes.get("zoom", nothing)[0])
    shear = sizes.get("shear", nothing)[0]
    # Rows move sideways by their distance from the middle; the middle stays.
    turned[0] += shear * turned[1]
    turned[0, 2] -= shear * centre[1]
    turned[:, 2] += sizes.get("shift", nothing) * (width, height)
    warped = cv2.warpAffine(image, turned, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return warped, turned


def _table(sizes: dict[str, np.ndarray]) -> np.ndarray:
    """Return the new level of each grey level, uint8 (256,)."""
    levels = _GREY
    if "gamma" in sizes:
        levels = np.float32(255) * (levels / np.float32(255)) ** np.float32(math.exp(sizes["gamma"][0]))
    if "contrast" in sizes:
        levels = _MID_GREY + (levels - _MID_GREY) * np.float32(1.0 + sizes["contrast"][0])
    if "brightness" in sizes:
        levels = levels + np.float32(sizes["brightness"][0] * 255)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def _blurred(image: np.ndarray, size: float) -> np.ndarray:
    """Return the image blurred, or sharpened where `size`, in pixels, is below zero."""
    soft = cv2.GaussianBlur(image, (0, 0), max(abs(size), 0.1))
    return soft if size > 0 else cv2.addWeighted(image, 2.0, soft, -1.0, 0.0)


def _cut(image: np.ndarray, share: float, place: np.ndarray) -> np.ndarray:
    """Return the image with a square of its mean grey, whose middle lies at `place` (shares of height and width)."""
    height, width = image.shape
    half = share * width / 2
    middle = place * (height, width)
    (top, left), (bottom, right) = (np.rint(middle + part).astype(int) for part in (-half, half))
    cut = image.copy()
    cut[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = round(float(image.mean()))
    return cut
