"""CLAIM items on results and limits (37 to 41)."""

from collections.abc import Sequence

from chestbench.core.notice import NOTICE
from chestbench.reports import leaderboard_cells
from chestbench.reports.card_results import results
from chestbench.reports.claim_facts import Answer, ClaimFacts, Record, filled, left_to_authors, partly
from chestbench.reports.markdown import escaped, table
from chestbench.reports.rendering import said

WITH_INTERVAL = ("test_balanced_accuracy", "macro_f1", "macro_auc")
COLUMNS = ("model", "val_balanced_accuracy", *WITH_INTERVAL, "vs_best", "vs_best_p")
# Pairs of classes shown: those most often taken for each other.
CONFUSIONS = 6


def answers(known: ClaimFacts) -> dict[int, Answer]:
    """Return the answers by item."""
    best = known.records[0]
    return {
        37: filled(*_performance(known)),
        38: filled(f"The network chosen on val, {escaped(best['model'])}:", "", *results(best)),
        39: partly("why: look at the pictures.", *_failures(best)),
        40: partly("limits of the design and of the population.", *_limits(known)),
        41: left_to_authors(f"what is made here is {NOTICE}."),
    }


def _performance(known: ClaimFacts) -> list[str]:
    lines = table(*leaderboard_cells.table(known.board, COLUMNS, WITH_INTERVAL))
    for remark in leaderboard_cells.remarks(known.board):
        lines += ["", escaped(remark)]
    return lines


def _failures(best: Record) -> list[str]:
    """Return which classes are taken for which, most often first, by share of the actual class."""
    classes, confusion = best["classes"], best["test"]["confusion"]
    rows = []
    for actual, counts in enumerate(confusion):
        for predicted, count in enumerate(counts):
            if actual != predicted and count:
                rows.append((count / sum(counts), [classes[actual], classes[predicted], count, sum(counts)]))
    rows.sort(key=lambda row: -row[0])
    if not rows:
        return [
            f"No test image was called wrongly by {escaped(best['model'])}: the test set is too small to show errors."
        ]
    shown: Sequence[Sequence[object]] = [[*cells, f"{share:.1%}"] for share, cells in rows[:CONFUSIONS]]
    return [
        f"Wrong answers of {escaped(best['model'])} on test (its predictions.csv has each image, gradcam.png some):",
        "",
        *table(["actual", "called", "images", "of", "share"], shown),
    ]


def _limits(known: ClaimFacts) -> list[str]:
    best, split = known.records[0], known.split
    conditions = {
        escaped(said("control")[0]): known.board.control,
        "The pictures are drawn by a program and say nothing of patients.": known.catalog["synthetic"],
        "Patients are not known; unlike images of one patient may lie in two partitions.": split["split_unit"]
        == "image",
        "The archive's own split was followed; leaks in it are counted under item 20, not mended.": split[
            "given_split"
        ],
        f"No test image of class {escaped(', '.join(best['test']['absent_classes']))}.": best["test"]["absent_classes"],
        "No external test.": not known.board.external,
        "One training of each network.": not any("seeds" in record for record in known.records),
    }
    lines = [f"- {sentence}" for sentence, holds in conditions.items() if holds]
    lines += [f"- **{escaped(warning)}**" for warning in said("audit", known.board.warnings)]
    return [
        *lines,
        f"- Intervals speak of which of {best['test']['groups']} groups were drawn, not of other hospitals or times.",
    ]
