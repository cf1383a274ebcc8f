"""How fast networks are compared with the chosen one, and how often that is right: `python -m benchmarks.paired`.

Speed: 18 networks on 20,000 test images, 2,000 resamples (balanced accuracy and macro AUC, intervals and p); beside it
the resampling of one network, which `evaluate` does for its intervals whether or not it is compared; and the logistic
regression on 32 x 32 pixels of 20,000 training images of 224 px. Correctness (`--coverage SETS`): of so many made-up
test sets, in how many equal networks are told apart at 5%, a better one is found, and the 95% interval holds the true
difference. Prints Markdown tables.

What it gave: docs/explanation/comparison.md.
"""

import argparse
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from chestbench.core.parallel import core_count
from chestbench.evaluation.pixel_regression import fit
from chestbench.measures.paired import Answers, differences, paired_differences
from chestbench.measures.resampled import resample
from chestbench.preparation.arrays import SplitArrays
from tests.evaluation.pairs import draw_pair

IMAGES, NETWORKS, RESAMPLES = 20_000, 18, 2_000
# Groups, chance of each class, mean images in a group.
SETS = (
    (10, (0.7, 0.3), 4),
    (20, (0.5, 0.5), 1),
    (40, (0.9, 0.1), 4),
    (60, (0.4, 0.4, 0.2), 3),
    (100, (0.95, 0.05), 4),
    (200, (0.5, 0.5), 1),
    (400, (0.7, 0.3), 5),
)
ACCURACIES = ((0.8, 0.8), (0.95, 0.95), (0.8, 0.9))


def measure_speed(images: int = IMAGES, networks: int = NETWORKS, resamples: int = RESAMPLES) -> None:
    """Print seconds of the comparison of all networks, and of what `evaluate` spends on resampling one of them."""
    print(f"\n{networks} networks on {images} images, {resamples} resamples\n")
    print("| classes | groups | all compared, s | processor s | one resampled, s | processor s |")
    print("|---:|---:|---:|---:|---:|---:|")
    for n_classes, n_groups in ((2, images), (2, images // 10), (4, images)):
        generator = np.random.default_rng(0)
        labels, groups = generator.integers(0, n_classes, images), generator.integers(0, n_groups, images)
        answers = []
        started, used = time.perf_counter(), time.process_time()
        for _ in range(networks):
            scores = np.exp(generator.normal(size=(images, n_classes)) + 1.5 * np.eye(n_classes)[labels])
            said = (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)
            answers.append(Answers(said, resample(labels, said, groups, resamples)))
        resampled, resampling = time.perf_counter() - started, time.process_time() - used
        started, used = time.perf_counter(), time.process_time()
        differences(labels, groups, answers[0], answers[1:])
        compared, comparing = time.perf_counter() - started, time.process_time() - used
        print(
            f"| {n_classes} | {n_groups} | {compared:.2f} | {comparing:.2f} | {resampled / networks:.1f} "
            f"| {resampling / networks:.1f} |",
            flush=True,
        )


def measure_regression(images: int = IMAGES, size: int = 224) -> None:
    """Print seconds and peak memory of the logistic regression; a tenth of the images is val."""
    with tempfile.TemporaryDirectory() as folder:
        parts = [made_up(Path(folder) / f"{count}.npy", count, size) for count in (images, images // 10)]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        _, settings = fit(parts[0], parts[1], 2, True, 0)
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"\nlogistic regression: {images} training images of {size} px, {settings['iterations']} iterations at C "
        f"{settings['C']:g}: {seconds:.1f} s, peak memory from {before / 1024:.0f} to {after / 1024:.0f} MB"
    )


def made_up(path: Path, count: int, size: int) -> SplitArrays:
    """Write noisy pictures of two classes that differ a little in one corner."""
    images = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=(count, size, size, 1))
    generator, labels = np.random.default_rng(count), np.arange(count) % 2
    for place in range(count):
        images[place] = generator.integers(0, 200, (size, size, 1), dtype=np.uint8)
        images[place, : size // 4, : size // 4] += np.uint8(3 * labels[place])
    images.flush()
    names = [str(place) for place in range(count)]
    return SplitArrays(
        np.load(path, mmap_mode="r"), labels, names, [str(label) for label in labels], names, [""] * count
    )


def counted(task: tuple[int, int]) -> tuple[list[float], int]:
    """Return [tested, told apart, interval holds the difference], and which made-up kind of set it was."""
    kind, seed = task
    (groups, shares, images), accuracies = SETS[kind // len(ACCURACIES)], ACCURACIES[kind % len(ACCURACIES)]
    labels, codes, (chosen, other) = draw_pair(np.random.default_rng([seed, kind]), groups, shares, images, accuracies)
    found = paired_differences(labels, codes, chosen, [other], 400, seed=seed)[0].balanced_accuracy
    if found.p is None or found.low is None or found.high is None:
        return [0, 0, 0], kind
    # The ends are sums of shares: 0.1 is held by an end of 0.1.
    held = found.low - 1e-12 <= accuracies[1] - accuracies[0] <= found.high + 1e-12
    return [1, found.p < 0.05, held], kind


def measure_coverage(sets: int) -> None:
    """Print, per kind of test set, what is told apart and what the interval holds."""
    print(f"\nOf {sets} made-up test sets each, 400 resamples, balanced accuracy\n")
    print(
        "| groups | classes | images in a group | accuracies | told apart at 5% | interval holds the truth | no test |"
    )
    print("|---:|---|---:|---|---:|---:|---:|")
    kinds = len(SETS) * len(ACCURACIES)
    totals = np.zeros((kinds, 3))
    with ProcessPoolExecutor(core_count()) as pool:
        tasks = ((kind, seed) for kind in range(kinds) for seed in range(sets))
        for counts, kind in pool.map(counted, tasks, chunksize=50):
            totals[kind] += counts
    for kind, (tested, told, held) in enumerate(totals):
        (groups, shares, images), accuracies = SETS[kind // len(ACCURACIES)], ACCURACIES[kind % len(ACCURACIES)]
        cells = (groups, " : ".join(f"{share:g}" for share in shares), images, " and ".join(map(str, accuracies)))
        rates = f"{100 * told / max(tested, 1):.1f} | {100 * held / max(tested, 1):.1f} | {int(sets - tested)}"
        print(f"| {' | '.join(map(str, cells))} | {rates} |")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coverage", type=int, default=0, help="made-up test sets per row of the table (0: no table)")
    arguments = parser.parse_args()
    if arguments.coverage:
        measure_coverage(arguments.coverage)
    else:
        measure_speed()
        measure_regression()


if __name__ == "__main__":
    main()
