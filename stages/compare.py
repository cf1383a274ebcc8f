"""compare: put the networks side by side; the winner is chosen on val, and the others are tested against it.

Reads metrics/models/ and results/models/ of the networks in model.variants, the baselines, the audit's warnings and
metrics/external/; writes metrics/leaderboard.csv, metrics/summary.json and results/compare/ (curves for
`dvc plots show`, pictures, paired.csv, external.csv, the figures that the data set's original project published,
CLAIM.md). With the times in models/MODEL/timing.json it writes results/leaderboard.txt, and prints that.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chestbench.core.config import Config
from chestbench.core.files import read_json, write_csv, write_json, write_text
from chestbench.core.stage import run_stage
from chestbench.evaluation import external_table, leaderboard_rows, published, versus
from chestbench.evaluation.leaderboard import Leaderboard
from chestbench.evaluation.plots import write_comparison
from chestbench.evaluation.study import Places, read_study
from chestbench.measures.other_records import BaselinesRecord
from chestbench.reports import leaderboard_text
from chestbench.reports.claim import ClaimFacts, write_claim
from chestbench.tracking.experiment import describe_experiment

LEADERBOARD, RESULTS, METRICS = Path("results/leaderboard.txt"), Path("results/models"), Path("metrics")
PLACES = Places(METRICS, Path("models"), RESULTS, Path("results/baselines"))


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Read every network's measures, write the comparison and return the leaderboard."""
    folder = Path("results/compare")
    baselines, audit = read_json(METRICS / "baselines.json"), read_json(METRICS / "audit.json")
    sets = [entry.name for entry in config.evaluate.external]
    study = read_study(config, PLACES, config.model.variants, sets, baselines)
    board = study.board
    write_comparison(board, study.predictions, RESULTS, folder)
    write_csv(METRICS / "leaderboard.csv", leaderboard_rows.columns(board), leaderboard_rows.table(board))
    write_csv(folder / "paired.csv", versus.COLUMNS, study.against.values())
    write_csv(folder / "external.csv", external_table.COLUMNS, board.external)
    write_csv(folder / "published.csv", published.COLUMNS, board.published)
    write_json(METRICS / "summary.json", leaderboard_rows.summary(board))
    text = leaderboard_text.text(board)
    write_text(LEADERBOARD, text + "\n")
    write_claim(folder / "CLAIM.md", _claim_facts(config, board, baselines, audit))
    write_text(folder / leaderboard_text.PAGE, leaderboard_text.markdown(board))
    describe_experiment(board.best["experiment"], folder, board.best, audit["warnings"])
    return text


def _claim_facts(
    config: Config, board: Leaderboard, baselines: BaselinesRecord, audit: Mapping[str, Any]
) -> ClaimFacts:
    known = {name: read_json(Path(f"metrics/{name}.json")) for name in ("catalog", "split", "preprocess", "upsample")}
    source = read_json(Path("data/raw/source.json"))
    sets = [
        read_json(Path(f"metrics/external/{entry.name}/{board.best['model']}.json"))
        for entry in config.evaluate.external
    ]
    return ClaimFacts(config, board, sets, baselines=baselines, audit=audit, source=source, **known)


if __name__ == "__main__":
    run_stage(work, __doc__)
