"""Pictures of one network's results; readable in black and white, each saying what it must not be used for."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from chestbench.core.words import heading
from chestbench.figures.drawing import MARKERS, line_style, new_figure
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
        shares: share of the images that each line's class has: the precision of guessing, drawn as a thin line.
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


def history_figure(rows: Sequence[Mapping[str, str]], title: str) -> Figure:
    """Draw loss and score per epoch, train and validation, from the rows of history.csv."""
    figure = new_figure(8.4, 3.6)
    left, right = figure.subplots(1, 2)
    _history_lines(left, rows, {"train": "loss", "validation": "val_loss"})
    left.set_ylabel("loss")
    scores = {"train": "accuracy", "validation": "val_accuracy", "validation, balanced": "val_balanced_accuracy"}
    _history_lines(right, rows, scores)
    right.set(ylabel=heading("accuracy"), ylim=(-0.02, 1.02))
    figure.suptitle(title, fontsize=10)
    return figure


def _history_lines(axes: Axes, rows: Sequence[Mapping[str, str]], columns: Mapping[str, str]) -> None:
    for place, (label, column) in enumerate(columns.items()):
        points = [(number, float(row[column])) for number, row in enumerate(rows, 1) if row.get(column)]
        if points:
            axes.plot(
                *zip(*points, strict=True), label=label, marker=MARKERS[place], markersize=3.5, **line_style(place)
            )
    phases = [row.get("phase", "") for row in rows]
    for number in range(1, len(rows)):
        if phases[number] != phases[number - 1]:
            axes.axvline(number + 0.5, color="#aaaaaa", linewidth=0.8, linestyle=":")
    # No tick at 0 or between epochs, and one epoch stands in the middle.
    margin = min(0.5, 0.05 * (len(rows) - 1)) if len(rows) > 1 else 0.5
    axes.set(xlabel="epoch", xlim=(1 - margin, max(len(rows), 1) + margin))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)
