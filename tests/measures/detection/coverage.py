"""How often the intervals of the measures of boxes hold the truth, over made-up splits."""

from collections.abc import Iterable

import numpy as np

from chestbench.measures.detection.measured import BoxSample, measure_boxes
from tests.measures.detection.boxes_drawn import simulate

RESAMPLES, CONFIDENCE, SKILL = 300, 0.95, 0.7
FINDINGS = ["opacity"]
NAMES = ("map50", "map50_95", "froc", "patient_froc")
BY_RATE, RATES = ("sensitivity", "patient_sensitivity"), ("0.25", "0.5", "1", "2")


def true_values(seed: int, n_groups: int) -> dict[str, float]:
    """Return every measure over so many patients."""
    truth, found, groups = simulate(np.random.default_rng(seed), n_groups, SKILL)
    return {name: float(value[0]) for name, value in BoxSample(truth, found, FINDINGS, groups).measure().items()}


def shares_held(exact: dict[str, float], seeds: Iterable[int], n_groups: int) -> dict[str, float]:
    """Return the share of the splits whose interval holds the true value, for each measure.

    Args:
        exact: true values, by measure.
        seeds: one for each split; with `n_groups` they give its pictures, alone its resamples.
        n_groups: patients of a split.
    """
    held: dict[str, list[bool]] = {}
    for seed in seeds:
        truth, found, groups = simulate(np.random.default_rng([seed, n_groups]), n_groups, SKILL)
        record = measure_boxes(truth, found, FINDINGS, groups, RESAMPLES, CONFIDENCE, seed)
        figures = {name: record[name] for name in NAMES}
        figures |= {f"{name} {rate}": record[name][rate] for name in BY_RATE for rate in RATES}
        for name, figure in figures.items():
            held.setdefault(name, []).append(figure["low"] <= exact[name] <= figure["high"])
    return {name: float(np.mean(inside)) for name, inside in held.items()}
