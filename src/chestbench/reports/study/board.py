"""The leaderboard of a report: the cells of the terminal's table, each with what it is sorted by and a drawing."""

from collections.abc import Sequence
from typing import NamedTuple

from chestbench.core.files import Row
from chestbench.core.words import Figure, heading, with_interval
from chestbench.evaluation import versus
from chestbench.evaluation.leaderboard import MAJORITY, Entry, Leaderboard
from chestbench.figures.vector.charts import Ruler, interval_cell, ruler_cell
from chestbench.reports import leaderboard_cells
from chestbench.reports.study.seen import bounds
from chestbench.reports.study.told import told

COLUMNS = (
    *("model", "val_balanced_accuracy", "test_balanced_accuracy", "vs_best", "macro_auc", "macro_f1"),
    *("sensitivity", "specificity", "study_map", "seeds", "parameters", "epochs", "seconds"),
)
DRAWN = "test_balanced_accuracy"
WITH_INTERVAL = (DRAWN,)
# Below a name, on screens so narrow that the column of the comparison is out of sight.
VERDICTS = {
    versus.SAME: "= not told apart",
    versus.BETTER: "> better",
    versus.WORSE: "< worse",
    versus.UNKNOWN: "? not testable",
}


class Cell(NamedTuple):
    """One cell: text, the number it is sorted by, a drawing above and words below it; "" without one."""

    text: str
    value: str
    drawing: str = ""
    below: str = ""


class Line(NamedTuple):
    """One line of the table.

    Attributes:
        name: of the network or baseline.
        kind: chosen, network, ensemble or baseline.
        verdict: in words, as far as it was compared with the chosen one, "" where it was not.
        cells: without the name.
    """

    name: str
    kind: str
    verdict: str
    cells: list[Cell]


class Board(NamedTuple):
    """The table: headings as (text, drawing), and lines."""

    heads: list[tuple[str, str]]
    lines: list[Line]


def board_table(board: Leaderboard) -> Board:
    """Return the table of a leaderboard."""
    names, rows = leaderboard_cells.table(board, COLUMNS, WITH_INTERVAL, short=True)
    level = f" [{board.best['bootstrap']['confidence']:.0%}]"
    of_heading = {heading(key, True) + (level if key in WITH_INTERVAL else ""): key for key in COLUMNS}
    keys = [of_heading[name] for name in names]
    ruler = board_ruler(board)
    lines = []
    for entry, cells in zip(board.rows, rows, strict=True):
        kind = "chosen" if entry is board.rows[0] else "network" if entry in board.networks else "baseline"
        if entry in board.ensembles:
            kind = "ensemble"
        found = [_cell(entry, key, text, ruler) for key, text in zip(keys[1:], cells[1:], strict=True)]
        verdict = VERDICTS[entry.comparison.verdict] if entry.comparison else ""
        lines.append(Line(entry.name, kind, verdict, found))
    heads = [(name, ruler_cell(ruler) if key == DRAWN else "") for name, key in zip(names, keys, strict=True)]
    return Board(heads, lines)


def board_ruler(board: Leaderboard) -> Ruler:
    """Return the scale of the intervals of test balanced accuracy, with what the majority class scores marked.

    It holds what was trained: down to the majority class of nine classes, all would lie at its end.
    """
    figures = [row.figure(DRAWN) for row in board.rows if row.name != MAJORITY]
    chance = next((row.figure(DRAWN)["value"] for row in board.rows if row.name == MAJORITY), None)
    low, high = bounds(figures)
    return Ruler(low, high, chance)


def external_table(rows: Sequence[Row]) -> list[tuple[Row, list[str], str]]:
    """Return each set and network: its row, the cells of the terminal's table, and the interval there as a drawing."""
    figures = [_figure(row, "external_balanced_accuracy") for row in rows]
    ruler = Ruler(*bounds(figures))
    cells = leaderboard_cells.external(rows)[1]
    return [
        (
            row,
            cell,
            interval_cell(
                figure, ruler, f"{heading('external_balanced_accuracy')}, {row['set']}: {with_interval(figure)}"
            ),
        )
        for row, cell, figure in zip(rows, cells, figures, strict=True)
    ]


def _cell(entry: Entry, key: str, text: str, ruler: Ruler) -> Cell:
    value, drawing, below = _value(entry, key), "", ""
    if key == "parameters" and value is not None and value >= 1e6:
        text = f"{value / 1e6:.1f} M"
    if key == DRAWN:
        figure = entry.figure(DRAWN)
        text = told(figure)
        style = "s6" if entry.parameters is None or entry.epochs is None else "s1"
        drawing = interval_cell(figure, ruler, f"{entry.name}: {with_interval(figure)}", style)
    if key == "vs_best" and entry.comparison and entry.comparison.p is not None:
        below = f"p {leaderboard_cells.p_value(entry.comparison.p)}"
    return Cell(text, "" if value is None else f"{value:.6g}", drawing, below)


def _value(entry: Entry, key: str) -> float | None:
    if key == "vs_best":
        return entry.comparison.difference["value"] if entry.comparison else None
    if key in ("parameters", "epochs"):
        found: float | None = getattr(entry, key)
        return found
    if key == "seconds":
        return entry.timing.seconds if entry.timing else None
    if key == "seeds":
        return entry.seeds["test_balanced_accuracy"]["mean"] if entry.seeds else None
    return entry.figure(key if key.startswith(("val_", "test_")) else f"test_{key}")["value"]


def _figure(row: Row, name: str) -> Figure:
    return Figure(value=row[name], low=row[f"{name}_low"], high=row[f"{name}_high"])


def smallest_alike(board: Leaderboard) -> Entry | None:
    """Return the smallest network that cannot be told apart from the chosen one and has fewer parameters, if any."""
    chosen = board.rows[0].parameters or 0
    alike = [row for row in board.with_verdict(versus.SAME) if row.parameters and row.parameters < chosen]
    return min(alike, key=lambda row: (row.parameters, row.name), default=None)
