"""How fast the intervals are, and how often they hold the truth: `python -m benchmarks.bootstrap`.

Speed: one split's record (every measure with its interval) of 20,000 images, two classes, 2,000 resamples, for 4,000
groups and for groups of one image, with one thread and with all. Coverage (`--coverage SETS`): of so many made-up
splits, in how many the 95% interval of each measure holds the measure's true value, which is that of a split of 200,000
groups. Prints Markdown tables.

What it gave: docs/reference/measures.md.
"""

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from chestbench.core.parallel import core_count, ordered_map
from chestbench.measures import intervals, operating, resampled
from tests.evaluation.simulated import KINDS, simulate

IMAGES, RESAMPLES = 20_000, 2_000
SHOWN = (
    "balanced_accuracy",
    "macro_f1",
    "macro_auc",
    "macro_average_precision",
    "brier",
    "ece",
    "sensitivity",
    "ppv",
    "auc",
    "average_precision",
)


def seconds_of(split: tuple[np.ndarray, np.ndarray, np.ndarray], per_group: bool) -> tuple[float, float]:
    """Return how long one split's record takes, on the clock and of the processors: the best of three each."""
    labels, probabilities, groups = split
    classes = [str(place) for place in range(probabilities.shape[1])]
    chosen = operating.choose(labels, probabilities, groups, classes)
    found = []
    for _ in range(3):
        started, spent = time.perf_counter(), time.process_time()
        if per_group:
            operating.split_record(labels, probabilities, groups, classes, chosen, RESAMPLES, 0.95, 0)
        else:
            calibrated = operating.with_temperature(probabilities, chosen.temperature)
            intervals.evaluate_split(
                labels, probabilities, groups, classes, RESAMPLES, calibrated=calibrated, thresholds=chosen.thresholds
            )
        found.append((time.perf_counter() - started, time.process_time() - spent))
    return min(clock for clock, _ in found), min(processors for _, processors in found)


def measure_speed() -> None:
    """Print seconds per split, with one thread and with all, and those of the processors, which others' work leaves."""
    print(f"\n{IMAGES} images, {RESAMPLES} resamples, seconds for one split (best of three), {core_count()} cores\n")
    print(
        "| classes | groups | measured | 1 thread | all threads | processor seconds |\n|---:|---:|---|---:|---:|---:|"
    )
    for n_classes, n_groups in ((2, 4_000), (2, IMAGES), (6, 4_000)):
        generator = np.random.default_rng(0)
        labels = generator.integers(0, n_classes, n_groups)
        groups = np.sort(np.append(np.arange(n_groups), generator.integers(0, n_groups, IMAGES - n_groups)))
        scores = generator.normal(size=(IMAGES, n_classes)) + np.eye(n_classes)[labels[groups]]
        probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        split = labels[groups], probabilities.astype(np.float32), groups
        for per_group in (False, True):
            times = []
            for workers in (1, core_count()):
                resampled.ordered_map = lambda function, items, n=workers: ordered_map(function, items, n)
                times.append(seconds_of(split, per_group))
            resampled.ordered_map = ordered_map
            what = "images and groups" if per_group else "images"
            clock, processors = zip(*times, strict=True)
            cells = f"{clock[0]:.2f} | {clock[1]:.2f} | {processors[0]:.2f}"
            print(f"| {n_classes} | {n_groups} | {what} | {cells} |", flush=True)


def read(record: dict[str, Any], name: str) -> dict[str, float | None]:
    """Return a measure of the split, or of its last class."""
    return record[name] if name in record else list(record["per_class"].values())[-1][name]


def counted(task: tuple[str, int, int, int, dict[str, float]]) -> dict[str, list[int]]:
    """Return, per measure, how many made-up splits have an interval and in how many it holds the truth."""
    kind, n_groups, seed, sets, truth = task
    generator = np.random.default_rng([seed, n_groups])
    found = {name: [0, 0] for name in SHOWN}
    for number in range(sets):
        labels, probabilities, groups = simulate(generator, n_groups, kind)
        classes = [str(place) for place in range(probabilities.shape[1])]
        record = intervals.evaluate_split(labels, probabilities, groups, classes, 500, seed=number)
        for name in SHOWN:
            interval = read(record, name)
            if interval["low"] is not None and interval["high"] is not None:
                found[name][0] += 1
                found[name][1] += interval["low"] <= truth[name] <= interval["high"]
    return found


def true_values(kind: str) -> dict[str, float]:
    """Return each measure of 200,000 groups."""
    labels, probabilities, groups = simulate(np.random.default_rng(99), 200_000, kind)
    classes = [str(place) for place in range(probabilities.shape[1])]
    record = intervals.evaluate_split(labels, probabilities, groups, classes, 1)
    values = {name: float(read(record, name)["value"] or 0) for name in SHOWN}
    return values | ({"ece": 0.0} if kind == "calibrated" else {})


def measure_coverage(sets: int) -> None:
    """Print, per kind and number of groups, the share of the intervals that hold the truth."""
    print(f"\n95% intervals that hold the truth, of 100 ({sets} made-up splits each, 500 resamples)\n")
    print(f"| split | groups | {' | '.join(SHOWN)} |\n|---|---:|{'---:|' * len(SHOWN)}")
    with ProcessPoolExecutor(core_count()) as pool:
        for kind in KINDS:
            truth = true_values(kind)
            for n_groups in (20, 50, 100, 300):
                parts = 2 * core_count()
                tasks = [(kind, n_groups, part, sets // parts, truth) for part in range(parts)]
                totals = summed(pool.map(counted, tasks))
                cells = [f"{100 * held / there:.1f}" if there else "-" for there, held in totals]
                print(f"| {kind} | {n_groups} | {' | '.join(cells)} |", flush=True)


def summed(parts: Iterator[dict[str, list[int]]]) -> np.ndarray:
    """Return the counts of all parts, (measures, 2)."""
    return np.sum([[part[name] for name in SHOWN] for part in parts], axis=0)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coverage", type=int, default=0, help="made-up splits per cell of the table (0: no table)")
    arguments = parser.parse_args()
    if arguments.coverage:
        measure_coverage(arguments.coverage)
    else:
        measure_speed()


if __name__ == "__main__":
    main()
