"""compare: put the networks side by side; the winner is chosen on val, and the others are tested against it.

Reads metrics/models/ and results/models/ of the networks in model.variants, the baselines, the audit's warnings and
metrics/external/; writes metrics/leaderboard.csv, metrics/summary.json and results/compare/ (curves for
`dvc plots show`, pictures, paired.csv, external.csv, the figures that the data set's original project published,
CLAIM.md). With the times in models/MODEL/timing.json it writes results/leaderboard.txt, and prints that.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chestbench.core.config import Config
from chestbench.core.files import Row, read_json, write_csv, write_json, write_text
from chestbench.core.stage import run_stage
from chestbench.evaluation import external_table, leaderboard_builder, leaderboard_rows, published, versus
from chestbench.evaluation.leaderboard import REGRESSION, Leaderboard, Timing
from chestbench.evaluation.plots import write_comparison
from chestbench.measures.other_records import BaselinesRecord
from chestbench.measures.predictions import Predictions, read_predictions
from chestbench.measures.record import NetworkRecord
from chestbench.measures.resampled import RESAMPLED, read_resampled
from chestbench.reports import leaderboard_text
from chestbench.reports.claim import ClaimFacts, write_claim
from chestbench.tracking.experiment import describe_experiment
from chestbench.training.records import TIMED_COLUMNS, TIMING_FILE

LEADERBOARD, RESULTS = Path("results/leaderboard.txt"), Path("results/models")


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Read every network's measures, write the comparison and return the leaderboard."""
    folder, metrics = Path("results/compare"), Path("metrics")
    records = leaderboard_builder.read_records(metrics / "models", config.model.variants)
    baselines, audit = read_json(metrics / "baselines.json"), read_json(metrics / "audit.json")
    predictions = {
        record["model"]: read_predictions(RESULTS / record["model"] / "predictions.csv", record["classes"])
        for record in records
    }
    against = _tested(records, predictions, baselines)
    sets = [entry.name for entry in config.evaluate.external]
    board = leaderboard_builder.build(
        records,
        against,
        baselines,
        _timings(config.model.variants),
        published=published.beside_ours(config.dataset.published, records),
        external=external_table.external_rows(metrics / "external", sets, records),
        warnings=audit["warnings"],
        untested=audit.get("untested", []),
    )
    write_comparison(board, predictions, RESULTS, folder)
    write_csv(metrics / "leaderboard.csv", leaderboard_rows.columns(board), leaderboard_rows.table(board))
    write_csv(folder / "paired.csv", versus.COLUMNS, against.values())
    write_csv(folder / "external.csv", external_table.COLUMNS, board.external)
    write_csv(folder / "published.csv", published.COLUMNS, board.published)
    write_json(metrics / "summary.json", leaderboard_rows.summary(board))
    text = leaderboard_text.text(board)
    write_text(LEADERBOARD, text + "\n")
    write_claim(folder / "CLAIM.md", _claim_facts(config, board, baselines, audit))
    write_text(folder / leaderboard_text.PAGE, leaderboard_text.markdown(board))
    describe_experiment(board.best["experiment"], folder, board.best, audit["warnings"])
    return text


def _timings(networks: Sequence[str]) -> dict[str, Timing]:
    """Return what the clock said of each training: it stands in the terminal's table and in no other."""
    times = {name: read_json(Path("models") / name / TIMING_FILE) for name in networks}
    return {name: Timing(**{key: timing[key] for key in TIMED_COLUMNS}) for name, timing in times.items()}


def _tested(
    records: Sequence[NetworkRecord], predictions: dict[str, Predictions], baselines: BaselinesRecord
) -> dict[str, Row]:
    """Return the paired comparison of every other network, and of the regression as a family of its own."""
    best = records[0]
    name, chosen, confidence = best["model"], predictions[best["model"]], best["bootstrap"]["confidence"]
    leaderboard_builder.check_baselines(baselines, best)
    resampled = {record["model"]: read_resampled(RESULTS / record["model"] / RESAMPLED) for record in records}
    resampled[REGRESSION] = read_resampled(Path("results/baselines") / RESAMPLED)
    others = {record["model"]: predictions[record["model"]] for record in records[1:]}
    regression = read_predictions(Path("results/baselines/predictions.csv"), best["classes"])
    simple = {REGRESSION: regression}
    families = (versus.compare_with_chosen(name, chosen, family, resampled, confidence) for family in (others, simple))
    return {other: row for family in families for other, row in family.items()}


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
