"""Intervals of the measures of boxes hold the true value no less often than they promise: 95 of 100.

Measured over 400 splits of 60 and of 25 patients: 92.5 to 98 and 93 to 99. Those of patients are wide where few
patients have a box; the mean sensitivity over patients (60 patients: 92.5) and mAP@[.5:.95] (94, 93) are the narrowest.
"""

import numpy as np
import pytest

from chestbench.measures.detection.measured import BoxSample, measure_boxes
from tests.measures.detection.boxes_drawn import simulate

SPLITS, RESAMPLES, CONFIDENCE = 400, 300, 0.95
NAMES = ("map50", "map50_95", "froc", "patient_froc")
RATES = ("0.25", "0.5", "1", "2")


@pytest.mark.campaign
@pytest.mark.parametrize("n_groups", [60, 25])
def test_intervals_hold_the_truth_as_often_as_they_promise(n_groups: int) -> None:
    """Pictures of one patient resemble one another, and patients differ (see `simulate`).

    No share may lie three standard errors of the simulation below 95, and their mean must be near it.
    """
    truth, found, groups = simulate(np.random.default_rng(99), 8000, skill=0.7)
    exact = {name: float(value[0]) for name, value in BoxSample(truth, found, ["opacity"], groups).measure().items()}
    held: dict[str, list[bool]] = {}
    for seed in range(SPLITS):
        record = measure_boxes(
            *simulate_lists(np.random.default_rng([seed, n_groups]), n_groups), RESAMPLES, CONFIDENCE, seed
        )
        figures = {name: record[name] for name in NAMES}
        figures |= {f"sensitivity {rate}": record["sensitivity"][rate] for rate in RATES}
        figures |= {f"patient_sensitivity {rate}": record["patient_sensitivity"][rate] for rate in RATES}
        for name, figure in figures.items():
            held.setdefault(name, []).append(figure["low"] <= exact[name] <= figure["high"])
    shares = {name: float(np.mean(inside)) for name, inside in held.items()}
    lowest = CONFIDENCE - 3 * np.sqrt(CONFIDENCE * (1 - CONFIDENCE) / SPLITS)
    assert {name: share for name, share in shares.items() if share < lowest} == {}
    assert 0.94 <= np.mean(list(shares.values())) <= 0.98


def simulate_lists(generator: np.random.Generator, n_groups: int) -> tuple:
    """Return the first arguments of `measure_boxes`."""
    truth, found, groups = simulate(generator, n_groups, skill=0.7)
    return truth, found, ["opacity"], groups
