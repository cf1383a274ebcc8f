"""The curves of a detector: free-response (FROC) on a scale of doublings, and precision against recall."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from chestbench.core.words import Figure as Measured
from chestbench.figures.drawing import MARKERS, line_style, new_figure


class Line(NamedTuple):
    """One detector, or the baseline.

    Attributes:
        false_per_image: of each point, rising.
        sensitivity: of each point, 0 to 1.
        at_rates: rate -> sensitivity there with its bounds; drawn as bars, empty: none are.
    """

    false_per_image: Sequence[float]
    sensitivity: Sequence[float]
    at_rates: Mapping[float, Measured]


def froc_figure(
    lines: Mapping[str, Line],
    rates: Sequence[float],
    title: str,
    working_point: tuple[float, float] | None = None,
) -> Figure:
    """Draw one line per entry of `lines`.

    Args:
        lines: legend text -> line.
        rates: of false boxes per picture at which the sensitivity is judged, marked on the axis.
        title: above.
        working_point: false boxes per picture and sensitivity at the threshold that val chose; None: there is none.
    """
    low, high = min(rates) / 2, max(rates) * 1.5
    figure = new_figure(6.4, 4.8)
    axes = figure.add_subplot()
    for place, (label, line) in enumerate(lines.items()):
        style = line_style(place)
        # A step: between two thresholds nothing is found more, and past the last one nothing is found at all.
        x = [low, *(min(max(value, low), high) for value in line.false_per_image), high]
        reached = [value for x_, value in zip(line.false_per_image, line.sensitivity, strict=True) if x_ <= low]
        y = [reached[-1] if reached else 0.0, *line.sensitivity, line.sensitivity[-1] if len(line.sensitivity) else 0.0]
        axes.step(x, y, where="post", label=label, **style)
        bars = [(rate, found) for rate, found in line.at_rates.items() if found["low"] is not None]
        for rate, found in bars:
            value, bottom, top = found["value"], found["low"], found["high"]
            if value is not None and bottom is not None and top is not None:
                # Lines beside one another, not on one another.
                at = rate * 1.035 ** (place - (len(lines) - 1) / 2)
                axes.errorbar(
                    at,
                    value,
                    [[max(0.0, value - bottom)], [max(0.0, top - value)]],
                    color=style["color"],
                    marker=MARKERS[place % len(MARKERS)],
                    markersize=4,
                    capsize=2,
                    linewidth=0.9,
                )
    if working_point is not None:
        at = min(max(working_point[0], low), high)
        label = "threshold chosen on val" + (" (fewer false boxes than shown)" if working_point[0] < low else "")
        axes.plot(
            [at],
            [working_point[1]],
            marker="*",
            markersize=13,
            color="#ffffff",
            markeredgecolor="#000000",
            ls="",
            label=label,
        )
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator([*rates]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks([*rates], [f"{rate:g}" for rate in rates])
    axes.set(xlabel="false boxes per picture", ylabel="sensitivity (share of the drawn boxes that are found)")
    axes.set(xlim=(low, high), ylim=(-0.02, 1.02))
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.set_title(title, fontsize=10)
    if lines:
        axes.legend(fontsize=8, loc="best")
    return figure


def boxes_pr_figure(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], title: str) -> Figure:
    """Draw one line per entry of `curves` (legend text -> recall and precision), which ends where no box is left."""
    figure = new_figure(5.6, 5.4)
    axes = figure.add_subplot()
    for place, (label, (recall, precision)) in enumerate(curves.items()):
        # The first point's precision holds from no recall on.
        axes.step(
            [0, *recall] if recall else [], [*precision[:1], *precision], where="pre", label=label, **line_style(place)
        )
    axes.set(
        xlabel="recall (share of the drawn boxes that are found)",
        ylabel="precision (share of the found that are right)",
    )
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    axes.set_title(title, fontsize=10)
    if curves:
        axes.legend(loc="best", fontsize=8)
    return figure
