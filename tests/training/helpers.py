"""A tiny learnable data set: the positive class has a bright square."""

import numpy as np

from chestbench.training.data import TrainingData


def squares(n: int, size: int = 32, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return uint8 images (n, size, size, 1) and labels (n,) 0 or 1."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    images = rng.normal(90, 15, (n, size, size, 1))
    images[labels == 1, size // 4 : size // 2, size // 4 : size // 2] += 80
    return np.clip(images, 0, 255).astype(np.uint8), labels


def small_data(n: int = 24, size: int = 32) -> TrainingData:
    """Return `n` training images and 10 validation images of two classes."""
    images, labels = squares(n, size)
    val_images, val_labels = squares(10, size, seed=1)
    return TrainingData(images, labels, np.arange(n), val_images, val_labels, 2)
