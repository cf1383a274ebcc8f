"""Augmentation of uint8 grey images: one affine warp and, where grey values change, one look-up table per image."""

from dataclasses import dataclass

import cv2
import numpy as np

from chestbench.training.strong import StrongAugmentation, augment_strongly_and_tell


@dataclass(frozen=True)
class Augmentation:
    """Largest changes; each image draws its own uniformly between minus and plus these.

    Attributes:
        rotation: degrees about the centre.
        shift: share of the width and of the height.
        zoom: share of the size.
        brightness: share of the grey range, added.
        contrast: share by which the distance from mid-grey changes.
        flip: probability that left and right are exchanged.
    """

    rotation: float
    shift: float
    zoom: float
    brightness: float
    contrast: float
    flip: float = 0.0


AnyAugmentation = Augmentation | StrongAugmentation
AUGMENTATIONS: dict[str, AnyAugmentation | None] = {
    "none": None,
    # No flips: the heart has a side.
    "light": Augmentation(rotation=10.0, shift=0.1, zoom=0.1, brightness=0.1, contrast=0.1),
    # As https://github.com/marta-0/covid-ct (CT, three classes): covid/models.py has the layers (flip, rotation, zoom,
    # translation, black outside), notebooks/AUC-Scores.ipynb calls dataaug_layer(0.05, -0.1, 0.05), the first of which
    # is a share of a full turn.
    "reference": Augmentation(rotation=18.0, shift=0.05, zoom=0.1, brightness=0.0, contrast=0.0, flip=0.5),
    "strong": StrongAugmentation(),
}

_GREY_LEVELS = np.arange(256, dtype=np.float32)
_MID_GREY = 127.5


def augment(image: np.ndarray, augmentation: AnyAugmentation, seed: int, epoch: int, index: int) -> np.ndarray:
    """Return a changed copy of one image.

    What it draws depends on (seed, epoch, index) only, not on the batch, the order or the thread.

    Args:
        image: uint8 (H, W, 1), 0 to 255.
        augmentation: how much may change.
        seed: of the training, 0 or more.
        epoch: 0 or more.
        index: which image of the epoch, 0 or more.

    Returns:
        uint8 (H, W, 1); what the warp brings in from outside is black, as the padding of the preprocess stage is.

    Example:
        >>> image = np.full((64, 64, 1), 100, np.uint8)
        >>> turned = augment(image, Augmentation(rotation=90, shift=0, zoom=0, brightness=0, contrast=0), 1, 0, 0)
        >>> turned.shape, int(turned[32, 32, 0]), bool((turned == 0).any())
        ((64, 64, 1), 100, True)
    """
    return augment_and_tell(image, augmentation, seed, epoch, index)[0]


def augment_and_tell(
    image: np.ndarray, augmentation: AnyAugmentation, seed: int, epoch: int, index: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return what `augment` does, and how it moved the pixels.

    Returns:
        The changed image, and float64 (2, 3): the middle of a pixel at column x and row y, counted from 0, has gone to
        matrix @ (x, y, 1).
    """
    if isinstance(augmentation, StrongAugmentation):
        return augment_strongly_and_tell(image, augmentation, seed, epoch, index)
    draws = np.random.default_rng((seed, epoch, index)).uniform(-1.0, 1.0, 7)
    height, width = image.shape[:2]
    centre = ((width - 1) / 2, (height - 1) / 2)
    matrix = cv2.getRotationMatrix2D(centre, draws[0] * augmentation.rotation, 1.0 + draws[1] * augmentation.zoom)
    matrix[0, 2] += draws[2] * augmentation.shift * width
    matrix[1, 2] += draws[3] * augmentation.shift * height
    if (draws[6] + 1.0) / 2 < augmentation.flip:
        matrix[0] = [-matrix[0, 0], -matrix[0, 1], width - 1 - matrix[0, 2]]
    warped = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    if augmentation.brightness or augmentation.contrast:
        contrast = 1.0 + draws[4] * augmentation.contrast
        offset = _MID_GREY * (1.0 - contrast) + draws[5] * augmentation.brightness * 255.0
        table = np.clip(np.rint(_GREY_LEVELS * contrast + offset), 0, 255).astype(np.uint8)
        warped = cv2.LUT(warped, table)
    return warped.reshape(image.shape), matrix
