"""Where the report and the other results of a run lie, as its last lines say."""

from pathlib import Path

from chestbench.reports.study.page import REPORT

# What lies in results/, in the order in which one would look at it.
LYING = {
    "leaderboard.txt": "the table of the terminal",
    "compare": "the table, curves, of networks CLAIM.md and paired tests",
    "models": "of each network predictions, curves, heat maps, thresholds; of each detector boxes and curves",
    "external": "the networks on sets from elsewhere",
    "audit": "audit.html: what was found before any training",
    "catalog": "contact sheet, counts, leaks.csv",
}


def places(results: Path) -> list[str]:
    """Return where the report lies and what lies beside it, a line each.

    Args:
        results: results/.
    """
    lines = [f"report: {results / REPORT}, one file to read, mail and print (`make report` opens it)"]
    shown = {_shown(results, name): what for name, what in LYING.items() if (results / name).exists()}
    width = max(map(len, shown), default=0)
    return [*lines, *(f"  {name:<{width}}  {what}" for name, what in shown.items())]


def beside(results: Path) -> str:
    """Return what lies beside the report, in one line."""
    return ", ".join(_shown(results, name) for name in LYING if (results / name).exists())


def _shown(results: Path, name: str) -> str:
    return f"{results / name}/" if (results / name).is_dir() else str(results / name)
