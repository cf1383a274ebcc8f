"""The curves of a detector as tables: free-response ROC over all boxes, precision and recall of each finding.

FROC: P. Bunch et al. 1978, A free-response approach to the measurement and characterization of radiographic-observer
performance, Journal of Applied Photographic Engineering 4:166.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chestbench.core.files import Row, write_csv
from chestbench.evaluation.detection.judging import Judged

FROC_COLUMNS = ("score", "false_per_image", "sensitivity")
PR_COLUMNS = ("finding", "score", "recall", "precision")


def froc_rows(pictures: Sequence[Judged]) -> list[Row]:
    """Return a row for each score: what is found, and how many boxes are false, when boxes from it on are drawn.

    No row where nothing was drawn: no sensitivity is defined.
    """
    drawn = sum(len(picture.truth) for picture in pictures)
    if not drawn:
        return []
    scores, right, count = _cumulated(pictures, None)
    parts = zip(scores.tolist(), right.tolist(), count.tolist(), strict=True)
    return [
        {"score": score, "false_per_image": (number - hits) / len(pictures), "sensitivity": hits / drawn}
        for score, hits, number in parts
    ]


def pr_rows(pictures: Sequence[Judged], findings: Sequence[str]) -> list[Row]:
    """Return a row for each finding and score; none of a finding of which nothing was drawn."""
    rows: list[Row] = []
    for label, name in enumerate(findings):
        drawn = sum(int((picture.truth.labels == label).sum()) for picture in pictures)
        if not drawn:
            continue
        scores, right, count = _cumulated(pictures, label)
        parts = zip(scores.tolist(), right.tolist(), count.tolist(), strict=True)
        rows += [
            {"finding": name, "score": score, "recall": hits / drawn, "precision": hits / number}
            for score, hits, number in parts
        ]
    return rows


def write_curves(folder: Path, pictures: Sequence[Judged], findings: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """Write froc.csv and pr.csv of one split into a folder; return the rows of both."""
    froc, pr = froc_rows(pictures), pr_rows(pictures, findings)
    write_csv(folder / "froc.csv", FROC_COLUMNS, froc)
    write_csv(folder / "pr.csv", PR_COLUMNS, pr)
    return froc, pr


def _cumulated(
    pictures: Sequence[Judged], label: int | None
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Return each score, highest first, how many boxes from it on are right, and how many there are."""
    own = [np.ones(len(p.found), bool) if label is None else p.found.labels == label for p in pictures]
    scores = np.concatenate([np.zeros(0), *(p.found.scores[kept] for p, kept in zip(pictures, own, strict=True))])
    right = np.concatenate([np.zeros(0, bool), *(p.right[kept] for p, kept in zip(pictures, own, strict=True))])
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]), -1.0)) if len(order) else np.zeros(0, np.int64)
    return scores[order][ends], np.cumsum(right[order], dtype=np.int64)[ends], ends + 1
