"""Pictures with boxes drawn at random, and what detectors of a known skill find on them."""

import numpy as np

from chestbench.imaging.boxes import Boxes

SIDE = 64


def random_boxes(generator: np.random.Generator, count: int, labels: int = 1) -> Boxes:
    """Return boxes with whole-number corners, so that overlaps and scores often are equal."""
    low = generator.integers(0, SIDE - 8, (count, 2))
    high = low + generator.integers(4, 24, (count, 2))
    corners = np.concatenate([low, np.minimum(high, SIDE)], axis=1)
    return Boxes.of(corners, generator.integers(0, labels, count), generator.integers(1, 20, count) / 20)


def drawn_and_found(
    generator: np.random.Generator, pictures: int, labels: int = 1, crowd: int = 6
) -> tuple[list[Boxes], list[Boxes]]:
    """Return truth and found of each picture: some have neither, some found ones are the truth, moved a little."""
    truth, found = [], []
    for _ in range(pictures):
        drawn = random_boxes(generator, int(generator.integers(0, 4)), labels)
        near = drawn.take(generator.random(len(drawn)) < 0.8)
        moved = near.corners + generator.integers(-3, 4, near.corners.shape)
        moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
        other = random_boxes(generator, int(generator.integers(0, crowd)), labels)
        again = near.take(np.arange(len(near)) < generator.integers(0, 2))
        corners = np.concatenate([moved, again.corners, other.corners])
        kinds = np.concatenate([near.labels, again.labels, other.labels])
        found.append(Boxes.of(corners, kinds, generator.integers(1, 20, len(corners)) / 20))
        truth.append(Boxes.of(drawn.corners, drawn.labels))
    return truth, found


def simulate(generator: np.random.Generator, n_groups: int, skill: float) -> tuple[list[Boxes], list[Boxes], list[int]]:
    """Return truth, found and group of each picture of so many patients, one to three pictures each.

    Half of the patients have one to three boxes a picture. A detector finds a box with a chance that differs from
    patient to patient about `skill`, and draws false ones at a rate that differs too, so that pictures of one patient
    are alike.
    """
    truth, found, groups = [], [], []
    for group in range(n_groups):
        ill, seen = generator.random() < 0.5, generator.beta(4 * skill, 4 * (1 - skill))
        rate = generator.gamma(2.0, 0.5)
        for _ in range(int(generator.integers(1, 4))):
            drawn = random_boxes(generator, int(generator.integers(1, 4)) if ill else 0)
            near = drawn.take(generator.random(len(drawn)) < seen)
            moved = near.corners + generator.normal(0.0, 1.0, near.corners.shape) * [1, 1, 0, 0]
            moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
            other = random_boxes(generator, int(generator.poisson(rate)))
            scores = np.concatenate([generator.beta(5, 3, len(near)), generator.beta(3, 5, len(other))])
            truth.append(Boxes.of(drawn.corners))
            found.append(Boxes.of(np.concatenate([moved, other.corners]), scores=scores))
            groups.append(group)
    return truth, found, groups
