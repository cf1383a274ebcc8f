"""The networks of two studies against each other: paired where both were asked about the same test images."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from chestbench.core.words import Figure
from chestbench.evaluation import versus
from chestbench.measures.paired import Difference, paired_differences
from chestbench.measures.predictions import Predictions
from chestbench.measures.record import NetworkRecord
from chestbench.measures.significance import holm
from chestbench.reports.sides.side import Side

NOT_THE_SAME = "other test images"
NO_PREDICTIONS = "the predictions of one are not on this machine"


class Pair(NamedTuple):
    """One network of each study.

    Attributes:
        first: of the first study, None where only the second has it.
        second: of the second study, likewise.
        is_choice: whether it is that of the two chosen networks.
        difference: second less first in test balanced accuracy, paired; None where it cannot be.
        auc: the same of the macro AUC.
        verdict: `versus.SAME`, `BETTER`, `WORSE` (of the second) or `UNKNOWN`; "" without a difference.
        reason: why there is no difference.
    """

    first: NetworkRecord | None
    second: NetworkRecord | None
    is_choice: bool
    difference: Figure | None
    auc: Figure | None
    verdict: str
    reason: str


def pairs(first: Side, second: Side) -> list[Pair]:
    """Return the two chosen networks, then every network that either study has; p values corrected after Holm.

    Where one study has detectors alone there is no pair of chosen networks.
    """
    names = dict.fromkeys([*first.records, *second.records])
    both = bool(first.winner and second.winner)
    chosen = [(first.winner, second.winner)] if both else []
    wanted = list(dict.fromkeys([*chosen, *((name, name) for name in names)]))
    found = [_found(first, second, *pair) for pair in wanted]
    corrected = holm([tests[0].p if tests else None for _, _, tests in found])
    level = 1 - first.lead["bootstrap"]["confidence"]
    return [
        Pair(
            *records,
            is_choice=both and place == 0,
            difference=_figure(tests[0]) if tests else None,
            auc=_figure(tests[1]) if tests and tests[1] else None,
            verdict=_verdict(tests[0], p, level) if tests else "",
            reason=reason,
        )
        for place, ((records, reason, tests), p) in enumerate(zip(found, corrected, strict=True))
    ]


def in_order_of(first: Predictions, second: Predictions) -> Predictions | None:
    """Return the second's answers in the order of the first's images; None where they are not the same images.

    The same are images of equal ids and labels that lie in the same groups, whatever the groups are called.
    """
    if sorted(first.image_ids) != sorted(second.image_ids) or len(set(first.image_ids)) < len(first.image_ids):
        return None
    place_of = {key: place for place, key in enumerate(second.image_ids)}
    places = [place_of[key] for key in first.image_ids]
    groups, labels = [second.groups[place] for place in places], second.labels[places]
    if _numbered(groups) != _numbered(first.groups) or not np.array_equal(labels, first.labels):
        return None
    return Predictions(first.image_ids, groups, labels, second.probabilities[places])


def _numbered(groups: Sequence[str]) -> list[int]:
    """Return the groups by the order in which they first occur."""
    numbers: dict[str, int] = {}
    return [numbers.setdefault(group, len(numbers)) for group in groups]


Tests = tuple[Difference, Difference | None]
Records = tuple[NetworkRecord | None, NetworkRecord | None]


def _found(first: Side, second: Side, own: str, other: str) -> tuple[Records, str, Tests | None]:
    records = first.records.get(own), second.records.get(other)
    if records[0] is None or records[1] is None:
        return records, "only one study has it", None
    counts = [(record["classes"], record["test"]["images"], record["test"]["groups"]) for record in records if record]
    if counts[0] != counts[1]:
        return records, NOT_THE_SAME, None
    said = first.predictions.get(own), second.predictions.get(other)
    if said[0] is None or said[1] is None:
        return records, NO_PREDICTIONS, None
    ordered = in_order_of(said[0], said[1])
    if ordered is None:
        return records, NOT_THE_SAME, None
    bootstrap = records[0]["bootstrap"]
    (found,) = paired_differences(
        said[0].labels,
        said[0].groups,
        said[0].probabilities,
        [ordered.probabilities],
        bootstrap["resamples"],
        bootstrap["confidence"],
        int(first.parameters.get("seed", 0)),
    )
    return records, "", (found.balanced_accuracy, found.macro_auc)


def _figure(difference: Difference | None) -> Figure | None:
    if difference is None:
        return None
    return Figure(value=difference.value, low=difference.low, high=difference.high)


def _verdict(difference: Difference, p: float | None, level: float) -> str:
    if p is None:
        return versus.UNKNOWN
    if p >= level:
        return versus.SAME
    return versus.BETTER if difference.value > 0 else versus.WORSE
