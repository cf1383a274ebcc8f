"""Pictures of one network's results; readable in black and white, each saying what it must not be used for."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from chestbench.evaluation.fonts import Lettering
from chestbench.evaluation.wording import NOTICE
from chestbench.files import atomic_file

LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (8, 2)), (0, (3, 3, 1, 3)))
COLOURS = ("#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#666666")
MARKERS = "osD^vPX*"


def save(figure: Figure, path: Path, synthetic: bool, key: str = "") -> None:
    """Add the notice (and `synthetic images`, and the lettering's key) at the foot and write a PNG, atomically."""
    foot = ("synthetic images, no real patient; " if synthetic else "") + NOTICE
    figure.supxlabel(f"{key}\n{foot}" if key else foot, fontsize=7.5, color="#444444")
    with atomic_file(path) as temporary:
        figure.savefig(temporary, format="png", dpi=110, metadata={"Software": "chestbench"})


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure (inches) whose layout leaves room for every label."""
    return Figure(figsize=(width, height), layout="constrained")


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


def history_figure(rows: Sequence[Mapping[str, str]], title: str) -> Figure:
    """Draw loss and score per epoch, train and validation, from the rows of history.csv."""
    figure = new_figure(8.4, 3.6)
    left, right = figure.subplots(1, 2)
    _history_lines(left, rows, {"train": "loss", "validation": "val_loss"})
    left.set_ylabel("loss")
    scores = {"train": "accuracy", "validation": "val_accuracy", "validation, balanced": "val_balanced_accuracy"}
    _history_lines(right, rows, scores)
    right.set(ylabel="accuracy", ylim=(-0.02, 1.02))
    figure.suptitle(title, fontsize=10)
    return figure


def gradcam_figure(images: NDArray[np.uint8], heat: NDArray[np.float32], titles: Sequence[str], title: str) -> Figure:
    """Draw each image, its heat map and both together: contours at 50% (dashed) and 80% (solid) of the maximum.

    Args:
        images: uint8 (N, H, W, 1), N at least 1.
        heat: (N, H, W), 0 to 1.
        titles: what each image is and was taken for.
    """
    across = 2 if len(images) > 1 else 1
    down = -(-len(images) // across)
    figure = new_figure(5.4 * across, 2.15 * down + 0.9)
    grid = figure.subplots(down, 3 * across, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for place, (image, warmth) in enumerate(zip(images, heat, strict=True)):
        row, first = place // across, 3 * (place % across)
        original, alone, overlay = grid[row, first : first + 3]
        original.imshow(image[..., 0], cmap="gray", vmin=0, vmax=255)
        alone.imshow(warmth, cmap="magma", vmin=0, vmax=1)
        alone.set_title(titles[place], fontsize=8)
        overlay.imshow(image[..., 0], cmap="gray", vmin=0, vmax=255)
        overlay.imshow(warmth, cmap="magma", vmin=0, vmax=1, alpha=0.35 * (warmth > 0.2))
        if warmth.max() > 0.8 and warmth.min() < 0.5:
            for levels, style in (([0.5], "dashed"), ([0.8], "solid")):
                overlay.contour(warmth, levels=levels, colors="black", linewidths=2.2, linestyles=style)
                overlay.contour(warmth, levels=levels, colors="white", linewidths=1.0, linestyles=style)
    figure.suptitle(title, fontsize=10)
    return figure


def line_style(place: int) -> dict[str, Any]:
    """Return colour and dash pattern of the place-th line, distinct without colour for eight lines."""
    return {
        "color": COLOURS[place % len(COLOURS)],
        "linestyle": LINES[place % len(LINES)],
        "linewidth": 1.6 + 0.6 * (place // len(LINES) % 2),
    }


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
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)
