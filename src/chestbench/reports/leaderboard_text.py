"""The leaderboard for a terminal: the table, what it stands on, what to believe of it and what to run next."""

from collections.abc import Sequence

from chestbench.core.files import Row
from chestbench.core.words import Record, foundation, interval_of, number
from chestbench.evaluation import external_table
from chestbench.reports import remarks

PUBLISHED = (
    "Published by the original project, on its own split; not ours and not comparable line by line "
    "(f1 and auc stand beside our macro-F1 and macro AUC):"
)

EXTERNAL = (
    *("set", "network", "images", "classes", "own test bal.acc", "external bal.acc", "drop"),
    "images of other classes",
)


def text(
    rows: Sequence[Row],
    records: Sequence[Record],
    published: Sequence[Row] = (),
    warnings: Sequence[str] = (),
    external: Sequence[Row] = (),
) -> str:
    """Return the leaderboard for a terminal, with what it stands on, what to believe of it and what to try next.

    Args:
        rows: from `leaderboard.table`. records: measures per network, best first.
        published: from `published.beside_ours`.
        warnings: of metrics/audit.json. external: from `external_table.external_rows`.
    """
    best = records[0]
    interval = f"test bal.acc [{best['bootstrap']['confidence']:.0%}]"
    names = ["network", "parameters", "epochs", "seconds", "images/s", "val bal.acc", interval, "macro-F1", "AUC", "AP"]
    has_studies = "test_study_map" in rows[0]
    has_seeds = any(row.get("seeds") for row in rows)
    compared = any(row.get("vs_best") in remarks.MARKS for row in rows)
    names += ["vs chosen"] * compared + ["over seeds"] * has_seeds + ["study mAP"] * has_studies
    cells = [
        (
            row["model"],
            number(row.get("parameters"), ",d"),
            number(row.get("epochs"), "d"),
            number(row.get("seconds"), ".0f"),
            number(row.get("images_per_second"), ".1f"),
            number(row["val_balanced_accuracy"]),
            interval_of(row, "test_balanced_accuracy"),
            number(row["test_macro_f1"]),
            number(row["test_macro_auc"]),
            number(row["test_macro_average_precision"]),
            *([remarks.difference_cell(row)] if compared else []),
            *([remarks.seeds_cell(row)] if has_seeds else []),
            *([interval_of(row, "test_study_map")] if has_studies else []),
        )
        for row in rows
    ]
    lines = _table(names, cells)
    return "\n".join(
        [
            *([remarks.CONTROL, ""] if remarks.is_control(records) else []),
            *lines,
            "",
            *([remarks.CONTROL] if remarks.is_control(records) else []),
            foundation(best),
            f"{best['model']} is first on val, which chooses; test was read once per network.",
            *remarks.comparison_remarks(rows, records),
            *remarks.seed_remark(rows),
            *([study_sentence(best)] if has_studies else []),
            *remarks.audit_remarks(warnings),
            *external_lines(external),
            *published_lines(published),
            *next_steps(best),
        ]
    )


def next_steps(record: Record) -> list[str]:
    """Return lines that say where the results are to be seen and what to run next with these data.

    `-S` composes all parameters anew, so that other data than the sample need their own options again.
    """
    lines = ["next: make ui (MLflow: curves, pictures, models) | dvc plots show | make exps"]
    if record["synthetic"]:
        return [
            *lines,
            "      dvc exp run -S model=resnet152v2",
            "      dvc exp run -S dataset=folder -S dataset.path=/your/images -S train=features",
        ]
    if record["training"]["weights"] == "none":
        more = "-S train=features (CPU) or -S train=finetune (GPU), for networks with ImageNet weights"
    else:
        more = "-S preprocess.roi=lungs, -S balance=class_weight or another -S model=..."
    return [*lines, f"      dvc exp run, the -S dataset... of {record['dataset']} again, and {more}"]


def study_sentence(record: Record) -> str:
    """Return what the study figures are, in one sentence."""
    studies = record["test"]["per_study"]["studies"]
    return (
        f"study mAP: probabilities averaged over the images of each of {studies} test studies, then the mean over "
        "classes of average precision."
    )


def published_lines(published: Sequence[Row]) -> list[str]:
    """Return the published figures as lines of text, with ours beside them; none when there are none."""
    if not published:
        return []
    cells = [
        (
            row["network"],
            row["split"],
            row["measure"],
            number(row["published"]),
            f"{row['our_network']}, {row['our_split']}" if row["our_network"] else "-",
            interval_of(row, "ours") if row["our_network"] else "-",
        )
        for row in published
    ]
    names = ("network", "split", "measure", "published", "our network, split", "ours")
    return ["", PUBLISHED, *_table(names, cells), ""]


def external_lines(external: Sequence[Row]) -> list[str]:
    """Return the table of sets from elsewhere as lines of text; none when there are none."""
    return ["", external_table.TITLE, *_table(EXTERNAL, external_cells(external)), ""] if external else []


def external_cells(external: Sequence[Row]) -> list[list[str]]:
    """Return the cells under `EXTERNAL` of rows from `external_table.external_rows`."""
    return [
        [
            row["set"],
            row["model"],
            f"{row['images']:,d}",
            f"only {row['classes_compared']}" if row.get("classes_absent") else "all",
            number(row["own_test_balanced_accuracy"]),
            interval_of(row, "external_balanced_accuracy"),
            "-" if row["drop"] is None else interval_of(row, "drop"),
            f"{row['images_left_out']:,d}",
        ]
        for row in external
    ]


def _table(names: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    """Return aligned lines: the names, a rule and the rows."""
    widths = [max(len(line[column]) for line in (names, *cells)) for column in range(len(names))]
    return [_aligned(line, widths) for line in (names, tuple("-" * width for width in widths), *cells)]


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return the first cell to the left and the others to the right of their columns."""
    first, *others = (
        cell.rjust(width) if place else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()
