"""Results in words: a figure with its interval, the leaderboard for a terminal and for MLflow's page."""

from collections.abc import Mapping, Sequence
from typing import Any

NOTICE = "for research and education, not for diagnosis"
GROUPS = {"patient": "patients or studies", "image": "groups of look-alike images"}

Row = Mapping[str, Any]
Record = Mapping[str, Any]


def with_interval(measure: Mapping[str, float | None]) -> str:
    """Return `0.912 [0.870, 0.951]`, `0.912` when there are no bounds, or `undefined`."""
    value, low, high = measure["value"], measure["low"], measure["high"]
    if value is None:
        return "undefined"
    return f"{value:.3f}" if low is None or high is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def foundation(record: Record) -> str:
    """Return what the figures stand on: data set, split unit, size of the test set, and the notice."""
    test, unit = record["test"], record["split_unit"]
    name = f"{record['dataset']} (synthetic images)" if record["dataset"] == "sample" else record["dataset"]
    absent = f" (none of class {', '.join(test['absent_classes'])})" if test["absent_classes"] else ""
    return f"{name}: split by {unit}, test {test['images']} images in {test['groups']} {GROUPS[unit]}{absent}; {NOTICE}"


def text(rows: Sequence[Row], records: Sequence[Record]) -> str:
    """Return the leaderboard for a terminal, with what it stands on and what to try next."""
    best = records[0]
    interval = f"test bal.acc [{best['bootstrap']['confidence']:.0%}]"
    names = ("network", "parameters", "epochs", "seconds", "images/s", "val bal.acc", interval, "macro-F1", "AUC", "AP")
    cells = [
        (
            row["model"],
            _number(row.get("parameters"), ",d"),
            _number(row.get("epochs"), "d"),
            _number(row.get("seconds"), ".0f"),
            _number(row.get("images_per_second"), ".1f"),
            _number(row["val_balanced_accuracy"]),
            _test_balanced_accuracy(row),
            _number(row["test_macro_f1"]),
            _number(row["test_macro_auc"]),
            _number(row["test_macro_average_precision"]),
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in (names, *cells)) for column in range(len(names))]
    lines = [_aligned(line, widths) for line in (names, tuple("-" * width for width in widths), *cells)]
    return "\n".join(
        [
            *lines,
            "",
            foundation(best),
            f"{best['model']} is first on val, which chooses; test was read once per network.",
            "next: make ui (MLflow: curves, pictures, models) | dvc plots show | make exps",
            "      dvc exp run -S model=resnet152v2",
            "      dvc exp run -S dataset=folder -S dataset.path=/your/images -S train=features",
        ]
    )


def markdown(rows: Sequence[Row], records: Sequence[Record]) -> str:
    """Return the leaderboard as a Markdown table with what it stands on (shown on MLflow's page)."""
    lines = ["| network | val balanced accuracy | test balanced accuracy | macro-F1 | AUC |", "|---|---|---|---|---|"]
    for row in rows:
        figures = (row["val_balanced_accuracy"], row["test_macro_f1"], row["test_macro_auc"])
        val, f1, auc = (_number(figure) for figure in figures)
        lines.append(f"| {row['model']} | {val} | {_test_balanced_accuracy(row)} | {f1} | {auc} |")
    return "\n".join([*lines, "", f"{foundation(records[0])}. {records[0]['model']} chosen on val."])


def _test_balanced_accuracy(row: Row) -> str:
    name = "test_balanced_accuracy"
    return with_interval({"value": row[name], "low": row.get(f"{name}_low"), "high": row.get(f"{name}_high")})


def _number(value: float | None, form: str = ".3f") -> str:
    return "-" if value is None else format(value, form)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return the first cell to the left and the others to the right of their columns."""
    first, *others = (
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()
