"""Curves and pictures of all networks together: what the top-level `plots:` of dvc.yaml and the README show."""

import math
from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from chestbench.core.files import Row, atomic_folder, read_csv, write_csv
from chestbench.core.words import heading, split_lines
from chestbench.evaluation.leaderboard import MAJORITY, REGRESSION, Leaderboard
from chestbench.figures import charts, fonts
from chestbench.figures.drawing import new_figure, save
from chestbench.figures.history_figure import FEW_EPOCHS, epoch_ends
from chestbench.measures import curves
from chestbench.measures.predictions import Predictions

HISTORY_COLUMNS = ("model", "split", "epoch", "step", "loss", "accuracy")


def write_comparison(board: Leaderboard, predictions: Mapping[str, Predictions], results: Path, folder: Path) -> None:
    """Write roc.csv, history.csv, pr.csv and confusion.csv (of the winner), roc.png and leaderboard.png into `folder`.

    Args:
        board: the leaderboard.
        predictions: of each network on test.
        results: folder with one folder of results per network.
        folder: replaced as a whole.
    """
    roc: list[Row] = []
    history: list[Row] = []
    lines = {}
    for record in board.records:
        name, of_network = record["model"], predictions[record["model"]]
        points = curves.macro_roc_rows(of_network.labels, of_network.probabilities)
        roc += [{"model": name, "split": "test", **point} for point in points]
        area = record["test"]["macro_auc"]["value"]
        label = f"{name}: {area:.3f}" if area is not None else name
        lines[label] = ([point["fpr"] for point in points], [point["tpr"] for point in points])
        history += _history_rows(name, results / name)
    best, synthetic = board.best, board.best["synthetic"]
    head = f"{best['dataset']}, test: {best['test']['images']} images, split by {split_lines(best)}"
    if best.get("tiny"):
        head = f"TOO LITTLE DATA FOR A RESULT: {head}"
    with atomic_folder(folder) as temporary, fonts.drawn_with(fonts.choose([])):
        write_csv(temporary / "roc.csv", ["model", "split", "fpr", "tpr"], roc)
        write_csv(temporary / "history.csv", HISTORY_COLUMNS, history)
        confusion = read_csv(results / best["model"] / "confusion.csv")
        write_csv(temporary / "confusion.csv", ["actual", "predicted"], confusion)
        pr = read_csv(results / best["model"] / "pr.csv")
        write_csv(temporary / "pr.csv", ["class", "recall", "precision", "threshold"], pr)
        drawing = charts.roc_figure(lines, f"{head}\nmean ROC over classes, with {heading('macro_auc')}")
        save(drawing, temporary / "roc.png", synthetic)
        save(leaderboard_figure(board, head), temporary / "leaderboard.png", synthetic)


def leaderboard_figure(board: Leaderboard, title: str) -> Figure:
    """Draw each network's test balanced accuracy with its interval, and its val figure, best on val at the top.

    The baselines are lines across.

    Args:
        board: the leaderboard.
        title: of the picture.
    """
    networks = [*board.networks, *board.ensembles]
    figure = new_figure(7.2, 1.7 + 0.36 * len(networks))
    axes = figure.add_subplot()
    confidence = board.best["bootstrap"]["confidence"]
    for place, row in enumerate(networks):
        test, val = row.figure("test_balanced_accuracy"), row.figure("val_balanced_accuracy")
        if test["low"] is not None and test["high"] is not None:
            label = f"test, {confidence:.0%} interval" if place == 0 else None
            axes.plot([test["low"], test["high"]], [place, place], color="black", linewidth=1.6, label=label)
        axes.plot(_drawn(test["value"]), place, "o", color="black", markersize=7, label="test" if place == 0 else None)
        label = "val (chooses)" if place == 0 else None
        axes.plot(
            _drawn(val["value"]), place - 0.2, "D", color="black", markerfacecolor="white", markersize=6, label=label
        )
    looks = {MAJORITY: (MAJORITY, "--", 1.0), REGRESSION: (f"{REGRESSION}, 32 x 32 pixels, test", ":", 1.4)}
    lowest = 1.0
    for row in reversed(board.baselines):
        value = row.figure("test_balanced_accuracy")["value"]
        if value is not None:
            lowest = min(lowest, value)
            label, line, width = looks[row.name]
            axes.axvline(value, color="#666666", linestyle=line, linewidth=width, label=label)
    axes.set_yticks(range(len(networks)), [row.name for row in networks])
    axes.set(
        ylim=(len(networks) - 0.5, -0.5), xlim=(min(0.4, lowest - 0.05), 1.01), xlabel=heading("balanced_accuracy")
    )
    axes.grid(axis="x", color="#dddddd", linewidth=0.7)
    axes.set_title(title, fontsize=10)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return figure


def _drawn(value: float | None) -> float:
    """Return a figure for matplotlib, which draws nothing where it is not defined."""
    return math.nan if value is None else value


def _history_rows(model: str, folder: Path) -> list[Row]:
    """Return rows of train and val with epoch and step; a point whose figure is missing is left out.

    One row an epoch, at its last step; where there are few epochs, those of train are as many as steps.csv has.
    """
    epochs, steps = read_csv(folder / "history.csv"), read_csv(folder / "steps.csv")
    ended = list(zip(range(1, len(epochs) + 1), epoch_ends(epochs, steps), epochs, strict=True))
    val = [(number, end, row["val_loss"], row["val_accuracy"]) for number, end, row in ended]
    if len(epochs) <= FEW_EPOCHS:
        train = [(int(row["epoch"]), int(row["step"]), row["loss"], row["accuracy"]) for row in steps]
    else:
        train = [(number, end, row["loss"], row["accuracy"]) for number, end, row in ended]
    return [
        dict(zip(HISTORY_COLUMNS, (model, split, *cells), strict=True))
        for split, rows in (("train", train), ("val", val))
        for cells in rows
        if cells[2] and cells[3]
    ]
