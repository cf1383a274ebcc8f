"""Where a threshold lies when val is drawn anew."""

import numpy as np

from chestbench.measures.threshold_bounds import threshold_bounds
from chestbench.measures.thresholds import choose_threshold


def drawn(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, count)
    scores = np.clip(generator.normal(0.35 + 0.3 * labels, 0.2), 0.01, 0.99)
    return labels, np.stack([1 - scores, scores], axis=1), [f"g{place // 2}" for place in range(count)]


def test_bounds_hold_the_threshold_and_narrow_with_val() -> None:
    widths = []
    for count in (60, 4000):
        labels, probabilities, groups = drawn(count)
        bounds = threshold_bounds(labels, probabilities, groups, ["a", "b"], [0.9, 0.9], 100, 0.95, 1)
        own = choose_threshold(probabilities[:, 1], labels == 1, 0.9)
        assert bounds["b"] is not None and own is not None
        low, high = bounds["b"]
        assert low <= own <= high
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_they_are_the_same_every_time_and_absent_where_there_is_no_threshold() -> None:
    labels, probabilities, groups = drawn(40)
    settings = (groups, ["a", "b"], [None, None], 50, 0.95, 7)
    assert threshold_bounds(labels, probabilities, *settings) == threshold_bounds(labels, probabilities, *settings)
    assert threshold_bounds(np.zeros(40, int), probabilities, *settings) == {"a": None, "b": None}
    assert threshold_bounds(labels, probabilities, groups, ["a", "b"], [None, None], 0, 0.95, 7) == {
        "a": None,
        "b": None,
    }
