"""A tiny learnable data set: bright rectangles on noise, none to two an image."""

import numpy as np

from chestbench.imaging.boxes import Boxes
from chestbench.training.detection.data import BoxData


def rectangles(n: int, size: int = 64, seed: int = 0, n_findings: int = 1) -> tuple[np.ndarray, list[Boxes]]:
    """Return uint8 images (n, size, size, 1) and their boxes; a second finding is dark in place of bright."""
    rng = np.random.default_rng(seed)
    images, boxes = rng.normal(100, 15, (n, size, size, 1)), []
    for place in range(n):
        corners, labels = [], []
        for number in range(place % 3):
            width, height = rng.integers(size // 6, size // 3, 2)
            x = int(rng.integers(0, size // 2 - width)) + number * size // 2
            y = int(rng.integers(0, size - height))
            label = int(rng.integers(0, n_findings))
            images[place, y : y + height, x : x + width] += -60 if label else 90
            corners.append([x, y, x + width, y + height])
            labels.append(label)
        boxes.append(Boxes.of(corners, labels))
    return np.clip(images, 0, 255).astype(np.uint8), boxes


def small_box_data(n: int = 24, size: int = 64, val: int = 12, n_findings: int = 1) -> BoxData:
    """Return `n` training images and `val` validation images."""
    images, boxes = rectangles(n, size, 0, n_findings)
    val_images, val_boxes = rectangles(val, size, 1, n_findings)
    return BoxData(images, boxes, val_images, val_boxes, n_findings)
