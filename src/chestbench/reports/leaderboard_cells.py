"""The leaderboard's tables as headings and cells of text, for a terminal, for Markdown and for the CLAIM checklist."""

from collections.abc import Sequence

from chestbench.core.files import Row
from chestbench.core.words import MEASURES, heading, interval_of, number, with_interval
from chestbench.evaluation import versus
from chestbench.evaluation.leaderboard import OF_POSITIVE, Entry, Leaderboard
from chestbench.reports.rendering import said
from chestbench.reports.templates import board as templates

Table = tuple[list[str], list[list[str]]]
# Behind a difference in the table. Plain characters, which every terminal has.
MARKS = {versus.SAME: "=", versus.BETTER: ">", versus.WORSE: "<", versus.UNKNOWN: "?"}


def table(board: Leaderboard, columns: Sequence[str], intervals: Sequence[str], short: bool = False) -> Table:
    """Return headings and one row of cells for each line of the board.

    A column that the board has nothing for is left out: the difference to the chosen network where nothing was
    compared, the time where none was handed in, seeds, studies, sensitivity where no class is looked for.

    Args:
        board: the leaderboard.
        columns: keys of `core.words.MEASURES`; a measure without `val_` or `test_` is that on test.
        intervals: those of them that are shown with their bounds.
        short: short headings.
    """
    absent = {
        "vs_best": not board.compared,
        "vs_best_p": not board.compared,
        "seconds": not any(row.timing for row in board.rows),
        "images_per_second": not any(row.timing for row in board.rows),
        "seeds": not board.has_seeds,
        "study_map": not board.has_studies,
        **{name: f"test_{name}" not in board.rows[0].figures for name in OF_POSITIVE},
    }
    shown = [column for column in columns if not absent.get(column)]
    level = f" [{board.best['bootstrap']['confidence']:.0%}]"
    names = [heading(column, short) + (level if column in intervals else "") for column in shown]
    return names, [[_cell(board, row, column, column in intervals) for column in shown] for row in board.rows]


def remarks(board: Leaderboard) -> list[str]:
    """Return what the marks of the table mean and what they say, as sentences; see templates/board/sentences.txt.j2."""
    return said(templates, "comparison", board, MARKS, p_value)


def external(rows: Sequence[Row], short: bool = False) -> Table:
    """Return headings and cells of rows from `external_table.external_rows`."""
    figures = [heading(name, short) for name in ("own_test_balanced_accuracy", "external_balanced_accuracy", "drop")]
    return ["set", heading("model"), "images", "classes", *figures, "images of other classes"], [
        [
            row["set"],
            row["model"],
            number(row["images"], MEASURES["images"].form),
            f"only {row['classes_compared']}" if row.get("classes_absent") else "all",
            number(row["own_test_balanced_accuracy"]),
            interval_of(row, "external_balanced_accuracy"),
            "-" if row["drop"] is None else interval_of(row, "drop"),
            number(row["images_left_out"], MEASURES["images"].form),
        ]
        for row in rows
    ]


def published(rows: Sequence[Row]) -> Table:
    """Return headings and cells of rows from `published.beside_ours`."""
    return [heading("model"), "split", "measure", "published", "our network, split", "ours"], [
        [
            row["network"],
            row["split"],
            row["measure"],
            number(row["published"]),
            f"{row['our_network']}, {row['our_split']}" if row["our_network"] else "-",
            interval_of(row, "ours") if row["our_network"] else "-",
        ]
        for row in rows
    ]


def p_value(p: float) -> str:
    """Return a p value in two digits, small ones as a bound.

    >>> p_value(0.0423), p_value(1e-300)
    ('0.042', 'below 0.001')
    """
    return "below 0.001" if p < 0.001 else f"{p:.2g}"


def _cell(board: Leaderboard, row: Entry, column: str, interval: bool) -> str:
    if column == "model":
        return row.name
    if column == "vs_best":
        return versus.CHOSEN if row is board.rows[0] else _difference(row)
    if column == "seeds":
        return _seeds(row)
    if column in ("parameters", "epochs"):
        return number(getattr(row, column), MEASURES[column].form)
    if column in ("seconds", "images_per_second"):
        return number(getattr(row.timing, column, None), MEASURES[column].form)
    if column == "vs_best_p":
        return number(row.comparison.p if row.comparison else None, MEASURES[column].form)
    figure = row.figure(column if column.startswith(("val_", "test_")) else f"test_{column}")
    return with_interval(figure) if interval else number(figure["value"])


def _difference(row: Entry) -> str:
    """Return `-0.042 [-0.080, -0.004] <`, or `-`."""
    if row.comparison is None:
        return "-"
    value, low, high = (row.comparison.difference[end] for end in ("value", "low", "high"))
    bounds = "" if low is None or high is None else f" [{low:+.3f}, {high:+.3f}]"
    return f"{value:+.3f}{bounds} {MARKS[row.comparison.verdict]}"


def _seeds(row: Entry) -> str:
    """Return `3 seeds: 0.91 +- 0.02`, or `-`."""
    if row.seeds is None:
        return "-"
    mean, spread = (row.seeds["test_balanced_accuracy"][end] for end in ("mean", "sd"))
    told = "undefined" if mean is None or spread is None else f"{mean:.2f} +- {spread:.2f}"
    return f"{len(row.seeds['seeds'])} seeds: {told}"
