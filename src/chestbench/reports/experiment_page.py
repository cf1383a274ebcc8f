"""The leaderboard in Markdown, as MLflow shows it on the experiment's page."""

from chestbench.core.words import foundation
from chestbench.evaluation.leaderboard import Leaderboard
from chestbench.reports import leaderboard_cells
from chestbench.reports.rendering import render, said
from chestbench.reports.templates import board as templates

COLUMNS = (
    *("model", "val_balanced_accuracy", "test_balanced_accuracy", "macro_f1", "macro_auc", "vs_best", "seeds"),
    "study_map",
)

# In results/compare, so that `make ui` can show it in a store that was not there.
PAGE = "page.md"


def markdown(board: Leaderboard) -> str:
    """Return the leaderboard as a Markdown table, with what it stands on and what to believe of it."""
    return render(
        templates,
        "experiment_page.md.j2",
        board=board,
        networks=leaderboard_cells.table(board, COLUMNS, ("test_balanced_accuracy", "study_map")),
        foundation=foundation(board.best),
        remarks=[*leaderboard_cells.remarks(board), *(said(templates, "seeds") if board.has_seeds else [])],
        external=leaderboard_cells.external(board.external),
        published=leaderboard_cells.published(board.published),
    ).rstrip("\n")
