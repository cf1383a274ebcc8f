"""How often the intervals of detectors' measures hold the truth: `python -m benchmarks.box_intervals`.

The rule, written and committed before the first of these seeds was drawn, as the rule of the test
(tests/measures/detection/test_coverage.py) had been changed after its results were seen: 600 splits of 60 and of 120
patients, 300 resamples, truth over 20,000 patients, seeds from 7,000,000 on. With e, the standard error of such a share
if the promise of 95 were kept (0.9 of 100):

- below 95 - 3 e: too narrow; between 95 - 3 e and 95 - 2 e: perhaps narrow; above 95 + 3 e: too wide. The documentation
  names each such measure;
- where the mean over the measures of a size is below 94 or above 98, the documentation does not promise 95 there.
"""

import argparse

import numpy as np

from tests.measures.detection.coverage import CONFIDENCE, shares_held, true_values

SPLITS, SIZES, TRUTH, FIRST_SEED = 600, (60, 120), 20_000, 7_000_000


def verdict(share: float, splits: int) -> str:
    """Return what the rule says of one share, nothing where it is as promised."""
    error = float(np.sqrt(CONFIDENCE * (1 - CONFIDENCE) / splits))
    if share < CONFIDENCE - 3 * error:
        return "too narrow"
    if share < CONFIDENCE - 2 * error:
        return "perhaps narrow"
    return "too wide" if share > CONFIDENCE + 3 * error else ""


def main() -> None:
    """Print a table of shares for each number of patients, with the rule's words."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    exact = true_values(FIRST_SEED, TRUTH)
    for n_groups in SIZES:
        first = FIRST_SEED + 1
        shares = shares_held(exact, range(first, first + SPLITS), n_groups)
        print(f"\n{n_groups} patients, {SPLITS} splits: 95% intervals that hold the truth, of 100\n")
        for name, share in shares.items():
            print(f"| {name} | {100 * share:.1f} | {verdict(share, SPLITS)} |")
        print(f"| mean | {100 * np.mean(list(shares.values())):.1f} | |", flush=True)


if __name__ == "__main__":
    main()
