"""Charts of a replication: curves and points only, never a picture of the data set."""

import math
import textwrap
from pathlib import Path

from matplotlib.figure import Figure

from chestbench.cli.replication import figures
from chestbench.cli.replication.data import COPY
from chestbench.cli.replication.results import Results
from chestbench.core.words import split_lines
from chestbench.evaluation.plots import leaderboard_figure
from chestbench.figures import charts, fonts
from chestbench.figures.drawing import new_figure, save
from chestbench.measures import curves

NAMES = ("roc.png", "leaderboard.png", "beside.png")
_MOST_MEASURES = 3
# Letters in a line of a title.
_WIDTH = 60


def draw(results: Results, folder: Path) -> None:
    """Write the files of `NAMES` into a folder."""
    board = results.study.board
    synthetic, head = board.best["synthetic"], title(results)
    with fonts.drawn_with(fonts.choose([])):
        save(_roc(results, head), folder / "roc.png", synthetic)
        save(leaderboard_figure(board, head), folder / "leaderboard.png", synthetic)
        save(beside(results, head), folder / "beside.png", synthetic)


def title(results: Results) -> str:
    """Return what stands over each picture: what it is of, and that it is not the replication itself if so."""
    best = results.study.board.best
    lines = [f"{best['dataset']}, test: {best['test']['images']} images, split by {split_lines(best)}"]
    if best.get("tiny"):
        lines.insert(0, "TOO LITTLE DATA FOR A RESULT")
    if results.data.verdict == COPY:
        lines.insert(0, "a copy of the data, not the published file")
    if not results.is_itself:
        keys = ", ".join(each.key for each in results.differences)
        lines = ["NOT THE REPLICATION ITSELF: another", *textwrap.wrap(keys, _WIDTH), *lines]
    return "\n".join(lines)


def beside(results: Results, head: str) -> Figure:
    """Draw ours, with intervals and every seed, beside the paper's figures on test: a panel for each measure."""
    stated = [row for row in results.found.published if figures.our_split(row.split) == "test"]
    measures = list(dict.fromkeys(figures.our_measure(row.measure) for row in stated))[:_MOST_MEASURES]
    measures = measures or list(figures.ALWAYS[:2])
    paper = list(dict.fromkeys((row.network, row.size) for row in stated))
    networks = results.study.board.networks
    figure = new_figure(2.6 + 2.9 * len(measures), 1.8 + 0.32 * (len(networks) + len(paper)))
    panels = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, measure in zip(panels, measures, strict=True):
        for place, cell in enumerate(figures.cells(results, "test", measure)[: len(networks)]):
            if cell.low is not None and cell.high is not None:
                axes.plot([cell.low, cell.high], [place, place], color="black", linewidth=1.6)
            axes.plot(math.nan if cell.value is None else cell.value, place, "o", color="black", markersize=6)
            for value in figures.defined(cell.seeds):
                axes.plot(value, place + 0.22, "|", color="#0072b2", markersize=7)
        for row in stated:
            if figures.our_measure(row.measure) == measure:
                place = len(networks) + paper.index((row.network, row.size))
                axes.plot(row.value, place, "D", color="black", markerfacecolor="white", markersize=6)
        axes.axhline(len(networks) - 0.5, color="#aaaaaa", linewidth=0.8)
        axes.grid(axis="x", color="#dddddd", linewidth=0.7)
        axes.set_xlabel(figures.name_of(measure))
    names = [f"{row.name} (ours)" for row in networks]
    names += [f"{name}{f', {size} px' if size else ''} (paper)" for name, size in paper]
    panels[0].set_yticks(range(len(names)), names)
    panels[0].set_ylim(len(names) - 0.5, -0.5)
    figure.suptitle(f"{head}\nline: interval of ours; |: each seed; diamond: the paper's", fontsize=9)
    return figure


def _roc(results: Results, head: str) -> Figure:
    lines = {}
    for record in results.study.board.records:
        said = results.study.predictions[record["model"]]
        points = curves.macro_roc_rows(said.labels, said.probabilities)
        area = record["test"]["macro_auc"]["value"]
        label = f"{record['model']}: {area:.3f}" if area is not None else record["model"]
        lines[label] = ([point["fpr"] for point in points], [point["tpr"] for point in points])
    return charts.roc_figure(lines, f"{head}\nmean ROC over classes")
