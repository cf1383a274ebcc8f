"""compare: put the networks side by side; the winner is chosen on val.

Reads metrics/models/ and results/models/ of the networks in model.variants; writes metrics/leaderboard.csv,
metrics/summary.json and results/compare/ (curves for `dvc plots show` and pictures), and prints the leaderboard.
"""

import argparse
from pathlib import Path

from chestbench.config import Config
from chestbench.evaluation import leaderboard, wording
from chestbench.evaluation.comparison import write_comparison
from chestbench.evaluation.curves import write_csv
from chestbench.files import atomic_file, write_json
from chestbench.stage import run_stage
from chestbench.tracking.results import describe_experiment


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Read every network's measures, write the comparison and return the leaderboard."""
    records = leaderboard.read_records(Path("metrics/models"), config.model.variants)
    rows = leaderboard.table(records)
    write_comparison(records, rows, Path("results/models"), Path("results/compare"))
    write_csv(Path("metrics/leaderboard.csv"), leaderboard.COLUMNS, rows)
    write_json(Path("metrics/summary.json"), leaderboard.summary(records))
    best = records[0]
    describe_experiment(best["experiment"], wording.markdown(rows, records), Path("results/compare"), best)
    text = wording.text(rows, records)
    with atomic_file(Path("results/compare/leaderboard.txt")) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    return text


if __name__ == "__main__":
    run_stage(work, __doc__)
