"""The pictures of one detector, as calls that another process can take: matplotlib is imported where they are drawn."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from chestbench.core.files import Row
from chestbench.evaluation.detection.examples import BoxExamples
from chestbench.measures.detection.record import DetectorRecord


def draw_curves(folder: Path, record: DetectorRecord, froc: Mapping[str, Sequence[Row]], pr: Sequence[Row]) -> None:
    """Write froc.png, pr.png and history.png, see `detector_pictures.draw_curves`."""
    from chestbench.figures.detection.detector_pictures import draw_curves as draw

    draw(folder, record, froc, pr)


def draw_boxes(folder: Path, record: DetectorRecord, examples: BoxExamples) -> None:
    """Write boxes.png, see `detector_pictures.draw_boxes_sheet`."""
    from chestbench.figures.detection.detector_pictures import draw_boxes_sheet

    draw_boxes_sheet(folder, record, examples.images, examples.drawn, examples.captions, examples.rows)
