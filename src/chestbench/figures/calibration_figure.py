"""The reliability diagram: accuracy of the predictions of each confidence."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from chestbench.figures.drawing import HATCHES, MARKERS, line_style, new_figure
from chestbench.measures.calibration import BINS


def calibration_figure(series: Mapping[str, Sequence[Mapping[str, Any]]], least: float, title: str) -> Figure:
    """Draw accuracy against confidence per bin, and below it how many images each bin holds.

    Args:
        series: legend text -> rows of `calibration.reliability_rows`, one or two.
        least: the lowest possible confidence, one over the number of classes.
        title: above the picture.
    """
    figure = new_figure(5.6, 6.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color="#aaaaaa", linewidth=0.8, label="perfect calibration")
    for place, (label, rows) in enumerate(series.items()):
        style = line_style(place)
        confidence, accuracy = [row["confidence"] for row in rows], [row["accuracy"] for row in rows]
        upper.plot(confidence, accuracy, label=label, marker=MARKERS[place], markersize=5, **style)
        width = 1 / BINS / len(series)
        # The bin of exact certainty has no width: it is drawn beyond 1.
        left = [row["low"] + place * width for row in rows]
        look = {"color": "white", "edgecolor": style["color"], "hatch": HATCHES[place], "linewidth": 0.8}
        lower.bar(left, [row["images"] for row in rows], width, align="edge", **look)
    upper.set(ylabel="accuracy: share of correct predictions", ylim=(-0.02, 1.02))
    upper.set_title(title, fontsize=10)
    upper.legend(loc="best", fontsize=8)
    lower.set(xlabel="confidence: probability of the predicted class", ylabel="images")
    certain = any(row["low"] == 1 for rows in series.values() for row in rows)
    lower.set_xlim(least - 1 / BINS, 1 + 1 / BINS if certain else 1.02)
    return figure
