"""What must be said under a leaderboard before anybody believes it: ties, surprises, warnings, controls."""

from collections.abc import Mapping, Sequence
from typing import Any

from chestbench.core.files import Row
from chestbench.evaluation import versus
from chestbench.evaluation.baseline_rows import MAJORITY, REGRESSION

Record = Mapping[str, Any]
# Behind a difference in the table. Plain characters, which every terminal has.
MARKS = {versus.SAME: "=", versus.BETTER: ">", versus.WORSE: "<", versus.UNKNOWN: "?"}
CONTROL = (
    "RANDOM-LABEL CONTROL: the labels of train and val were shuffled (train.random_labels). Nothing below is a result: "
    "there was nothing to learn, so a figure above chance on test means that something leaks."
)


def is_control(records: Sequence[Record]) -> bool:
    """Return whether any of the networks was trained on shuffled labels."""
    return any(record["training"].get("random_labels") for record in records)


def comparison_remarks(rows: Sequence[Row], records: Sequence[Record]) -> list[str]:
    """Return what the marks of the table mean and what they say, as sentences; none when nothing was compared.

    Args:
        rows: from `leaderboard.table`. records: measures per network, best on val first.
    """
    compared = [row for row in rows if row.get("vs_best") in MARKS]
    if not compared:
        return _no_better_than_chance(rows)
    best, level = records[0]["model"], 1 - records[0]["bootstrap"]["confidence"]
    networks = [row for row in compared if row["model"] != REGRESSION]
    words = {
        versus.SAME: f"cannot be told apart from {best}",
        versus.BETTER: "better",
        versus.WORSE: "worse",
        versus.UNKNOWN: "cannot be tested (a class of the test set lies in one group)",
    }
    used = {row["vs_best"]: None for row in compared}
    legend = ", ".join(f"{mark} {words[verdict]}" for verdict, mark in MARKS.items() if verdict in used)
    remarks = [
        f"vs chosen: difference to {best} in test balanced accuracy. By the Holm-corrected p of the paired bootstrap "
        f"over groups, at {level:.2g}: {legend}.",
    ]
    if networks:
        same = [row["model"] for row in networks if row["vs_best"] == versus.SAME]
        told = f": {', '.join(same)}" if same else ""
        remarks.append(f"Cannot be told apart from {best} on this test set: {len(same)} of {len(networks)}{told}.")
    for row in compared:
        if row["model"] == REGRESSION and row["vs_best"] in (versus.SAME, versus.BETTER):
            finding = "cannot be told apart from" if row["vs_best"] == versus.SAME else "is significantly worse than"
            remarks.append(f"WARNING: on test {best} {finding} the baseline {row['model']}.")
        elif row["vs_best"] == versus.BETTER:
            remarks.append(
                f"{row['model']} is significantly better on test than the chosen {best} "
                f"({row['vs_best_difference']:+.3f}, p {p_value(row['vs_best_p'])}). The choice stays on val: the test "
                "figure of a network that was chosen by it is too good."
            )
    return [*remarks, *_no_better_than_chance(rows)]


def _no_better_than_chance(rows: Sequence[Row]) -> list[str]:
    """Return a warning when the chosen network's interval holds what the majority class scores."""
    best, chance = rows[0], rows[-1]["test_balanced_accuracy"]
    low = best["test_balanced_accuracy_low"]
    if chance is None or best["test_balanced_accuracy"] is None or (low is not None and low > chance):
        return []
    why = "the test set gives no interval" if low is None else "its interval holds that"
    return [f"WARNING: {best['model']} may be no better on test than the {MAJORITY}, {chance:.3f}: {why}."]


def seed_remark(rows: Sequence[Row]) -> list[str]:
    """Return what the column of seeds shows; none when every network was trained once."""
    if not any(row.get("seeds") for row in rows):
        return []
    return [
        "over seeds: mean and standard deviation of test balanced accuracy over trainings with different seeds; the "
        "intervals beside it speak of the test patients, not of the training."
    ]


def audit_remarks(warnings: Sequence[str]) -> list[str]:
    """Return the warnings of metrics/audit.json, each as a line."""
    return [f"WARNING (audit): {' '.join(warning.split())}" for warning in warnings]


def difference_cell(row: Row) -> str:
    """Return `-0.042 [-0.080, -0.004] <`, `chosen` for the chosen network, or `-`."""
    verdict = row.get("vs_best")
    if verdict == versus.CHOSEN:
        return versus.CHOSEN
    if verdict not in MARKS:
        return "-"
    low, high = row["vs_best_difference_low"], row["vs_best_difference_high"]
    bounds = "" if low is None or high is None else f" [{low:+.3f}, {high:+.3f}]"
    return f"{row['vs_best_difference']:+.3f}{bounds} {MARKS[verdict]}"


def seeds_cell(row: Row) -> str:
    """Return `3 seeds: 0.91 +- 0.02`, or `-`."""
    if not row.get("seeds"):
        return "-"
    mean, spread = row["test_balanced_accuracy_mean"], row["test_balanced_accuracy_sd"]
    return f"{row['seeds']} seeds: " + ("undefined" if mean is None else f"{mean:.2f} +- {spread:.2f}")


def p_value(p: float) -> str:
    """Return a p value in two digits, small ones as a bound."""
    return "below 0.001" if p < 0.001 else f"{p:.2g}"
