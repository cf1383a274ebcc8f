"""What the leak audit counts and how the shortcut audit looks, in words."""

from collections.abc import Mapping
from typing import Any

# Each stands alone, in a table of counts and in a list of what was not found.
CATALOG_WORDS = {
    "exact_duplicates": "images with the same pixels as an earlier image of the same label (left out)",
    "exact_label_conflicts": "images with the same pixels under two labels (left out)",
    "near_duplicate_pairs": "look-alike pairs of images (kept, and kept in one part of a split that is made here)",
    "near_duplicate_label_conflicts": "look-alike pairs that carry two labels (kept: who is right cannot be told)",
    "near_duplicate_pairs_of_two_patients": "look-alike pairs that have the ids of two patients (or studies)",
    "groups_of_two_labels": "patients (or studies) with images of several labels (kept: look whether that can be)",
    "given_split_groups": "patients (or groups) that lie in several parts of the given split",
    "given_split_exact_duplicates": "images whose first copy lies in another part of the given split (left out)",
    "given_split_near_duplicate_pairs": "look-alike pairs across parts of the given split",
}
SPLIT_WORDS = {
    "groups": "patients (or groups) in several parts",
    "look_alike_clusters": "clusters of look-alikes in several parts",
    "near_duplicate_pairs": "look-alike pairs in two parts",
}

# How the labels were told without the lungs, see metrics/audit.json.
SHORTCUTS = {
    "file_properties": "source, size, format and other properties of the files",
    "blacked_out": "pictures with the lungs (or the middle) blacked out",
}


def catalog_rows(leaks: Mapping[str, int] | None) -> list[list[Any]] | None:
    """Return words and count of each finding in metrics/catalog.json["leaks"]; most was mended before the split."""
    return None if leaks is None else [[CATALOG_WORDS[name], count] for name, count in leaks.items()]


def split_rows(leaks: Mapping[str, int] | None) -> list[list[Any]] | None:
    """Return words and count of each finding in metrics/split.json["leaks"]: what crosses the split that is used."""
    return None if leaks is None else [[SPLIT_WORDS[name], count] for name, count in leaks.items()]
