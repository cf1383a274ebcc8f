"""What the audits found, in words. Most of what the leak audit counts was mended before the split."""

from collections.abc import Mapping

from chestbench.evaluation.cards.markdown import table

CATALOG = {
    "exact_duplicates": "images of the same pixels and label as an earlier one: left out",
    "exact_label_conflicts": "images of the same pixels under two labels: left out",
    "near_duplicate_pairs": "pairs of images that look alike: kept, in one part of the split unless it is given",
    "near_duplicate_label_conflicts": "of those, pairs under two labels: kept, for who is right cannot be told",
    "near_duplicate_pairs_of_two_patients": "of those, pairs of two patients' ids: kept together as the others",
    "given_split_groups": "patients (or groups) in several parts of the given split",
    "given_split_exact_duplicates": "copies whose first one lies in another part of the given split",
    "given_split_near_duplicate_pairs": "pairs that look alike across parts of the given split",
}
SPLIT = {
    "groups": "patients (or groups) in several parts",
    "look_alike_clusters": "clusters of look-alikes in several parts",
    "near_duplicate_pairs": "listed pairs that look alike across parts",
}
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
        lines += ["Found among the images before they were divided:", "", *_counts(catalog, CATALOG), ""]
    if split is not None:
        lines += ["Crossing the split that is used (each is a leak; there should be none):", ""]
        lines += [*_counts(split, SPLIT), ""]
    return lines


def _counts(counts: Mapping[str, int], words: Mapping[str, str]) -> list[str]:
    rows = [[words.get(key, key.replace("_", " ")), count] for key, count in counts.items()]
    return table(["finding", "count"], rows)
