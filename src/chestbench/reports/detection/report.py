"""results/report.html of a study that has detectors and no networks for classes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestbench.core.config import Config
from chestbench.core.files import write_text
from chestbench.core.notice import NOTICE, SYNTHETIC, tiny_note
from chestbench.evaluation.detection.board import DetectorBoard
from chestbench.reports.detection import board_text
from chestbench.reports.detection.section import boxes_section
from chestbench.reports.model_card import partitions
from chestbench.reports.rendering import render
from chestbench.reports.study.reproduced import Reproduced
from chestbench.reports.study.seen import clipped
from chestbench.reports.templates import board as board_templates  # noqa: F401
from chestbench.reports.templates import boxes as templates
from chestbench.reports.templates import page as page_templates  # noqa: F401


@dataclass(frozen=True)
class DetectorStudy:
    """What the report is made from.

    Attributes:
        config: the parameters.
        board: of the detectors that have results.
        missing: detectors that have none, with the reason.
        results: results/models.
        split: metrics/split.json.
        source: data/raw/source.json.
        reproduced: how to make the study again.
    """

    config: Config
    board: DetectorBoard
    missing: Mapping[str, str]
    results: Path
    split: Mapping[str, Any]
    source: Mapping[str, Any]
    reproduced: Reproduced


def write_detector_report(path: Path, known: DetectorStudy) -> None:
    """Write the report: one file, which needs no network; the same inputs give the same bytes."""
    best, classes = known.board.best, list(next(iter(known.split["images"].values())))
    text = render(
        templates,
        "report.html.j2",
        config=known.config,
        board=known.board,
        title=clipped(known.config.dataset.title, 160),
        notice=f"{SYNTHETIC}; {NOTICE}" if best["synthetic"] else NOTICE,
        tiny=tiny_note(best),
        missing=known.missing,
        boxes=boxes_section(known.board, known.results),
        foundation=board_text.foundation(known.board),
        partitions=partitions(known.split, classes, "part"),
        source=known.source,
        reproduced=known.reproduced,
        clip=clipped,
    )
    write_text(path, text)
