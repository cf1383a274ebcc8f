"""compare: put the networks side by side; the winner is chosen on val, and the others are tested against it.

Reads metrics/models/ and results/models/ of the networks in model.variants, the baselines, the audit's warnings and
metrics/external/; writes metrics/leaderboard.csv, metrics/summary.json and results/compare/ (curves for
`dvc plots show`, pictures, paired.csv, external.csv, the figures that the data set's original project published,
CLAIM.md). With the times in models/MODEL/timing.json it writes results/leaderboard.txt, and prints that.
The detectors in detector.variants (metrics/detectors/) have a table of their own in the same places.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from chestbench.core.config import Config
from chestbench.core.files import Row, atomic_folder, read_json, write_csv, write_json, write_text
from chestbench.core.stage import run_stage
from chestbench.evaluation import external_table, leaderboard_rows, published, versus
from chestbench.evaluation.detection import board_rows
from chestbench.evaluation.detection.board import DetectorBoard, read_detectors
from chestbench.evaluation.detection.comparison import write_alone, write_detectors, write_none
from chestbench.evaluation.leaderboard import Leaderboard
from chestbench.evaluation.plots import write_comparison
from chestbench.evaluation.study import Places, read_study, timings
from chestbench.measures.other_records import BaselinesRecord
from chestbench.reports import leaderboard_text
from chestbench.reports.claim import ClaimFacts, write_claim
from chestbench.reports.detection import board_text
from chestbench.tracking.experiment import describe_experiment

COMPARED = Path("results/compare")
LEADERBOARD, RESULTS, METRICS = Path("results/leaderboard.txt"), Path("results/models"), Path("metrics")
PLACES = Places(METRICS, Path("models"), RESULTS, Path("results/baselines"))


class Compared(NamedTuple):
    """What one kind of trained things gives: the terminal's table, keys of summary.json, the chosen one's record."""

    text: str
    summary: Row
    best: Mapping[str, Any]


def work(config: Config, arguments: argparse.Namespace) -> str:
    """Read every network's and detector's measures, write the comparison and return the leaderboard."""
    audit = read_json(METRICS / "audit.json")
    compared = []
    if config.model.variants:
        compared.append(_networks(config, audit))
    if config.detector.variants:
        compared.append(_detectors(config, audit))
    else:
        write_none(COMPARED)
    write_json(METRICS / "summary.json", {key: value for found in compared for key, value in found.summary.items()})
    text = "\n\n".join(found.text for found in compared)
    write_text(LEADERBOARD, text + "\n")
    best = compared[0].best
    describe_experiment(best["experiment"], COMPARED, best, audit["warnings"])
    return text


def _networks(config: Config, audit: Mapping[str, Any]) -> Compared:
    """Compare the networks for classes; results/compare is made anew."""
    folder, baselines = COMPARED, read_json(METRICS / "baselines.json")
    sets = [entry.name for entry in config.evaluate.external]
    study = read_study(config, PLACES, config.model.variants, sets, baselines)
    board = study.board
    write_comparison(board, study.predictions, RESULTS, folder)
    write_csv(METRICS / "leaderboard.csv", leaderboard_rows.columns(board), leaderboard_rows.table(board))
    write_csv(folder / "paired.csv", versus.COLUMNS, study.against.values())
    write_csv(folder / "external.csv", external_table.COLUMNS, board.external)
    write_csv(folder / "published.csv", published.COLUMNS, board.published)
    write_claim(folder / "CLAIM.md", _claim_facts(config, board, baselines, audit))
    write_text(folder / leaderboard_text.PAGE, leaderboard_text.markdown(board))
    return Compared(leaderboard_text.text(board), leaderboard_rows.summary(board), board.best)


def _detectors(config: Config, audit: Mapping[str, Any]) -> Compared:
    """Compare the detectors: beside the networks where there are any, else alone, with all that DVC expects."""
    alone = not config.model.variants
    said = {"warnings": audit["warnings"], "untested": audit.get("untested", []), "data": audit.get("data", [])}
    records = read_detectors(METRICS / "detectors", config.detector.variants)
    board = DetectorBoard(records, timings(PLACES.models, config.detector.variants), **(said if alone else {}))
    summary = board_rows.summary(board)
    if not alone:
        write_detectors(board, RESULTS, COMPARED)
        page = COMPARED / leaderboard_text.PAGE
        write_text(page, f"{page.read_text(encoding='utf-8')}\n\n{board_text.markdown(board)}")
        return Compared(board_text.text(board, alone), summary, board.best)
    with atomic_folder(COMPARED) as temporary:
        write_detectors(board, RESULTS, temporary)
        write_alone(board, RESULTS, temporary)
        write_text(temporary / leaderboard_text.PAGE, board_text.markdown(board))
    write_csv(METRICS / "leaderboard.csv", board_rows.columns(board), board_rows.table(board))
    return Compared(board_text.text(board, alone), {**summary, **board_rows.shared(board.best)}, board.best)


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
