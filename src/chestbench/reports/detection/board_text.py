"""The leaderboard of detectors in words, for a terminal and as MLflow shows it on the experiment's page."""

from collections.abc import Mapping, Sequence
from typing import Any

from chestbench.core.notice import NOTICE, split_words, tiny_note
from chestbench.core.words import MEASURES, heading, interval_of, number
from chestbench.evaluation.detection import board_rows
from chestbench.evaluation.detection.board import DetectorBoard
from chestbench.reports.detection.detector_tables import told_difference
from chestbench.reports.rendering import render, said
from chestbench.reports.templates import board as board_templates  # noqa: F401
from chestbench.reports.templates import boxes as templates
from chestbench.reports.unit_words import units_of

Table = tuple[list[str], list[list[str]]]
WITH_INTERVAL = ("test_map50", "test_map50_95", "test_froc")
PAGE_COLUMNS = ("val_map50", *WITH_INTERVAL, "over_mean_box")
COLUMNS = ("parameters", "epochs", "seconds", *PAGE_COLUMNS)


def text(board: DetectorBoard, alone: bool) -> str:
    """Return the leaderboard for a terminal.

    Args:
        board: of detectors.
        alone: there are no networks for classes; what to run next is said here.
    """
    return _worded("leaderboard.txt.j2", board, COLUMNS, short=True, alone=alone)


def markdown(board: DetectorBoard) -> str:
    """Return the leaderboard as a Markdown table, with what it stands on and what to believe of it."""
    return _worded("page.md.j2", board, PAGE_COLUMNS, short=False)


def table(board: DetectorBoard, columns: Sequence[str], short: bool = False) -> Table:
    """Return headings and one row of cells for each line: detectors, fused seeds, the mean box.

    Args:
        board: of detectors.
        columns: of `COLUMNS`; seeds are added where there are several.
        short: short headings.
    """
    shown = [name for name in columns if name != "seconds" or board.timings]
    level = f" [{board.best['bootstrap']['confidence']:.0%}]"
    heads = [_heading(name, short) + (level if name in WITH_INTERVAL else "") for name in shown]
    seeds = "seeds" in board_rows.columns(board)
    rows = [
        [row["model"], *(_cell(board, row, name) for name in shown), *([_seeds(row)] if seeds else [])]
        for row in board_rows.table(board)
    ]
    return ["detector", *heads, *([heading("seeds", short)] if seeds else [])], rows


def foundation(board: DetectorBoard) -> str:
    """Return what the figures stand on: data set, split unit, test images and boxes, and the notice."""
    best = board.best
    return said(templates, "foundation", best, split_words(best), units_of(best), NOTICE)[0]


def _worded(name: str, board: DetectorBoard, columns: Sequence[str], short: bool, **facts: Any) -> str:
    known = {"detectors": table(board, columns, short), "foundation": foundation(board)}
    return render(templates, name, board=board, tiny=tiny_note(board.best), **known, **facts).rstrip("\n")


def _heading(name: str, short: bool) -> str:
    return "over it" if name == "over_mean_box" else heading(name, short)


def _cell(board: DetectorBoard, row: Mapping[str, Any], name: str) -> str:
    if name == "seconds":
        timing = board.timings.get(row["model"])
        return number(timing.seconds if timing else None, MEASURES[name].form)
    if name == "over_mean_box":
        if row[name] is None:
            return "-"
        return told_difference({"value": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]})
    if name in WITH_INTERVAL:
        return interval_of(row, name)
    return number(row[name], MEASURES[name].form if name in MEASURES else ".3f")


def _seeds(row: Mapping[str, Any]) -> str:
    """Return `3 seeds: 0.61 +- 0.02`, or `-`."""
    if row["seeds"] is None:
        return "-"
    mean, spread = row["test_map50_mean"], row["test_map50_sd"]
    told = "undefined" if mean is None or spread is None else f"{mean:.2f} +- {spread:.2f}"
    return f"{row['seeds']} seeds: {told}"
