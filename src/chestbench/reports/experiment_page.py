"""The leaderboard in Markdown, as MLflow shows it on the experiment's page."""

from collections.abc import Sequence

from chestbench.core.files import Row
from chestbench.core.words import Record, foundation, interval_of, number
from chestbench.evaluation import external_table
from chestbench.reports import remarks
from chestbench.reports.leaderboard_text import EXTERNAL, PUBLISHED, external_cells, study_sentence
from chestbench.reports.markdown import escaped

# In results/compare, so that `make ui` can show it in a store that was not there.
PAGE = "page.md"


def markdown(
    rows: Sequence[Row],
    records: Sequence[Record],
    published: Sequence[Row] = (),
    warnings: Sequence[str] = (),
    external: Sequence[Row] = (),
) -> str:
    """Return the leaderboard as a Markdown table with what it stands on (shown on MLflow's page); see `text`."""
    control = [f"**{remarks.CONTROL}**", ""] if remarks.is_control(records) else []
    has_seeds = any(row.get("seeds") for row in rows)
    names = ["network", "val balanced accuracy", "test balanced accuracy", "macro-F1", "AUC", "vs chosen"]
    cells = [
        [
            row["model"],
            number(row["val_balanced_accuracy"]),
            interval_of(row, "test_balanced_accuracy"),
            number(row["test_macro_f1"]),
            number(row["test_macro_auc"]),
            remarks.difference_cell(row),
            *([remarks.seeds_cell(row)] if has_seeds else []),
        ]
        for row in rows
    ]
    lines = [*control, *_markdown_table(names + ["over seeds"] * has_seeds, cells)]
    lines += ["", f"{escaped(foundation(records[0]))}. {records[0]['model']} chosen on val."]
    for remark in (*remarks.comparison_remarks(rows, records), *remarks.seed_remark(rows)):
        lines += ["", escaped(remark)]
    for warning in remarks.audit_remarks(warnings):
        lines += ["", f"**{escaped(warning)}**"]
    if "test_study_map" in rows[0]:
        maps = ", ".join(f"{row['model']} {interval_of(row, 'test_study_map')}" for row in rows)
        lines += ["", f"Test {study_sentence(records[0])} {maps}."]
    if external:
        lines += ["", external_table.TITLE, "", *_markdown_table(EXTERNAL, external_cells(external))]
    if published:
        ours = [
            f"{interval_of(row, 'ours')} ({row['our_network']}, {row['our_split']})" if row["our_network"] else "-"
            for row in published
        ]
        cells = [
            [row["network"], row["split"], row["measure"], number(row["published"]), figure]
            for row, figure in zip(published, ours, strict=True)
        ]
        lines += ["", PUBLISHED, "", *_markdown_table(["network", "split", "measure", "published", "ours"], cells)]
    return "\n".join(lines)


def _markdown_table(names: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---"] * len(names)
    return [f"| {' | '.join(line)} |" for line in (names, rule, *([escaped(cell) for cell in line] for line in cells))]
