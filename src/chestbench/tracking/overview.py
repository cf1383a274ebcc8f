"""What an experiment's page in MLflow says of all its runs, whichever command trained them. No MLflow in here.

Runs are put side by side where they were judged on the same images; within such a group the best on val is the chosen
one, as in `compare`. Whether it is better than another stands in `compare`'s paired tests, which this page cannot make.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chestbench.core.notice import NOTICE
from chestbench.core.words import heading

# As many rows as a person reads; MLflow takes notes of 5,000 letters.
MOST_ROWS = 15
LONGEST = 5000
VAL, TEST = "val_balanced_accuracy", "test_balanced_accuracy"


@dataclass(frozen=True)
class Judged:
    """One finished run that has been evaluated.

    Attributes:
        id: MLflow's.
        name: of the run, such as `resnet50 · sample · demo`.
        model: network.
        dataset: what it was trained on.
        val: balanced accuracy on val, on which the choice is made.
        val_auc: macro ROC-AUC on val, which decides between equals.
        test: balanced accuracy on test with its interval, as text.
        images: hash of which images val and test hold.
        ended: milliseconds.
        tiny: whether there was too little data for a result.
        warnings: of the audit, where `compare` chose the run.
    """

    id: str
    name: str
    model: str
    dataset: str
    val: float
    val_auc: float
    test: str
    images: str
    ended: int
    tiny: bool = False
    warnings: tuple[str, ...] = ()


def chosen(runs: Sequence[Judged]) -> Judged | None:
    """Return the best on val of the runs judged on the same images as the newest; None where there is none."""
    group = _newest_group(runs)
    return group[0] if group else None


def page(dataset: str, runs: Sequence[Judged], view: str) -> str:
    """Return the page in Markdown; its first line is what MLflow shows before it is opened.

    Args:
        dataset: name of the experiment.
        runs: all that were evaluated.
        view: address, from the root of MLflow's page, of the view that compares the runs.
    """
    group = _newest_group(runs)
    if not group:
        return f"{dataset}: no network is evaluated yet. {NOTICE[0].upper()}{NOTICE[1:]}."
    best, models = group[0], {run.model for run in group}
    # Of the same images, whichever of the runs `compare` has told.
    warnings = list(dict.fromkeys(text for run in group for text in run.warnings))
    banner = "**TOO LITTLE DATA for a result.** " if best.tiny else ""
    banner += "**The audit warns, open this first.** " if warnings else ""
    networks = "network" if len(models) == 1 else "networks"
    first = (
        f"{banner}**{best.model} {best.test}** ({heading(TEST)}) is best on val of {len(models)} {networks} in "
        f"{len(group)} run{'s' if len(group) > 1 else ''}. [Compare them]({view})"
    )
    rows = [f"| {run.name} | {run.val:.3f} | {run.test} |" for run in group[:MOST_ROWS]]
    more = [f"and {len(group) - MOST_ROWS} more, in the run table."] if len(group) > MOST_ROWS else []
    others = len(runs) - len(group)
    parts = [
        first,
        "",
        *(f"- WARNING (audit): {text}" for text in warnings),
        *([""] if warnings else []),
        f"| run | {heading(VAL)} | {heading(TEST)} [interval] |",
        "|---|---:|---|",
        *rows,
        "",
        *more,
        "Chosen on val, never on test. Whether two networks can be told apart is in the paired tests: "
        "`comparison/page.md` among the artifacts of the chosen run. The more runs, the more the best flatters.",
        *([f"{others} run{'s' if others > 1 else ''} judged on other images not counted here."] if others else []),
        "",
        f"{NOTICE[0].upper()}{NOTICE[1:]}.",
    ]
    return "\n".join(parts)[:LONGEST]


def _newest_group(runs: Sequence[Judged]) -> list[Judged]:
    if not runs:
        return []
    newest = max(runs, key=lambda run: (run.ended, run.id))
    group = [run for run in runs if run.images == newest.images]
    return sorted(group, key=lambda run: (-run.val, -run.val_auc, run.model, run.name, run.id))
