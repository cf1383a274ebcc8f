"""The charts of a report: curves with bands, training, calibration, and intervals that stand in a cell of a table."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from xml.etree import ElementTree

from chestbench.core.files import Row
from chestbench.core.words import Figure, heading, with_interval
from chestbench.figures.vector.drawing import Chart, Span, markup, nice_span, style_of
from chestbench.measures.bands import Band

SIZE = (300, 258)
# Where many stand side by side: letters keep their size.
SMALL = (196, 180)
SHARES = Span(0.0, 1.0, (0, 0.25, 0.5, 0.75, 1), "g")
FEW_SHARES = Span(0.0, 1.0, (0, 0.5, 1), "g")
# Of an interval in a cell.
CELL_WIDTH, CELL_HEIGHT = 184, 18


class Ruler(NamedTuple):
    """The scale that the intervals of one table share, and a value that is marked on it (what guessing reaches)."""

    low: float
    high: float
    mark: float | None = None

    def at(self, value: float) -> float:
        """Return the place of a value in pixels, at the nearer end where it lies outside."""
        share = (value - self.low) / (self.high - self.low)
        return 4 + min(max(share, 0.0), 1.0) * (CELL_WIDTH - 8)


def roc_chart(name: str, band: Band, points: Sequence[Row], auc: Figure, small: bool = False) -> str:
    """Return the ROC curve of a class against the rest, with its band.

    Args:
        name: of the class.
        band: from `bands.roc_band`.
        points: rows of roc.csv of that class.
        auc: the area under it.
        small: whether it is one of many.
    """
    about = f"ROC curve of {name}: area {with_interval(auc)}; the band is its pointwise interval"
    chart = _of_shares(about, "1 − specificity", "sensitivity", small)
    chart.line([0, 1], [0, 1], "guide")
    chart.band(band.places.tolist(), band.low.tolist(), band.high.tolist(), "s1")
    chart.line([float(row["fpr"]) for row in points], [float(row["tpr"]) for row in points], "s1", "sensitivity")
    return chart.markup()


def pr_chart(name: str, band: Band, points: Sequence[Row], precision: Figure, share: float, small: bool = False) -> str:
    """Return the precision-recall curve of a class, with its band; the guide is the class's share of the images."""
    reached = f"{heading('average_precision')} {with_interval(precision)}"
    about = f"Precision-recall curve of {name}: {reached}; guessing reaches {share:.2f}"
    chart = _of_shares(about, "recall (sensitivity)", "precision (PPV)", small)
    chart.line([0, 1], [share, share], "guide")
    chart.band(band.places.tolist(), band.low.tolist(), band.high.tolist(), "s1")
    xs, ys = [float(row["recall"]) for row in points], [float(row["precision"]) for row in points]
    chart.line([0.0, *xs], [ys[0], *ys], "s1", "precision")
    return chart.markup()


def history_chart(
    measure: str, epochs: Mapping[str, Sequence[float]], steps: tuple[Sequence[float], Sequence[float]], best: int
) -> str:
    """Return how one measure went while training: each epoch's figure by split, and single steps as a thin line.

    Args:
        measure: `loss`, `accuracy`.
        epochs: split -> its value at the end of each epoch.
        steps: epochs that had passed at each step, and the value there.
        best: the epoch whose weights were kept.
    """
    last = max(1, *(len(values) for values in epochs.values()))
    values = [value for series in epochs.values() for value in series if math.isfinite(value)]
    # Single steps leap: an axis that held each of them would flatten what matters.
    ranked = sorted(value for value in steps[1] if math.isfinite(value))
    top = max([*values, *ranked[: max(1, int(0.95 * len(ranked)))]], default=1.0)
    y = SHARES if measure == "accuracy" else nice_span(0.0, max(top, 1e-6))
    whole = sorted({round(tick) for tick in nice_span(0, last).ticks if 0 <= tick <= last})
    ends = "; ".join(f"{name} {series[-1]:.3f} after the last epoch" for name, series in epochs.items() if series)
    chart = Chart(f"{measure} while training: {ends}", Span(0, last, whole, "d"), y, "epoch", measure, SIZE)
    for xs, ys in below(steps[0], steps[1], y.high):
        chart.line(xs, ys, "thin")
    chart.line([best, best], [y.low, y.high], "guide")
    for place, (name, series) in enumerate(epochs.items()):
        xs = [float(epoch + 1) for epoch in range(len(series))]
        chart.line(xs, list(series), style_of(place), name)
        for x, value in zip(xs, series, strict=True):
            if len(series) <= 12 and math.isfinite(value):
                chart.dot(x, value, 3, style_of(place))
    return chart.markup()


def below(xs: Sequence[float], ys: Sequence[float], top: float) -> list[tuple[list[float], list[float]]]:
    """Return the parts of a line that lie at or below `top`, each ending where it crosses it.

    What is higher is left out and not drawn along the top, where it would be read as a value. Points that are not
    finite are passed over.

    >>> below([0, 1, 2], [1, 3, 1], 2)
    [([0, 0.5], [1, 2]), ([1.5, 2], [2, 1])]
    """
    points = [(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(x) and math.isfinite(y)]
    parts: list[tuple[list[float], list[float]]] = []
    for place, (x, y) in enumerate(points):
        before = points[place - 1] if place else None
        if y <= top and (before is None or before[1] > top):
            parts.append(([], []))
        if before is not None and (y > top) != (before[1] > top):
            share = (top - before[1]) / (y - before[1])
            parts[-1][0].append(before[0] + share * (x - before[0]))
            parts[-1][1].append(top)
        if y <= top:
            parts[-1][0].append(x)
            parts[-1][1].append(y)
    return parts


def calibration_chart(series: Mapping[str, Sequence[Row]], about: str) -> str:
    """Return the reliability diagram: how often the answers of each confidence are right, the disc as large as many.

    Args:
        series: legend -> rows of calibration.csv (confidence, accuracy, images).
        about: alternative text.
    """
    chart = Chart(about, SHARES, SHARES, "confidence", "share of right answers", SIZE)
    chart.line([0, 1], [0, 1], "guide")
    for place, rows in enumerate(series.values()):
        # Bins of few images leap: a line through them would show what is not there.
        most = max((float(row["images"]) for row in rows), default=1.0)
        for row in rows:
            radius = 1.8 + 5.2 * (float(row["images"]) / most) ** 0.5
            chart.dot(float(row["confidence"]), float(row["accuracy"]), radius, f"{style_of(place)} soft")
    return chart.markup()


def interval_cell(figure: Figure, ruler: Ruler, about: str, style: str = "s1") -> str:
    """Return a figure with its interval as a small drawing on the table's ruler.

    Nothing is drawn, "", where the figure is undefined or lies off the ruler.

    Args:
        figure: value, low and high.
        ruler: of the table.
        about: alternative text.
        style: class of the series.
    """
    if figure["value"] is None or not ruler.low <= figure["value"] <= ruler.high:
        return ""
    root, middle = _cell(about), CELL_HEIGHT / 2
    _rule(root, ruler)
    if figure["low"] is not None and figure["high"] is not None:
        ends = f"M{ruler.at(figure['low']):.1f} {middle:g}H{ruler.at(figure['high']):.1f}"
        ElementTree.SubElement(root, "path", {"class": f"whisker {style}", "d": ends})
    place = {"cx": f"{ruler.at(figure['value']):.1f}", "cy": f"{middle:g}", "r": "4"}
    ElementTree.SubElement(root, "circle", {"class": f"dot {style}", **place})
    return markup(root)


def ruler_cell(ruler: Ruler, form: str = "g") -> str:
    """Return the head of a column of intervals: the ends of its scale, and what is marked on it."""
    root = _cell("", "ruler")
    root.set("aria-hidden", "true")
    del root.attrib["role"], root.attrib["aria-label"]
    _rule(root, ruler)
    for value, anchor in ((ruler.low, "start"), (ruler.high, "end")):
        x = 0 if anchor == "start" else CELL_WIDTH
        text = ElementTree.SubElement(root, "text", {"class": "tick", "x": f"{x}", "y": "13", "text-anchor": anchor})
        text.text = format(value, form)
    return markup(root)


def share_cell(share: float, about: str) -> str:
    """Return a share, 0 to 1, as a bar."""
    root = _cell(about)
    ElementTree.SubElement(
        root, "rect", {"class": "track", "x": "0", "y": "5", "width": f"{CELL_WIDTH}", "height": "8"}
    )
    width = f"{max(share * CELL_WIDTH, 1.0 if share else 0.0):.1f}"
    ElementTree.SubElement(root, "rect", {"class": "bar", "x": "0", "y": "5", "width": width, "height": "8"})
    return markup(root)


def _of_shares(about: str, x_name: str, y_name: str, small: bool) -> Chart:
    shares = FEW_SHARES if small else SHARES
    return Chart(about, shares, shares, x_name, y_name, SMALL if small else SIZE)


def _cell(about: str, style: str = "cell") -> ElementTree.Element:
    box = f"0 0 {CELL_WIDTH} {CELL_HEIGHT}"
    return ElementTree.Element("svg", {"class": style, "viewBox": box, "role": "img", "aria-label": about})


def _rule(root: ElementTree.Element, ruler: Ruler) -> None:
    if ruler.mark is not None and ruler.low <= ruler.mark <= ruler.high:
        ElementTree.SubElement(root, "path", {"class": "mark", "d": f"M{ruler.at(ruler.mark):.1f} 1V{CELL_HEIGHT - 1}"})
