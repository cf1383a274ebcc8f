"""The leaderboard for a terminal: the table, what it stands on, what to believe of it and what to run next."""

from chestbench.core.words import foundation
from chestbench.evaluation.leaderboard import Leaderboard
from chestbench.reports import leaderboard_cells
from chestbench.reports.rendering import render, said
from chestbench.reports.templates import board as templates

COLUMNS = (
    *("model", "parameters", "epochs", "seconds", "images_per_second", "val_balanced_accuracy"),
    *("test_balanced_accuracy", "macro_f1", "macro_auc", "macro_average_precision", "vs_best", "seeds", "study_map"),
)


def text(board: Leaderboard) -> str:
    """Return the leaderboard for a terminal, with what it stands on, what to believe of it and what to try next."""
    remarks = [*leaderboard_cells.remarks(board), *(said(templates, "seeds") if board.has_seeds else [])]
    return render(
        templates,
        "leaderboard.txt.j2",
        board=board,
        networks=leaderboard_cells.table(board, COLUMNS, ("test_balanced_accuracy", "study_map"), short=True),
        foundation=foundation(board.best),
        remarks=remarks,
        external=leaderboard_cells.external(board.external, short=True),
        published=leaderboard_cells.published(board.published),
    ).rstrip("\n")
