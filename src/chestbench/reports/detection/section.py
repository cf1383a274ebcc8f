"""The detectors' part of results/report.html: their leaderboard, the tables and pictures of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from chestbench.core.files import read_json
from chestbench.evaluation.detection.board import DetectorBoard
from chestbench.reports.detection import board_text
from chestbench.reports.detection.detector_tables import Table, detector_tables
from chestbench.reports.rendering import render
from chestbench.reports.study.pictures import Picture, from_file
from chestbench.reports.study.seen import clipped
from chestbench.reports.templates import boxes as templates
from chestbench.reports.templates import study as study_templates  # noqa: F401

# Of results/models/NAME, with what is said of each.
PICTURES = {
    "froc.png": "Sensitivity against false boxes per picture, as the score from which boxes are drawn falls; test",
    "boxes.png": "Boxes over test pictures: drawn by readers and found, right, missed and false",
}
# Bytes of all pictures of all detectors.
BYTES_OF_PICTURES = 1_500_000


@dataclass(frozen=True)
class DetectorPart:
    """One detector.

    Attributes:
        name: of the detector.
        tables: of its measures, as its card has them; None of what the record does not hold.
        pictures: that are there.
    """

    name: str
    tables: tuple[Table | None, ...]
    pictures: list[Picture]


def boxes_section(board: DetectorBoard, results: Path) -> Markup:
    """Return the part as HTML, everything in it escaped.

    Args:
        board: of detectors.
        results: results/models, with NAME/ of each.
    """
    room = BYTES_OF_PICTURES // (len(board.records) * len(PICTURES))
    return Markup(
        render(
            templates,
            "section.html.j2",
            board=board,
            board_table=board_text.table(board, board_text.COLUMNS, short=True),
            foundation=board_text.foundation(board),
            parts=[
                DetectorPart(
                    record["model"], tuple(detector_tables(record)), _pictures(results / record["model"], room)
                )
                for record in board.records
            ],
            clip=clipped,
        )
    )


def without_results(names: list[str], metrics: Path, results: Path, data_sha256: str) -> Mapping[str, str]:
    """Return why a detector cannot be shown, by its name; empty where all have results.

    Args:
        names: detector.variants.
        metrics: metrics/detectors.
        results: results/models.
        data_sha256: of the images, in info.json of data/processed.
    """
    missing = {}
    for name in names:
        record = metrics / f"{name}.json"
        if not record.is_file() or not (results / name).is_dir():
            missing[name] = "it was not trained and evaluated"
        elif read_json(record)["data_sha256"] != data_sha256:
            missing[name] = "its figures are of other images than those that are there"
    return missing


def _pictures(folder: Path, room: int) -> list[Picture]:
    found = (from_file(folder / name, about, room) for name, about in PICTURES.items())
    return [picture for picture in found if picture is not None]
