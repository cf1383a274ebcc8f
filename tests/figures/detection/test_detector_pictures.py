"""The sheet of boxes and the curves: rows for every outcome, empty ones too, and curves without a point."""

from pathlib import Path

import numpy as np
from matplotlib.text import Text

from chestbench.figures.detection.curves_figures import Line, boxes_pr_figure, froc_figure
from chestbench.figures.detection.sheet import Tile, boxes_figure
from chestbench.figures.detection.styles import Drawn
from chestbench.figures.drawing import save
from chestbench.imaging.boxes import Boxes

RATES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def test_rows_with_many_and_no_pictures(tmp_path: Path) -> None:
    tile = Tile(np.full((16, 16), 90, np.uint8), Drawn(missed=Boxes.of([[2, 2, 9, 9]])), "0 of 1 found")
    drawing = boxes_figure([("missed", [tile] * 5), ("alarm", [])], ["opacity"], "a detector")
    save(drawing, tmp_path / "b.png", True)
    shown = [text.get_text() for text in drawing.findobj(Text)]
    assert shown.count("0 of 1 found") == 5 and shown.count("none") == 1
    assert {"missed", "alarm"} <= set(shown)


def test_only_empty_rows_are_drawn_too(tmp_path: Path) -> None:
    save(boxes_figure([("missed", []), ("alarm", [])], ["opacity"], "a detector"), tmp_path / "b.png", False)
    assert (tmp_path / "b.png").is_file()


def test_the_curve_holds_its_height_between_points_and_after_the_last() -> None:
    at = {rate: {"value": 0.5, "low": 0.4, "high": None} for rate in RATES}
    line = Line([0.0, 0.3, 3.0], [0.2, 0.6, 0.9], {**at, 1.0: {"value": 0.6, "low": 0.5, "high": 0.7}})
    axes = froc_figure({"a": line}, RATES, "t", (0.01, 0.1)).axes[0]
    x, y = axes.lines[0].get_data()
    below = {rate: float(np.asarray(y)[np.asarray(x) <= rate][-1]) for rate in (0.125, 0.25, 0.5, 2.0, 8.0)}
    assert below == {0.125: 0.2, 0.25: 0.2, 0.5: 0.6, 2.0: 0.6, 8.0: 0.9}
    assert "fewer false boxes than shown" in axes.get_legend().get_texts()[-1].get_text()


def test_curves_without_a_point_are_drawn(tmp_path: Path) -> None:
    save(froc_figure({"a": Line([], [], {})}, RATES, "t"), tmp_path / "f.png", True)
    save(boxes_pr_figure({"a": ([], [])}, "t"), tmp_path / "p.png", True)
    save(boxes_pr_figure({}, "t"), tmp_path / "q.png", True)
