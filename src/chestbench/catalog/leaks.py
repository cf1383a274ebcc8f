"""What would let a network know test pictures from training: counted and listed by image id, never mended in silence.

The keys of metrics/catalog.json["leaks"], all integers:

- exact_duplicates: images left out because an earlier one has the same decoded pixels and label.
- exact_label_conflicts: images left out because the same decoded pixels are there under two labels.
- near_duplicate_pairs: pairs of kept images that look alike (see near_duplicates.py); clusters of them stay together.
- near_duplicate_label_conflicts: those of them that carry two labels. Both stay: who is right cannot be told.
- near_duplicate_pairs_of_two_patients: those of them whose pictures have different patient (or study) ids.
- groups_of_two_labels: patients (or studies) whose kept images carry several labels. All stay, in one part.
- given_split_groups, given_split_exact_duplicates, given_split_near_duplicate_pairs: patients (or studies, or
  clusters), copies and pairs that cross the parts of a given split that is honoured; 0 without one.

results/catalog/leaks.csv lists them all by pairs of image ids, but for near-duplicates of one known patient, label and
part: neighbouring slices as they should be. The worst stand first.
Of a patient (or study) in several parts of a given split, an image of the first part stands beside one of each other.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from chestbench.catalog.groups import Groups
from chestbench.catalog.leak_words import warn_of_leaks
from chestbench.catalog.near_duplicates import NearDuplicates
from chestbench.catalog.records import NEAR_DUPLICATE, SPLITS
from chestbench.catalog.verdicts import Verdict
from chestbench.core.files import write_csv

COLUMNS = (
    "finding",
    "image_id",
    "other_image_id",
    "label",
    "other_label",
    "given_split",
    "other_given_split",
    "two_labels",
    "two_patients",
    "two_splits",
)
EXACT, CONFLICT, NEAR, GROUP = "exact duplicate", "exact label conflict", NEAR_DUPLICATE, "group in two parts"
MIXED = "group of two labels"
LISTED = 100_000
_NOBODY = np.iinfo(np.int64).max

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Leaks:
    """What was found.

    Attributes:
        counts: by the keys above.
        findings: (finding, row, other row) of the catalog, at most LISTED of each finding.
        patient: int64 (N,), what each row's `two_patients` is told from.
    """

    counts: dict[str, int]
    findings: list[tuple[str, int, int]] = field(repr=False)
    patient: np.ndarray = field(repr=False)


def find_leaks(numbers: np.ndarray, first_of: np.ndarray, near: NearDuplicates, groups: Groups) -> Leaks:
    """Count and list the leaks of a judged catalog.

    Args:
        numbers: NUMBERS (N,), all judged.
        first_of: int64 (N,), from `judge_duplicates`.
        near: near-duplicates among the kept rows.
        groups: of all rows.
    """
    kept = np.flatnonzero(numbers["verdict"] == Verdict.KEPT)
    given, label = numbers["given"], numbers["label"]
    copies = np.flatnonzero(numbers["verdict"] == Verdict.DUPLICATE)
    conflicts = np.flatnonzero(numbers["verdict"] == Verdict.TWO_LABELS)
    _, first, same = np.unique(numbers["pixels"][conflicts], return_index=True, return_inverse=True)
    firsts = conflicts[first][same.ravel()]

    patient = np.full(len(numbers), -1, np.int64)
    patient[kept] = _patients(groups.number[kept], groups.has_id(kept), near.cluster)
    combined = np.unique(np.stack([label[kept], given[kept], patient[kept]]), axis=1, return_inverse=True)[1].ravel()
    total, pairs = near.pairs_between(combined, LISTED)
    # Two pictures of nobody known may be a copy or two slices of one person: listed too, after those that surely leak.
    nobody = patient[kept] == _NOBODY
    suspects, further = near.pairs_between(np.where(nobody, -1 - np.arange(len(kept)), combined), 2 * LISTED)
    if max(total, suspects) > LISTED:
        logger.warning("only %d of %d near-duplicate pairs are listed in leaks.csv", LISTED, max(total, suspects))
    listed = dict.fromkeys(zip(*(part.tolist() for part in pairs), strict=True))
    listed |= dict.fromkeys(zip(*(part.tolist() for part in further), strict=True))
    near_pairs = [(int(kept[a]), int(kept[b])) for a, b in list(listed)[:LISTED]]
    placed = kept[given[kept] >= 0]
    (number, _), example = np.unique(np.stack([groups.number[placed], given[placed]]), axis=1, return_index=True)
    again = np.flatnonzero(number[1:] == number[:-1]) + 1  # a further part of the group before
    known = kept[groups.has_id(kept)]
    mixed = _first_and_next(groups.number[known], label[known])
    counts = {
        "exact_duplicates": len(copies),
        "exact_label_conflicts": len(conflicts),
        "near_duplicate_pairs": near.pairs,
        "near_duplicate_label_conflicts": near.pairs_between(label[kept], 0)[0],
        "near_duplicate_pairs_of_two_patients": near.pairs_between(patient[kept], 0)[0],
        "groups_of_two_labels": len(np.unique(groups.number[known[mixed[1]]])),
        "given_split_groups": len(np.unique(number[again])),
        "given_split_exact_duplicates": int((given[copies] != given[first_of[copies]]).sum()),
        "given_split_near_duplicate_pairs": near.pairs_between(given[kept], 0)[0],
    }
    # Clusters of pictures without ids are groups too; theirs are the near-duplicates below.
    again = again[groups.has_id(placed[example[again]])][:LISTED]
    first_part, other_part = (placed[example[at]] for at in (np.searchsorted(number, number[again]), again))
    one_label, other_label = (part[:LISTED] for part in mixed)
    findings = [(GROUP, int(a), int(b)) for a, b in zip(first_part, other_part, strict=True)]
    findings += [(MIXED, int(known[a]), int(known[b])) for a, b in zip(one_label, other_label, strict=True)]
    in_conflict = zip(firsts[:LISTED], conflicts[:LISTED], strict=True)
    findings += [(CONFLICT, int(a), int(b)) for a, b in in_conflict if a != b]
    findings += [(EXACT, int(first_of[row]), int(row)) for row in copies[:LISTED]]
    findings += [(NEAR, a, b) for a, b in near_pairs]
    warn_of_leaks(counts, bool((given >= 0).any()))
    return Leaks(counts, findings, patient)


def write_leaks(path: Path, leaks: Leaks, image_id: np.ndarray, label: np.ndarray, given: np.ndarray,
                classes: Sequence[str]) -> None:  # fmt: skip
    """Write leaks.csv, COLUMNS, sorted by finding and ids; no file names.

    Args:
        path: leaks.csv.
        leaks: from `find_leaks`.
        image_id: uint64 (N,).
        label: int32 (N,), class code.
        given: int8 (N,), index into SPLITS or -1.
        classes: names by code.
    """

    def split(row: int) -> str:
        return SPLITS[given[row]] if given[row] >= 0 else ""

    def cells(finding: str, a: int, b: int) -> list[str]:
        one, other = (f"{int(image_id[row]):016x}" for row in (a, b))
        flags = (label[a] != label[b], leaks.patient[a] != leaks.patient[b], given[a] != given[b])
        marks = ["yes" if flag else "" for flag in flags]
        if finding in (EXACT, CONFLICT):
            marks[1] = ""  # an image that is left out has no group
        return [finding, one, other, classes[label[a]], classes[label[b]], split(a), split(b), *marks]

    order = {GROUP: 0, CONFLICT: 1, MIXED: 2, NEAR: 3, EXACT: 4}
    flags = slice(len(COLUMNS) - 3, None)
    rows = sorted(
        (cells(*found) for found in leaks.findings),
        key=lambda row: (order[row[0]], [not flag for flag in row[flags]], row),
    )
    write_csv(path, COLUMNS, rows)


def _patients(group: np.ndarray, has_id: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Return a code of each image's patient or study; an image without one counts as the first of its cluster.

    _NOBODY where none of the cluster has one.
    """
    first = np.full(int(cluster.max()) + 1, _NOBODY)
    np.minimum.at(first, cluster[has_id], group[has_id])
    return np.where(has_id, group, first[cluster])


def _first_and_next(group: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return, for every further label of a group, an image of its first one and an image of the further one."""
    (number, _), example = np.unique(np.stack([group, label]), axis=1, return_index=True)
    further = np.flatnonzero(number[1:] == number[:-1]) + 1
    return example[np.searchsorted(number, number[further])], example[further]
