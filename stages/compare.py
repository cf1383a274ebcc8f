"""compare: put the networks side by side; the winner is chosen on val.

Reads metrics/models/ and results/models/ of the networks in model.variants; writes metrics/leaderboard.csv,
metrics/summary.json and results/compare/ (curves for `dvc plots show`, pictures, the figures that the data set's
original project published), and prints the leaderboard.
"""

import argparse
from pathlib import Path

from chestbench.config import Config
from chestbench.evaluation import leaderboard, published, wording
from chestbench.evaluation.comparison import write_comparison
from chestbench.evaluation.curves import write_csv
from chestbench.files import atomic_file, write_json
from chestbench.stage import run_stage
from chestbench.tracking.results import describe_experiment


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Read every network's measures, write the comparison and return the leaderboard."""
    folder = Path("results/compare")
    records = leaderboard.read_records(Path("metrics/models"), config.model.variants)
    rows = leaderboard.table(records)
    theirs = published.beside_ours(config.dataset.published, records)
    write_comparison(records, rows, Path("results/models"), folder)
    write_csv(Path("metrics/leaderboard.csv"), leaderboard.columns(records), rows)
    write_csv(folder / "published.csv", published.COLUMNS, theirs)
    write_json(Path("metrics/summary.json"), leaderboard.summary(records))
    best = records[0]
    text = wording.text(rows, records, theirs)
    with atomic_file(folder / "leaderboard.txt") as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    describe_experiment(best["experiment"], wording.markdown(rows, records, theirs), folder, best)
    return text


if __name__ == "__main__":
    run_stage(work, __doc__)
