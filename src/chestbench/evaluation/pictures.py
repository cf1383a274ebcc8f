"""The pictures of one network, as calls that another process can take: matplotlib is imported where they are drawn."""

from collections.abc import Sequence
from pathlib import Path

from chestbench.core.files import Row
from chestbench.figures.heat_examples import HeatExamples
from chestbench.measures.record import NetworkRecord


def draw_measures(
    folder: Path, record: NetworkRecord, roc: Sequence[Row], pr: Sequence[Row], calibration: Sequence[Row]
) -> None:
    """Write all pictures but gradcam.png, see `network_pictures.draw_results` and `draw_calibration`."""
    from chestbench.figures.network_pictures import draw_calibration, draw_results

    draw_results(folder, record, roc, pr)
    draw_calibration(folder, record, calibration)


def draw_heat(folder: Path, record: NetworkRecord, examples: HeatExamples) -> None:
    """Write gradcam.png, see `network_pictures.draw_gradcam`."""
    from chestbench.figures.network_pictures import draw_gradcam

    draw_gradcam(folder, record, examples)
