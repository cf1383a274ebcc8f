"""Simulated networks on one test set: groups of images that are hard or easy for both, with a known true difference."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.floating]


def draw_pair(
    generator: np.random.Generator,
    groups: int,
    shares: tuple[float, ...],
    images_per_group: int,
    accuracies: tuple[float, float],
) -> tuple[NDArray[np.integer], NDArray[np.integer], list[Floats]]:
    """Return labels (N,), group codes (N,) and the probabilities (N, C) of two networks.

    Each network is right about an image with the given probability, whatever its class, so that the true difference in
    balanced accuracy is that of the accuracies. Images of a group share part of what decides, and so do the networks.

    Args:
        shares: chance of each class, for a whole group; every class occurs.
        images_per_group: mean; the number varies from 1 to nearly twice that.
    """
    classes = len(shares)
    label = generator.choice(classes, size=groups, p=shares)
    while len(np.unique(label)) < classes:
        label = generator.choice(classes, size=groups, p=shares)
    sizes = generator.integers(1, 2 * images_per_group, groups) if images_per_group > 1 else np.ones(groups, int)
    codes = np.repeat(np.arange(groups), sizes)
    labels, n = label[codes], len(codes)
    of_group, of_image = generator.normal(size=groups)[codes], generator.normal(size=n)
    networks = []
    for accuracy in accuracies:
        own = np.sqrt(0.15) * generator.normal(size=groups)[codes] + np.sqrt(0.25) * generator.normal(size=n)
        right = np.sqrt(0.35) * of_group + np.sqrt(0.25) * of_image + own < ndtri(accuracy)
        said = np.where(right, labels, (labels + generator.integers(1, classes, n)) % classes)
        networks.append(answer(said, classes, 0.5 + 0.5 * generator.random(n)))
    return labels, codes, networks


def answer(said: NDArray[np.integer], classes: int, confidence: float | Floats = 0.9) -> Floats:
    """Return probabilities (N, C) with this confidence in the class that is said and the rest shared by the others."""
    confidence = np.broadcast_to(confidence, len(said))
    table = np.repeat(((1 - confidence) / (classes - 1))[:, None], classes, axis=1)
    table[np.arange(len(said)), said] = confidence
    return table
