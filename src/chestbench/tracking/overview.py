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


@dataclass(frozen=True)
class Words:
    """How a page speaks of runs of one kind.

    Attributes:
        one, several: what was trained.
        val, test: the columns of what is shown.
        close: where it is said whether two can be told apart.
    """

    one: str
    several: str
    val: str
    test: str
    close: str


NETWORKS = Words(
    "network",
    "networks",
    "val_balanced_accuracy",
    "test_balanced_accuracy",
    "Whether two networks can be told apart is in the paired tests: `comparison/page.md` among the artifacts of the "
    "chosen run.",
)
DETECTORS = Words(
    "detector",
    "detectors",
    "val_map50",
    "test_map50",
    "Two detectors are not tested against each other; each is against the mean box of train: `comparison/page.md` "
    "among the artifacts of the chosen run.",
)


@dataclass(frozen=True)
class Judged:
    """One finished run that has been evaluated.

    Attributes:
        id: MLflow's.
        name: of the run, such as `resnet50 · sample · demo`.
        model: network or detector.
        dataset: what it was trained on.
        val: balanced accuracy on val, of a detector mAP@0.5, on which the choice is made.
        val_auc: macro ROC-AUC on val, which decides between equal networks; 0 of a detector.
        test: the same as `val` on test with its interval, as text.
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


def page(dataset: str, runs: Sequence[Judged], view: str, detectors: Sequence[Judged] = ()) -> str:
    """Return the page in Markdown; its first line is what MLflow shows before it is opened.

    Args:
        dataset: name of the experiment.
        runs: all runs of networks that were evaluated.
        view: address, from the root of MLflow's page, of the view that compares the runs.
        detectors: all runs of detectors that were.
    """
    if not runs and not detectors:
        return f"{dataset}: no network is evaluated yet. {NOTICE[0].upper()}{NOTICE[1:]}."
    parts = [*(_part(runs, view, NETWORKS) if runs else []), *(_part(detectors, view, DETECTORS) if detectors else [])]
    return "\n".join([*parts, f"{NOTICE[0].upper()}{NOTICE[1:]}."])[:LONGEST]


def _part(runs: Sequence[Judged], view: str, words: Words) -> list[str]:
    """Return the lines of the runs of one kind, of which there is one at least."""
    group = _newest_group(runs)
    best, models = group[0], {run.model for run in group}
    # Of the same images, whichever of the runs `compare` has told.
    warnings = list(dict.fromkeys(text for run in group for text in run.warnings))
    banner = "**TOO LITTLE DATA for a result.** " if best.tiny else ""
    banner += "**The audit warns, open this first.** " if warnings else ""
    trained = words.one if len(models) == 1 else words.several
    first = (
        f"{banner}**{best.model} {best.test}** ({heading(words.test)}) is best on val of {len(models)} {trained} in "
        f"{len(group)} run{'s' if len(group) > 1 else ''}. [Compare them]({view})"
    )
    rows = [f"| {run.name} | {run.val:.3f} | {run.test} |" for run in group[:MOST_ROWS]]
    more = [f"and {len(group) - MOST_ROWS} more, in the run table."] if len(group) > MOST_ROWS else []
    others = len(runs) - len(group)
    return [
        first,
        "",
        *(f"- WARNING (audit): {text}" for text in warnings),
        *([""] if warnings else []),
        f"| run | {heading(words.val)} | {heading(words.test)} [interval] |",
        "|---|---:|---|",
        *rows,
        "",
        *more,
        f"Chosen on val, never on test. {words.close} The more runs, the more the best flatters.",
        *([f"{others} run{'s' if others > 1 else ''} judged on other images not counted here."] if others else []),
        "",
    ]


def _newest_group(runs: Sequence[Judged]) -> list[Judged]:
    if not runs:
        return []
    newest = max(runs, key=lambda run: (run.ended, run.id))
    group = [run for run in runs if run.images == newest.images]
    return sorted(group, key=lambda run: (-run.val, -run.val_auc, run.model, run.name, run.id))
