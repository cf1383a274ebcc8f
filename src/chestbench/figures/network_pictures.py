"""The pictures of one network's results, drawn into its folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from chestbench.core.files import Row, read_csv
from chestbench.core.positive import read_positive
from chestbench.core.words import heading, split_lines, with_interval
from chestbench.figures import charts, fonts
from chestbench.figures.calibration_figure import calibration_figure
from chestbench.figures.drawing import save
from chestbench.figures.heat_examples import HeatExamples
from chestbench.figures.heat_sheet import Tile, heat_figure
from chestbench.figures.history_figure import history_figure
from chestbench.measures.record import NetworkRecord, figure_of


def draw_results(folder: Path, record: NetworkRecord, roc: Sequence[Row], pr: Sequence[Row]) -> None:
    """Write confusion_matrix.png, roc.png and pr.png of the test images, and history.png.

    Args:
        folder: holds history.csv and steps.csv already.
        record: what metrics/models/{model}.json will hold.
        roc: points of each class, from `curves.roc_rows`.
        pr: points of each class, from `curves.pr_rows`.
    """
    classes, test, synthetic = record["classes"], record["test"], record["synthetic"]
    positive = read_positive(record).name
    lettering = fonts.choose(classes)
    head = f"{record['model']} on {record['dataset']}, test: {test['images']} images, split by {split_lines(record)}"

    def lines(points: Sequence[Row], x: str, y: str, measure: str) -> dict[str, Any]:
        drawn = {}
        for name in classes:
            own = [row for row in points if row["class"] == name]
            if own:
                shown = f"{lettering.shown[name]}{' (positive)' if name == positive else ''}"
                figure = with_interval(figure_of(test["per_class"][name], measure))
                label = f"{shown}: {heading(measure, short=True)} {figure}"
                drawn[label] = ([row[x] for row in own], [row[y] for row in own])
        return drawn

    with fonts.drawn_with(lettering):
        drawing = charts.confusion_figure(np.array(test["confusion"]), classes, lettering, head)
        save(drawing, folder / "confusion_matrix.png", synthetic, lettering.key)
        drawing = charts.roc_figure(lines(roc, "fpr", "tpr", "auc"), f"{head}\nROC, each class against the rest")
        save(drawing, folder / "roc.png", synthetic, lettering.key)
        shares = [int(test["per_class"][name]["images"]) / test["images"] for name in classes]
        present = [share for share in shares if share]
        drawing = charts.pr_figure(
            lines(pr, "recall", "precision", "average_precision"),
            present,
            f"{head}\nprecision and recall, each class against the rest",
        )
        save(drawing, folder / "pr.png", synthetic, lettering.key)
        epochs, steps = read_csv(folder / "history.csv"), read_csv(folder / "steps.csv")
        drawing = history_figure(epochs, steps, f"{record['model']} on {record['dataset']}: training")
        save(drawing, folder / "history.png", synthetic)


def draw_calibration(folder: Path, record: NetworkRecord, rows: Sequence[Row]) -> None:
    """Write calibration.png: the test images' reliability as trained, and after temperature scaling.

    Args:
        folder: the network's.
        record: what metrics/models/{model}.json will hold.
        rows: from `tables.calibration_rows`.
    """
    test, series = record["test"], {}
    for scale in dict.fromkeys(row["temperature"] for row in rows):
        name = "as trained" if scale == 1 else f"temperature {scale:.3g}, from val"
        error = test["ece" if scale == 1 else "ece_calibrated"]
        own = [row for row in rows if row["split"] == "test" and row["temperature"] == scale]
        series[f"{name}: {heading('ece', short=True)} {with_interval(error)}"] = own
    head = f"{record['model']} on {record['dataset']}, test: {test['images']} images, split by {split_lines(record)}"
    with fonts.drawn_with(fonts.choose([])):
        drawing = calibration_figure(series, 1 / len(record["classes"]), f"{head}\nreliability of the predicted class")
        save(drawing, folder / "calibration.png", record["synthetic"])


def draw_gradcam(folder: Path, record: NetworkRecord, examples: HeatExamples) -> None:
    """Write gradcam.png: hits and misses of every kind.

    Args:
        folder: the network's.
        record: what metrics/models/{model}.json will hold.
        examples: from `heat_examples.explain`.
    """
    lettering = fonts.choose(record["classes"])
    shown = [lettering.shown[name] for name in record["classes"]]
    rows, tile = [], 0
    for kind in examples.kinds:
        tiles = []
        for _ in kind.places:
            actual, called = shown[examples.actual[tile]], shown[examples.predicted[tile]]
            text = f"actual {actual}\npredicted {called} ({examples.confidence[tile]:.2f})"
            tiles.append(Tile(examples.images[tile, ..., 0], examples.heat[tile], text))
            tile += 1
        rows.append((f"{kind.kind}\n{shown[kind.label]}\n{kind.count} of {examples.tested} images", tiles))
    head = f"{record['model']} on {record['dataset']}, test: Grad-CAM, what speaks for the predicted class"
    with fonts.drawn_with(lettering):
        save(heat_figure(rows, head), folder / "gradcam.png", record["synthetic"], lettering.key)
