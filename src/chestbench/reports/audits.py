"""What the audits found, in words. Most of what the leak audit counts was mended before the split."""

from collections.abc import Mapping

from chestbench.reports.leak_words import CATALOG_WORDS, SPLIT_WORDS
from chestbench.reports.markdown import table

# How the labels were told without the lungs, see metrics/audit.json.
SHORTCUTS = {
    "file_properties": "size, format and other properties of the files",
    "blacked_out": "pictures with the lungs (or the middle) blacked out",
}


def leak_lines(catalog: Mapping[str, int] | None, split: Mapping[str, int] | None) -> list[str]:
    """Return the lines of Markdown: what was found in the images, and what crosses the split that is used.

    Args:
        catalog, split: `leaks` of metrics/catalog.json and metrics/split.json; None: nothing is said of it.
    """
    lines = []
    if catalog is not None:
        lines += ["Found among the images before they were divided:", "", *_counts(catalog, CATALOG_WORDS), ""]
    if split is not None:
        lines += ["Crossing the split that is used (each is a leak; there should be none):", ""]
        lines += [*_counts(split, SPLIT_WORDS), ""]
    return lines


def _counts(counts: Mapping[str, int], words: Mapping[str, str]) -> list[str]:
    rows = [[words[key], count] for key, count in counts.items()]
    return table(["finding", "count"], rows)
