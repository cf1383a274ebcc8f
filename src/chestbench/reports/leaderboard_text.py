"""The leaderboard in words, for a terminal and as MLflow shows it on the experiment's page.

The table, what it stands on and what to believe of it; in the terminal also what to run next.
"""

from typing import Any

from chestbench.core.notice import tiny_note
from chestbench.core.words import foundation, positive_words
from chestbench.evaluation.leaderboard import Leaderboard
from chestbench.reports import leaderboard_cells
from chestbench.reports.rendering import render, said
from chestbench.reports.templates import board as templates

COLUMNS = (
    *("model", "parameters", "epochs", "seconds", "images_per_second", "val_balanced_accuracy"),
    *("test_balanced_accuracy", "macro_f1", "macro_auc", "macro_average_precision", "vs_best", "seeds", "study_map"),
)
PAGE_COLUMNS = (
    *("model", "val_balanced_accuracy", "test_balanced_accuracy", "macro_f1", "macro_auc"),
    *("sensitivity", "specificity", "vs_best", "seeds", "study_map"),
)
WITH_INTERVAL = ("test_balanced_accuracy", "study_map")
# In results/compare, so that `make ui` can show it in a store that was not there.
PAGE = "page.md"


def text(board: Leaderboard) -> str:
    """Return the leaderboard for a terminal, with what it stands on, what to believe of it and what to try next."""
    return _worded("leaderboard.txt.j2", board, COLUMNS, short=True)


def markdown(board: Leaderboard) -> str:
    """Return the leaderboard as a Markdown table, with what it stands on and what to believe of it."""
    return _worded("experiment_page.md.j2", board, PAGE_COLUMNS, short=False)


def _worded(name: str, board: Leaderboard, columns: tuple[str, ...], short: bool) -> str:
    facts: dict[str, Any] = {
        "networks": leaderboard_cells.table(board, columns, WITH_INTERVAL, short),
        "foundation": foundation(board.best),
        "positive": positive_words(board.best, board.best["test"]),
        "tiny": tiny_note(board.best),
        "remarks": [*leaderboard_cells.remarks(board), *(said(templates, "seeds", board) if board.has_seeds else [])],
        "external": leaderboard_cells.external(board.external, short),
        "published": leaderboard_cells.published(board.published),
    }
    return render(templates, name, board=board, **facts).rstrip("\n")
