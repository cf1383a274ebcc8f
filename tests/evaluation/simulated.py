"""Made-up splits whose true measures are known, because any number of groups can be drawn of them."""

import numpy as np

Split = tuple[np.ndarray, np.ndarray, np.ndarray]
# kind: what the scores know of the class, share of the classes, whether a group has one class only.
KINDS: dict[str, tuple[float, tuple[float, ...], bool]] = {
    "random": (0.0, (0.5, 0.5), True),
    "random, unequal classes": (0.0, (0.65, 0.35), True),
    "random, three classes": (0.0, (0.5, 0.3, 0.2), False),
    "good": (1.5, (0.65, 0.35), True),
    "nearly perfect": (3.0, (0.65, 0.35), True),
    "calibrated": (0.0, (0.5, 0.5), False),
}


def simulate(generator: np.random.Generator, n_groups: int, kind: str) -> Split:
    """Return labels (N,), probabilities (N, C) and group of each image: one to eight images a group.

    Images of one group share half of the variance of their scores. "calibrated" draws the labels by the probabilities:
    its calibration error is nought.
    """
    knowledge, shares, pure = KINDS[kind]
    n_classes = len(shares)
    groups = np.repeat(np.arange(n_groups), generator.integers(1, 9, n_groups))
    labels = generator.choice(n_classes, n_groups, p=shares)[groups]
    if not pure:
        labels = generator.choice(n_classes, len(groups), p=shares)
    scores = generator.normal(size=(n_groups, n_classes))[groups] + generator.normal(size=(len(groups), n_classes))
    scores += knowledge * np.eye(n_classes)[labels]
    probabilities = np.exp(scores)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    if kind == "calibrated":
        labels = (generator.random(len(groups)) < probabilities[:, 1]).astype(int)
    return labels, probabilities, groups
