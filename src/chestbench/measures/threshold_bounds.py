"""How sure a threshold is: where it lies when val is drawn anew, group by group."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chestbench.measures.thresholds import choose_threshold

MOST_DRAWS = 200
Bounds = dict[str, tuple[float, float] | None]


def threshold_bounds(
    labels: NDArray[np.integer],
    probabilities: NDArray[np.floating],
    groups: Sequence[object],
    classes: Sequence[str],
    wishes: Sequence[float | None],
    draws: int,
    confidence: float,
    seed: int,
) -> Bounds:
    """Return {class: (low, high) of its threshold}, percentiles over val drawn anew; None where it has none.

    A picture whose probability lies between them would be called otherwise had val been other pictures of the same
    kind: the decision on it is in doubt.

    Args:
        labels: class index per image or unit of val, (N,).
        probabilities: (N, C), as trained.
        groups: group of each.
        classes: the C names.
        wishes: the sensitivity that is wished for of each class, see `choose_threshold`.
        draws: how often, at most `MOST_DRAWS`; 0: no bounds.
        confidence: such as 0.95.
        seed: of the draws.
    """
    _, codes = np.unique([str(group) for group in groups], return_inverse=True)
    order = np.argsort(codes, kind="stable")
    rows_of = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    generator, found = np.random.default_rng(seed), [list[float]() for _ in classes]
    for _ in range(min(draws, MOST_DRAWS)):
        drawn = generator.integers(0, len(rows_of), len(rows_of))
        rows = np.concatenate([rows_of[place] for place in drawn])
        for index, wish in enumerate(wishes):
            threshold = choose_threshold(probabilities[rows, index], labels[rows] == index, wish)
            if threshold is not None:
                found[index].append(threshold)
    tail = (1 - confidence) / 2
    return {
        name: (float(np.quantile(values, tail)), float(np.quantile(values, 1 - tail))) if values else None
        for name, values in zip(classes, found, strict=True)
    }
