"""How many pictures the publisher of a set states, beside what the archive holds, in words."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from chestbench.catalog.records import SPLITS, CatalogRow, read_rows
from chestbench.catalog.verdicts import KINDS, Verdict
from chestbench.core.config import Dataset

_COPY = KINDS[Verdict.DUPLICATE]
# Pictures by class and part of the given split, "" for none.
Counts = Mapping[tuple[str, str], int]


def differences(counts: Counts, dataset: Dataset) -> list[str]:
    """Return a sentence for each class of other numbers of pictures than the publisher states.

    Classes that dataset.classes does not name are not read, and not compared; parts are where a split is given.

    Args:
        counts: of `counted`, or what a look counted.
        dataset: its expected_counts and expected_parts.
    """
    told = []
    for label, stated in dataset.expected_counts.items():
        if dataset.classes and label not in dataset.classes:
            continue
        of_part = {part: counts.get((label, part), 0) for part in SPLITS}
        held = sum(count for (name, _), count in counts.items() if name == label)
        parts = []
        if any(of_part.values()):
            for part, of_class in dataset.expected_parts.items():
                if of_class.get(label, 0) != of_part[part]:
                    parts.append(f"{part} {of_part[part]:,} of {of_class.get(label, 0):,}")
        if held == stated and not parts:
            continue
        text = f"class {label}: the publisher states {stated:,} images, the archive holds {held:,}"
        if held != stated:
            text += f", {abs(held - stated):,} {'fewer' if held < stated else 'more'}"
        told.append(text + (f" ({', '.join(parts)})" if parts else ""))
    return told


def counted(table: Path) -> Counter[tuple[str, str]]:
    """Return the pictures of data/catalog.csv that have a class, also those that are not kept.

    A set that stands in its archive twice counts once: a copy under the same file name, in the same class and part.
    """
    seen: set[int] = set()
    counts: Counter[tuple[str, str]] = Counter()
    for row in read_rows(table, CatalogRow):
        if not row.label:
            continue
        key = hash((row.image_id, row.member.rpartition("/")[2], row.label, row.given_split))
        if key in seen and row.reason.startswith(_COPY):
            continue
        seen.add(key)
        counts[row.label, row.given_split] += 1
    return counts
