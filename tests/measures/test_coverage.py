"""Intervals of random predictors hold the true value as often as they promise: 95 of 100, measured 93 to 97.

Each split has groups of one to eight images that resemble one another; docs/reference/measures.md has the figures for
other numbers of groups and for better networks (python -m benchmarks.bootstrap --coverage 400).
"""

import numpy as np
import pytest

from chestbench.measures.intervals import evaluate_split
from tests.evaluation.simulated import simulate

SPLITS, GROUPS, RESAMPLES = 1000, 60, 300
OVERALL = ("balanced_accuracy", "accuracy", "macro_f1", "macro_auc", "macro_average_precision", "brier", "ece")
PER_CLASS = ("sensitivity", "specificity", "ppv", "npv", "f1", "auc", "average_precision")


def read(record: dict) -> dict[str, dict]:
    """Return the measures of the split, those of its last class and those at its threshold."""
    last = list(record["per_class"].values())[-1]
    found = {name: record[name] for name in OVERALL} | {f"last {name}": last[name] for name in PER_CLASS}
    return found | {
        f"at threshold {name}": last["at_threshold"][name] for name in ("sensitivity", "specificity", "ppv")
    }


@pytest.mark.parametrize("kind", ["random", "random, three classes"])
def test_intervals_hold_the_truth_as_often_as_they_promise(kind: str) -> None:
    classes = ("a", "b", "c")[: 2 if kind == "random" else 3]
    thresholds = {name: {"threshold": 0.4, "rule": "youden"} for name in classes}

    def measured(n_groups: int, seed: int, resamples: int) -> dict[str, dict]:
        split = simulate(np.random.default_rng([seed, n_groups]), n_groups, kind)
        return read(evaluate_split(*split, classes, resamples, seed=seed, thresholds=thresholds))

    truth = {name: measure["value"] for name, measure in measured(40_000, 0, 1).items()}
    held = dict.fromkeys(truth, 0)
    for seed in range(SPLITS):
        for name, measure in measured(GROUPS, seed, RESAMPLES).items():
            held[name] += measure["low"] <= truth[name] <= measure["high"]
    shares = {name: count / SPLITS for name, count in held.items()}
    assert {name: share for name, share in shares.items() if not 0.93 <= share <= 0.97} == {}
    assert 0.94 < np.mean(list(shares.values())) < 0.96
