"""Loss and score while a network learnt: by epoch, or by step where there are few epochs."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from chestbench.figures.drawing import MARKERS, line_style, new_figure

# Up to so many epochs, points by epoch show nothing of how a network learnt.
FEW_EPOCHS = 3
# Legend -> column of the score of a classifier.
SCORES = {"train": "accuracy", "validation": "val_accuracy", "validation, balanced": "val_balanced_accuracy"}
Rows = Sequence[Mapping[str, str]]
Point = tuple[float, float]


def epoch_ends(epochs: Rows, steps: Rows) -> list[int]:
    """Return the last step of each epoch.

    Args:
        epochs: rows of history.csv.
        steps: rows of steps.csv of the same training.
    """
    last = {int(row["epoch"]): int(row["step"]) for row in steps}
    return [last[number] for number in range(1, len(epochs) + 1)]


def history_figure(
    epochs: Rows, steps: Rows, title: str, scores: Mapping[str, str] = SCORES, measure: str = "accuracy"
) -> Figure:
    """Draw loss and score of train and validation.

    Args:
        epochs: rows of history.csv.
        steps: rows of steps.csv; with up to `FEW_EPOCHS` epochs the lines of train are drawn from these, and those of
            validation stand at the ends of the epochs.
        title: above.
        scores: legend -> column of what is drawn beside the loss.
        measure: what these are, at their axis.
    """
    figure = new_figure(8.4, 3.6)
    left, right = figure.subplots(1, 2)
    for axes, columns in ((left, {"train": "loss", "validation": "val_loss"}), (right, scores)):
        if len(epochs) <= FEW_EPOCHS:
            _by_step(axes, epochs, steps, columns)
        else:
            _by_epoch(axes, epochs, columns)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(fontsize=8)
    left.set_ylabel("loss")
    right.set(ylabel=measure, ylim=(-0.02, 1.02))
    figure.suptitle(title, fontsize=10)
    return figure


def _by_epoch(axes: Axes, epochs: Rows, columns: Mapping[str, str]) -> None:
    numbers = list(range(1, len(epochs) + 1))
    for place, (label, column) in enumerate(columns.items()):
        _line(axes, _points(epochs, numbers, column), label, place)
    _part_phases(axes, epochs, [number + 0.5 for number in numbers])
    # No tick at 0 or between epochs.
    margin = min(0.5, 0.05 * (len(epochs) - 1))
    axes.set(xlabel="epoch", xlim=(1 - margin, len(epochs) + margin))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _by_step(axes: Axes, epochs: Rows, steps: Rows, columns: Mapping[str, str]) -> None:
    ends, numbers = epoch_ends(epochs, steps), [int(row["step"]) for row in steps]
    for place, (label, column) in enumerate(columns.items()):
        train = column in ("loss", "accuracy")
        points = _points(steps, numbers, column) if train else _points(epochs, ends, column)
        _line(axes, points, label, place, marked=not train or len(points) == 1)
    _part_phases(axes, epochs, [end + 0.5 for end in ends])
    axes.set(xlabel="step (validation: at the end of each epoch)", xlim=(0, ends[-1] + 1 if ends else 1))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _points(rows: Rows, places: Sequence[int], column: str) -> list[Point]:
    """Return (place, value) of each row that has a value."""
    return [(place, float(row[column])) for place, row in zip(places, rows, strict=True) if row.get(column)]


def _line(axes: Axes, points: Sequence[Point], label: str, place: int, marked: bool = True) -> None:
    if points:
        marker = MARKERS[place] if marked else ""
        axes.plot(*zip(*points, strict=True), label=label, marker=marker, markersize=3.5, **line_style(place))


def _part_phases(axes: Axes, epochs: Rows, borders: Sequence[float]) -> None:
    """Draw a thin line where one phase ends and the next begins."""
    phases = [row.get("phase", "") for row in epochs]
    for before, after, border in zip(phases, phases[1:], borders, strict=False):
        if before != after:
            axes.axvline(border, color="#aaaaaa", linewidth=0.8, linestyle=":")
