"""The picture of augmentation: training images beside what an epoch makes of them. No Keras here."""

import numpy as np

from chestbench.imaging.sheet import draw_sheet
from chestbench.imaging.text import ascii_label
from chestbench.training.augment import AUGMENTATIONS, augment

_VERSIONS = 7
_PER_CLASS = 2
_MOST_CLASSES = 12


def draw_augmented(
    images: np.ndarray, class_index: np.ndarray, order: np.ndarray, classes: list[str], name: str, seed: int, note: str
) -> np.ndarray:
    """Draw two training images of each class, each followed by what the first seven epochs make of it.

    Args:
        images: uint8 (N, H, W, 1), may be memory-mapped; only those shown are read.
        class_index: (N,), class of each image.
        order: int64 (M,), images of an epoch: an image's place in it seeds its changes, as in training.
        classes: names in the order of the class index.
        name: key of `AUGMENTATIONS`; `none` shows the images as they are.
        seed: of the training.
        note: put before the title, such as `SYNTHETIC, `.

    Returns:
        uint8 (height, width).
    """
    augmentation = AUGMENTATIONS[name]
    rows = []
    for label, title in enumerate(classes[:_MOST_CLASSES]):
        members = np.flatnonzero(class_index == label)
        for number in range(min(_PER_CLASS, len(members))):
            row = int(members[(2 * number + 1) * len(members) // (2 * _PER_CLASS)])
            image = np.asarray(images[row])
            pictures = [image]
            if augmentation is not None:
                position = int(np.flatnonzero(order == row)[0])
                pictures += [augment(image, augmentation, seed, epoch, position) for epoch in range(_VERSIONS)]
            rows.append((ascii_label(title, f"class {label + 1}") if not number else "", pictures))
    if augmentation is None:
        return draw_sheet(rows, f"{note}train.augment none: training sees the images as they are")
    heads = ("original", *(f"epoch {epoch + 1}" for epoch in range(_VERSIONS)))
    return draw_sheet(rows, f"{note}train.augment {name}: an image and its changes", heads=heads)
