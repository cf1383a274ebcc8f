"""Does what a file has, rather than what its picture shows, tell the class? Counted as the table is written.

A count of guesses, no test: the audit stage judges the same over patients (shortcuts/file_properties.py).
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chestbench.catalog.records import KEPT, CatalogRow

# Columns of the table -> in words.
TOLD_BY = {
    "source": "the folder above or below the class",
    "scale": "the grey scale",
    "inverted": "the polarity",
    "frames": "the number of pages or frames",
}
# With more values (a folder above the class for each patient) the best guess tells of the values, not of the class.
MOST_VALUES = 20
FAR_ABOVE = 0.2

logger = logging.getLogger(__name__)


class Tells:
    """Images by class and by what each column of TOLD_BY holds."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[tuple[str, str]]] = {name: Counter() for name in TOLD_BY}

    def watch(self, rows: Iterable[CatalogRow]) -> Iterator[CatalogRow]:
        """Yield the rows as they come, and count those that are kept."""
        for row in rows:
            if row.status == KEPT:
                for name, counts in self._counts.items():
                    # A column that each image fills anew (no such set is known) must not fill the memory.
                    if len(counts) < 100_000:
                        counts[str(getattr(row, name)), row.label] += 1
            yield row

    def told(self) -> dict[str, dict[str, Any]]:
        """Return, of each column with more than one value, how well it tells the class; what tells much is logged.

        Returns:
            Column -> `values`, value -> class -> images, by name; `accuracy`, of guessing for each value the class that
            most of its images have, and `largest_class`, of always guessing the largest class, both 0 to 1. With more
            than MOST_VALUES values `values` is empty and `accuracy` None.
        """
        found = {name: told_by(counts) for name, counts in self._counts.items() if len({key[0] for key in counts}) > 1}
        for name, entry in found.items():
            if text := in_words(name, entry):
                logger.warning("%s", text)
        return found


def in_words(name: str, entry: Mapping[str, Any]) -> str:
    """Return a sentence on a column of TOLD_BY that tells much of the class, "" for others.

    Args:
        name: of the column.
        entry: from `told_by`.
    """
    accuracy, largest = entry["accuracy"], entry["largest_class"]
    if accuracy is None or accuracy - largest <= FAR_ABOVE:
        return ""
    shown = "; ".join(
        f"{value or 'none'}: {', '.join(f'{label} {count}' for label, count in images.items())}"
        for value, images in list(entry["values"].items())[:6]
    )
    return f"{TOLD_BY[name]} alone tells {accuracy:.0%} of the labels (largest class: {largest:.0%}): {shown}"


def told_by(counts: Counter[tuple[str, str]]) -> dict[str, Any]:
    """Return how well values tell classes, see `Tells.told`.

    Args:
        counts: (value, class) -> images, not empty.
    """
    labels = sorted({label for _, label in counts})
    values = sorted({value for value, _ in counts})
    total = counts.total()
    largest = max(sum(counts[value, label] for value in values) for label in labels) / total
    if len(values) > MOST_VALUES:
        return {"values": {}, "accuracy": None, "largest_class": round(largest, 4)}
    right = sum(max(counts[value, label] for label in labels) for value in values)
    return {
        "values": {value: {label: counts[value, label] for label in labels} for value in values},
        "accuracy": round(right / total, 4),
        "largest_class": round(largest, 4),
    }
