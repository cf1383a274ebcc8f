"""Curves and pictures of all networks together: what the top-level `plots:` of dvc.yaml and the README show."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from chestbench.core.files import atomic_folder
from chestbench.core.words import heading, split_lines
from chestbench.evaluation.baseline_rows import MAJORITY, REGRESSION
from chestbench.evaluation.leaderboard import Record, summary
from chestbench.figures import charts, fonts
from chestbench.figures.drawing import new_figure, save
from chestbench.measures import curves
from chestbench.measures.predictions import Predictions


def write_comparison(
    records: Sequence[Record],
    rows: Sequence[curves.Row],
    predictions: Mapping[str, Predictions],
    results: Path,
    folder: Path,
) -> None:
    """Write roc.csv, history.csv, pr.csv and confusion.csv (of the winner), roc.png and leaderboard.png into `folder`.

    Args:
        records: measures per network, best first.
        rows: the leaderboard, with the baseline last.
        predictions: of each network on test.
        results: folder with one folder of results per network.
        folder: replaced as a whole.
    """
    roc: list[curves.Row] = []
    history: list[curves.Row] = []
    lines = {}
    for record in records:
        name, said = record["model"], predictions[record["model"]]
        points = curves.macro_roc_rows(said.labels, said.probabilities)
        roc += [{"model": name, "split": "test", **point} for point in points]
        area = record["test"]["macro_auc"]["value"]
        label = f"{name}: {area:.3f}" if area is not None else name
        lines[label] = ([point["fpr"] for point in points], [point["tpr"] for point in points])
        history += _history_rows(name, results / name / "history.csv")
    best, synthetic = records[0], records[0]["synthetic"]
    head = f"{best['dataset']}, test: {best['test']['images']} images, split by {split_lines(best)}"
    with atomic_folder(folder) as temporary, fonts.drawn_with(fonts.choose([])):
        curves.write_csv(temporary / "roc.csv", ["model", "split", "fpr", "tpr"], roc)
        curves.write_csv(temporary / "history.csv", ["model", "split", "epoch", "loss", "accuracy"], history)
        confusion = curves.read_csv(results / best["model"] / "confusion.csv")
        curves.write_csv(temporary / "confusion.csv", ["actual", "predicted"], confusion)
        pr = curves.read_csv(results / best["model"] / "pr.csv")
        curves.write_csv(temporary / "pr.csv", ["class", "recall", "precision", "threshold"], pr)
        drawing = charts.roc_figure(lines, f"{head}\nmean ROC over classes, with {heading('macro_auc')}")
        save(drawing, temporary / "roc.png", synthetic)
        save(leaderboard_figure(records, rows, head), temporary / "leaderboard.png", synthetic)


def leaderboard_figure(records: Sequence[Record], rows: Sequence[curves.Row], title: str) -> Figure:
    """Draw each network's test balanced accuracy with its interval, and its val figure, best on val at the top.

    The baselines are lines across.
    """
    figure = new_figure(7.2, 1.7 + 0.36 * len(records))
    axes = figure.add_subplot()
    confidence = records[0]["bootstrap"]["confidence"]
    for place, record in enumerate(records):
        test, val = record["test"]["balanced_accuracy"], record["val"]["balanced_accuracy"]
        if test["low"] is not None:
            label = f"test, {confidence:.0%} interval" if place == 0 else None
            axes.plot([test["low"], test["high"]], [place, place], color="black", linewidth=1.6, label=label)
        axes.plot(test["value"], place, "o", color="black", markersize=7, label="test" if place == 0 else None)
        label = "val (chooses)" if place == 0 else None
        axes.plot(val["value"], place - 0.2, "D", color="black", markerfacecolor="white", markersize=6, label=label)
    chance = summary(records)["majority_test_balanced_accuracy"]
    axes.axvline(chance, color="#666666", linestyle="--", linewidth=1, label=MAJORITY)
    lowest = chance
    for row in rows:
        if row["model"] == REGRESSION and row["test_balanced_accuracy"] is not None:
            lowest = min(chance, row["test_balanced_accuracy"])
            label = f"{REGRESSION}, 32 x 32 pixels, test"
            axes.axvline(row["test_balanced_accuracy"], color="#666666", linestyle=":", linewidth=1.4, label=label)
    axes.set_yticks(range(len(records)), [record["model"] for record in records])
    axes.set(ylim=(len(records) - 0.5, -0.5), xlim=(min(0.4, lowest - 0.05), 1.01), xlabel=heading("balanced_accuracy"))
    axes.grid(axis="x", color="#dddddd", linewidth=0.7)
    axes.set_title(title, fontsize=10)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    return figure


def _history_rows(model: str, path: Path) -> list[curves.Row]:
    """Return two rows per epoch, train and val; an epoch whose figure is missing is left out."""
    rows: list[curves.Row] = []
    for number, row in enumerate(curves.read_csv(path), 1):
        for split, prefix in (("train", ""), ("val", "val_")):
            loss, accuracy = row.get(f"{prefix}loss"), row.get(f"{prefix}accuracy")
            if loss and accuracy:
                rows.append({"model": model, "split": split, "epoch": number, "loss": loss, "accuracy": accuracy})
    return rows
