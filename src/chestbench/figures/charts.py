"""Pictures of one network's results; readable in black and white, each saying what it must not be used for."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from chestbench.figures.drawing import line_style, new_figure
from chestbench.figures.fonts import Lettering


def confusion_figure(matrix: NDArray[np.integer], classes: Sequence[str], lettering: Lettering, title: str) -> Figure:
    """Draw counts and row shares; the shade is the share of the actual class."""
    matrix = np.asarray(matrix)
    totals = matrix.sum(axis=1, keepdims=True)
    shares = np.divide(matrix, totals, out=np.zeros(matrix.shape), where=totals > 0)
    side = 2.6 + 0.85 * len(classes)
    figure = new_figure(side + 0.9, side)
    axes = figure.add_subplot()
    shade = axes.imshow(shares, cmap="Greys", vmin=0, vmax=1)
    names = [lettering.shown[name] for name in classes]
    axes.set_xticks(range(len(classes)), names, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(classes)), names)
    axes.set(xlabel="predicted", ylabel="actual")
    axes.set_title(title, fontsize=10)
    for row, column in np.ndindex(*matrix.shape):
        text = f"{matrix[row, column]}\n{shares[row, column]:.0%}" if totals[row, 0] else "0"
        colour = "white" if shares[row, column] > 0.55 else "black"
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=9)
    figure.colorbar(shade, ax=axes, label="share of the actual class", shrink=0.8)
    return figure


def roc_figure(curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], title: str) -> Figure:
    """Draw one line per entry of `curves` (legend text -> false and true positive rates)."""
    figure = new_figure(5.6, 5.4)
    axes = figure.add_subplot()
    for place, (label, (fpr, tpr)) in enumerate(curves.items()):
        axes.plot(fpr, tpr, label=label, **line_style(place))
    axes.plot([0, 1], [0, 1], color="#aaaaaa", linewidth=0.8, label="chance")
    axes.set(xlabel="false positive rate (1 - specificity)", ylabel="true positive rate (sensitivity)")
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    axes.set_title(title, fontsize=10)
    axes.legend(loc="lower right", fontsize=8)
    return figure


def pr_figure(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]], shares: Sequence[float], title: str
) -> Figure:
    """Draw one line per entry of `curves` (legend text -> recall and precision).

    Args:
        curves: legend text -> recall and precision, each 0 to 1.
        shares: share of the images that each line's class has: the precision of guessing, drawn as a thin line.
        title: above the chart.
    """
    figure = new_figure(5.6, 5.4)
    axes = figure.add_subplot()
    for place, (label, (recall, precision)) in enumerate(curves.items()):
        style = line_style(place)
        # The first point's precision holds from no recall on.
        axes.step([0, *recall], [precision[0], *precision], where="pre", label=label, **style)
        guess = "share of the class" if place == 0 else None
        axes.axhline(shares[place], color=style["color"], linestyle=style["linestyle"], linewidth=0.6, label=guess)
    axes.set(xlabel="recall (sensitivity)", ylabel="precision (positive predictive value)")
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    axes.set_title(title, fontsize=10)
    if curves:
        axes.legend(loc="lower left", fontsize=8)
    return figure
