"""The leaderboard as metrics/leaderboard.csv and metrics/summary.json: columns, the cells of each line, keys."""

from collections.abc import Sequence

from chestbench.core.files import Row
from chestbench.core.positive import read_positive
from chestbench.evaluation import versus
from chestbench.evaluation.leaderboard import OF_POSITIVE, Comparison, Entry, Leaderboard
from chestbench.measures.record import Figure, NetworkRecord, figure_of, over_seeds

_BOUNDS = ("", "_low", "_high")
TEST_WITH_INTERVAL = ("test_balanced_accuracy", "test_macro_f1", "test_macro_auc", "test_macro_average_precision")
COLUMNS = (
    "model",
    "parameters",
    "epochs",
    "val_balanced_accuracy",
    "val_macro_auc",
    *(f"{name}{end}" for name in TEST_WITH_INTERVAL for end in _BOUNDS),
    "test_macro_specificity",
    "test_accuracy",
    # Against the network chosen on val, on test: results/compare/paired.csv has the rest. p values are Holm's.
    "vs_best",
    "vs_best_difference",
    "vs_best_difference_low",
    "vs_best_difference_high",
    "vs_best_p",
    "mcnemar_p",
)
# Further measures on test, where every network has them.
FURTHER = (
    *(f"test_{name}" for name in OF_POSITIVE),
    "test_brier",
    "test_ece",
    "test_ece_calibrated",
    "test_group_balanced_accuracy",
    "test_group_macro_auc",
)
# Only where a network was trained with several seeds.
SEED_MEASURES = ("val_balanced_accuracy", "test_balanced_accuracy", "test_macro_auc", "test_macro_f1")
SEED_COLUMNS = ("seeds", *(f"{name}_{end}" for name in SEED_MEASURES for end in ("mean", "sd")))
# At the end, and only where the studies of a data set are known.
STUDY_COLUMNS = ("val_study_map", *(f"test_study_map{end}" for end in _BOUNDS))

# Of the chosen network on test, in summary.json.
SUMMARISED = ("balanced_accuracy", "macro_f1", "macro_auc", "macro_average_precision")


def columns(board: Leaderboard) -> tuple[str, ...]:
    """Return the columns of the table: first those that never change, then those that these networks have.

    Macro sensitivity is not a column of its own: it is the balanced accuracy. What a clock says is none either: the
    table is kept in Git.
    """
    further = [name for name in FURTHER if all(name in row.figures for row in board.networks)]
    seeds = SEED_COLUMNS if board.has_seeds else ()
    studies = STUDY_COLUMNS if board.has_studies else ()
    return (*COLUMNS, *(f"{name}{end}" for name in further for end in _BOUNDS), *seeds, *studies)


def table(board: Leaderboard) -> list[Row]:
    """Return one row for each of the board, with the keys of `columns`; None where it has no such cell."""
    names: Sequence[str] = columns(board)
    rows = []
    for row in board.rows:
        cells = {"model": row.name, "parameters": row.parameters, "epochs": row.epochs, **_figures(row), **_seeds(row)}
        if row is board.rows[0]:
            cells["vs_best"] = versus.CHOSEN
        elif row.comparison:
            cells |= _compared(row.comparison)
        rows.append({name: cells.get(name) for name in names})
    return rows


def summary(board: Leaderboard) -> Row:
    """Return the chosen network's figures under keys that never change, for `dvc metrics show` and `dvc exp show`."""
    best, baseline = board.best, board.not_beaten_on_val
    return {
        "winner": best["model"],
        "chosen_on": "val_balanced_accuracy",
        "not_beaten_on_val": baseline.name if baseline else None,
        "val_balanced_accuracy": best["val"]["balanced_accuracy"]["value"],
        **{f"test_{name}": figure_of(best["test"], name) for name in SUMMARISED},
        "positive": read_positive(best).name,
        **{f"test_{name}": _of_positive(best, name) for name in OF_POSITIVE},
        "majority_test_balanced_accuracy": board.rows[-1].figure("test_balanced_accuracy")["value"],
        "networks": len(board.records),
        "networks_better": len(board.with_verdict(versus.BETTER)),
        "networks_indistinguishable": len(board.with_verdict(versus.SAME)),
        "networks_worse": len(board.with_verdict(versus.WORSE)),
        "test_images": best["test"]["images"],
        "test_groups": best["test"]["groups"],
        "split_unit": best["split_unit"],
        "dataset": best["dataset"],
        "tiny": bool(best.get("tiny")),
    }


def _of_positive(record: NetworkRecord, name: str) -> Figure:
    """Return a measure on test of the class that is looked for, an undefined one where there is none."""
    positive = read_positive(record).name
    if positive is None:
        return Figure(value=None, low=None, high=None)
    return figure_of(record["test"]["per_class"][positive], name)


def _figures(row: Entry) -> dict[str, float | None]:
    return {
        f"{column}{end}": value
        for column, figure in row.figures.items()
        for end, value in zip(_BOUNDS, (figure["value"], figure["low"], figure["high"]), strict=True)
    }


def _compared(found: Comparison) -> Row:
    difference = found.difference
    return {
        "vs_best": found.verdict,
        "vs_best_difference": difference["value"],
        "vs_best_difference_low": difference["low"],
        "vs_best_difference_high": difference["high"],
        "vs_best_p": found.p,
        "mcnemar_p": found.mcnemar_p,
    }


def _seeds(row: Entry) -> Row:
    """Return mean and standard deviation over the seeds; nothing for a network that was trained once."""
    if row.seeds is None:
        return {}
    cells: Row = {"seeds": len(row.seeds["seeds"])}
    figures = over_seeds(row.seeds)
    for name in SEED_MEASURES:
        mean, spread = figures[name]["mean"], figures[name]["sd"]
        cells |= {f"{name}_mean": _rounded(mean), f"{name}_sd": _rounded(spread)}
    return cells


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
