"""The detectors of two studies beside each other: figures with their intervals, and no difference between two.

Each detector's own difference to the mean box of its train, which is paired, stands in its record.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

from chestbench.core.words import Figure, number, with_interval
from chestbench.figures.vector.charts import Ruler, interval_cell
from chestbench.measures.detection.record import DetectorRecord
from chestbench.reports.detection.detector_tables import NOT_DEFINED, told_difference
from chestbench.reports.sides.side import Side

SAME_TRAINING, ONLY_ONE = "the same training", "only one study has it"
OTHER_PICTURES = "other pictures or boxes"
BESIDE = "no paired difference is made of detectors"


class Cells(NamedTuple):
    """What one study says of a detector."""

    val: str
    test: str
    drawn: Markup
    over: str


class Line(NamedTuple):
    """One detector in both studies.

    Attributes:
        name: of the detector.
        chosen: names of the studies that chose it.
        cells: of each study, None where it has no such detector.
        reason: why no difference is given.
    """

    name: str
    chosen: tuple[str, ...]
    cells: tuple[Cells | None, Cells | None]
    reason: str


def detector_lines(first: Side, second: Side, ruler: Ruler) -> list[Line]:
    """Return a line for every detector that either study has."""
    sides = first, second
    return [
        Line(
            name,
            tuple(side.name for side in sides if side.detector == name),
            (_cells(first.detectors.get(name), ruler), _cells(second.detectors.get(name), ruler)),
            _reason(first.detectors.get(name), second.detectors.get(name)),
        )
        for name in dict.fromkeys([*first.detectors, *second.detectors])
    ]


def detector_figures(first: Side, second: Side) -> list[Figure]:
    """Return the figures that are drawn: those of test of every detector."""
    return [record["test"]["map50"] for side in (first, second) for record in side.detectors.values()]


def detector_facts(first: Side, second: Side) -> dict[str, Any]:
    """Return what the sentences on detectors are made of."""
    chosen = [
        (
            side.name,
            side.detectors[side.detector],
            told_difference(side.detectors[side.detector]["difference"]["map50"]),
        )
        for side in (first, second)
        if side.detector
    ]
    records = [record for _, record, _ in chosen]
    return {
        "chosen": chosen,
        "same_pictures": len(records) == 2 and _judged_on(records[0]) == _judged_on(records[1]),
        "one_training": len(records) == 2 and records[0]["run_key"] == records[1]["run_key"],
    }


def _cells(record: DetectorRecord | None, ruler: Ruler) -> Cells | None:
    if record is None:
        return None
    test, over = record["test"]["map50"], told_difference(record["difference"]["map50"])
    shown = NOT_DEFINED if test["value"] is None else with_interval(test)
    drawn = "" if test["value"] is None else interval_cell(test, ruler, f"{record['model']}: {shown}")
    return Cells(number(record["val"]["map50"]["value"]), shown, Markup(drawn), over)


def _reason(one: DetectorRecord | None, other: DetectorRecord | None) -> str:
    if one is None or other is None:
        return ONLY_ONE
    if one["run_key"] == other["run_key"]:
        return SAME_TRAINING
    return BESIDE if _judged_on(one) == _judged_on(other) else OTHER_PICTURES


def _judged_on(record: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what two detectors share where their figures are of the same pictures and boxes."""
    return record["data_sha256"], record["boxes_sha256"], *record["findings"]
