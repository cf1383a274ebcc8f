"""The sheet of heat maps: rows for every kind, flat maps, and a grey print that shows the same."""

from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.text import Text

from chestbench.figures.drawing import save
from chestbench.figures.heat_sheet import Tile, heat_figure


def tile(hot: bool) -> Tile:
    heat = np.zeros((16, 16), np.float32)
    if hot:
        heat[4:8, 4:8] = 1
    return Tile(np.full((16, 16), 90, np.uint8), heat, "actual a\npredicted b (0.91)")


def test_rows_with_many_one_and_no_images(tmp_path: Path) -> None:
    rows = [("true positives", [tile(True)] * 3), ("false positives", []), ("true negatives", [tile(False)])]
    drawing = heat_figure(rows, "a network")
    save(drawing, tmp_path / "g.png", True)
    shown = [text.get_text() for text in drawing.findobj(Text)]
    assert shown.count("none shown") == 1
    assert shown.count("actual a\npredicted b (0.91)") == 4
    assert [text for text in shown if text in ("true positives", "false positives", "true negatives")] == [
        name for name, _ in rows
    ]


def test_only_empty_rows_are_drawn_too(tmp_path: Path) -> None:
    save(heat_figure([("correct", []), ("wrong", [])], "a network"), tmp_path / "g.png", True)
    assert (tmp_path / "g.png").is_file()


def test_more_heat_is_lighter_without_colour() -> None:
    colours = colormaps["inferno"](np.linspace(0, 1, 50))[:, :3]
    grey = colours @ np.array([0.299, 0.587, 0.114])
    assert (np.diff(grey) > 0).all()
