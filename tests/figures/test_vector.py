"""Charts as SVG: text is escaped, figures stand where the axes say, nothing is drawn of what is undefined."""

from xml.etree import ElementTree

import numpy as np
import pytest

from chestbench.figures.vector.charts import (
    CELL_WIDTH,
    Ruler,
    below,
    calibration_chart,
    history_chart,
    interval_cell,
    pr_chart,
    roc_chart,
)
from chestbench.figures.vector.drawing import Chart, Span, nice_span
from chestbench.measures.bands import pr_band, roc_band

NASTY = "</svg><script>alert('정상')</script> & \"x\""
FIGURE = {"value": 0.9, "low": 0.8, "high": 0.95}


def _points(root: ElementTree.Element, tag: str) -> list[list[float]]:
    (found,) = root.findall(tag)
    return [[float(part) for part in pair.split(",")] for pair in found.attrib["points"].split()]


def test_lines_lie_where_the_axes_say() -> None:
    chart = Chart("about", Span(0, 10, (0, 5, 10)), Span(-1, 1, (-1, 0, 1)), "x", "y", (300, 200))
    chart.line([0, 5, 10, 7], [-1, 0, 1, float("nan")], "s1", "name")
    root = ElementTree.fromstring(chart.markup())
    left, right, bottom, top, *domain = map(float, root.attrib["data-axes"].split())
    assert domain == [0, 10, -1, 1]
    middle = [(left + right) / 2, (bottom + top) / 2]
    assert np.allclose(_points(root, "polyline"), [[left, bottom], middle, [right, top]], atol=0.05)


def test_names_and_alternative_texts_are_escaped() -> None:
    scores, positive = np.linspace(0, 1, 30), np.arange(30) % 3 == 0
    rows = [
        {"fpr": 0.0, "tpr": 0.0, "recall": 0.1, "precision": 0.4},
        {"fpr": 1, "tpr": 1, "recall": 1, "precision": 0.3},
    ]
    drawings = [
        roc_chart(NASTY, roc_band(scores, positive, range(30), 100), rows, FIGURE),
        pr_chart(NASTY, pr_band(scores, positive, range(30), 100), rows, FIGURE, 0.3, small=True),
        calibration_chart({NASTY: [{"confidence": 0.6, "accuracy": 0.5, "images": 3}]}, NASTY),
        interval_cell(FIGURE, Ruler(0, 1), NASTY),
    ]
    for svg in drawings:
        root = ElementTree.fromstring(svg)
        assert "<script" not in svg and NASTY in root.attrib["aria-label"]
        assert root.attrib["role"] == "img"


def test_an_interval_lies_on_its_ruler_and_nothing_is_drawn_off_it() -> None:
    root = ElementTree.fromstring(interval_cell(FIGURE, Ruler(0.5, 1.0, 0.5), "about"))
    (dot,) = root.findall("circle")
    assert float(dot.attrib["cx"]) == pytest.approx(4 + 0.8 * (CELL_WIDTH - 8), abs=0.06)
    bare = ElementTree.fromstring(interval_cell({"value": 0.9, "low": None, "high": None}, Ruler(0.5, 1), "about"))
    assert [part.attrib["class"] for part in bare] == ["dot s1"]
    assert interval_cell({"value": None, "low": None, "high": None}, Ruler(0, 1), "about") == ""
    assert interval_cell({"value": 0.1, "low": 0.0, "high": 0.2}, Ruler(0.5, 1), "about") == ""


@pytest.mark.parametrize("ends", [(0.0, 0.0), (float("nan"), 1.0), (0.0, float("inf")), (0.0, 1e-9), (0.0, 12345.0)])
def test_an_axis_holds_any_values(ends: tuple[float, float]) -> None:
    span = nice_span(*ends)
    assert span.low < span.high and 2 <= len(span.ticks) <= 8
    if np.isfinite(ends).all():
        assert span.low <= ends[0] and span.high >= ends[1]


def test_a_training_that_diverged_or_has_one_epoch_is_drawn() -> None:
    nan = float("nan")
    for series in ({"train": [0.5], "val": [0.4]}, {"train": [0.5, nan], "val": [nan, nan]}, {"train": [], "val": []}):
        svg = history_chart("loss", series, ([0.5, 1.0], [3.0, nan]), 1)
        assert ElementTree.fromstring(svg).attrib["aria-label"].startswith("loss while training")


def test_steps_that_leave_the_scale_are_cut_off_and_not_drawn_along_its_top() -> None:
    xs, ys = [0.0, 0.25, 0.5, 0.75, 1.0], [9.0, 1.0, float("nan"), 5.0, 1.0]
    assert below(xs, ys, 10) == [([0.0, 0.25, 0.75, 1.0], [9.0, 1.0, 5.0, 1.0])]
    parts = below(xs, ys, 3)
    assert [y for _, part in parts for y in part] == [3, 1.0, 3, 3, 1.0]
    assert parts[0][0] == pytest.approx([0.1875, 0.25, 0.5]) and parts[1][0] == pytest.approx([0.875, 1.0])
    assert below([0, 1], [5, 6], 3) == [] and below([], [], 3) == []
    values = [9.0] + [0.5] * 60
    svg = history_chart("loss", {"train": [0.6]}, (np.linspace(0, 1, 61).tolist(), values), 1)
    root = ElementTree.fromstring(svg)
    top = float(root.attrib["data-axes"].split()[3])
    thin = [line for line in root.findall("polyline") if "thin" in line.attrib["class"]]
    heights = [float(pair.split(",")[1]) for line in thin for pair in line.attrib["points"].split()]
    assert heights.count(top) == 1 and min(heights) == top
