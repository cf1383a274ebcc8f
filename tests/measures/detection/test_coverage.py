"""Intervals of the measures of boxes hold the true value as often as they promise: 95 of 100."""

import numpy as np
import pytest

from chestbench.measures.detection.measured import BoxSample, measure_boxes
from tests.measures.detection.boxes_drawn import simulate

RESAMPLES = 300
NAMES = ("map50", "map50_95", "froc", "patient_froc")
RATES = ("0.25", "0.5", "1", "2")


@pytest.mark.campaign
@pytest.mark.parametrize(("n_groups", "splits", "lowest"), [(60, 500, 0.93), (25, 400, 0.92)])
def test_intervals_hold_the_truth_as_often_as_they_promise(n_groups: int, splits: int, lowest: float) -> None:
    """Pictures of one patient resemble one another, and patients differ (see `simulate`)."""
    truth, found, groups = simulate(np.random.default_rng(99), 8000, skill=0.7)
    exact = {name: float(value[0]) for name, value in BoxSample(truth, found, ["opacity"], groups).measure().items()}
    held: dict[str, list[bool]] = {}
    for seed in range(splits):
        record = measure_boxes(
            *simulate_lists(np.random.default_rng([seed, n_groups]), n_groups), bootstrap=RESAMPLES, seed=seed
        )
        figures = {name: record[name] for name in NAMES}
        figures |= {f"sensitivity {rate}": record["sensitivity"][rate] for rate in RATES}
        figures |= {f"patient_sensitivity {rate}": record["patient_sensitivity"][rate] for rate in RATES}
        for name, figure in figures.items():
            held.setdefault(name, []).append(figure["low"] <= exact[name] <= figure["high"])
    shares = {name: float(np.mean(inside)) for name, inside in held.items()}
    assert {name: share for name, share in shares.items() if not lowest <= share <= 0.99} == {}
    assert 0.94 <= np.mean(list(shares.values())) <= 0.98


def simulate_lists(generator: np.random.Generator, n_groups: int) -> tuple:
    """Return the first arguments of `measure_boxes`."""
    truth, found, groups = simulate(generator, n_groups, skill=0.7)
    return truth, found, ["opacity"], groups
