"""What every picture, table and model of this project says of itself."""

from collections.abc import Mapping
from typing import Any

NOTICE = "for research and education, not for diagnosis"
SYNTHETIC = "synthetic images, no real patient"
# Of an archive that was compared with its publisher's checksum.
OTHER_BYTES = "a copy with other bytes than published"
# The facts that `split_words` and `tiny_note` read; each stage hands them on to the next.
SPLIT_KEYS = ("split_unit", "images_in_all", "images_without_group", "tiny")


def split_words(record: Mapping[str, Any]) -> str:
    """Return the unit of the split in words, such as `patient (5 of 90 images have no patient or study id: ...)`.

    Args:
        record: has split_unit, and images_without_group with images_in_all where there are images of other units.
    """
    note = ungrouped_note(record)
    return f"{record['split_unit']} ({note})" if note else str(record["split_unit"])


def ungrouped_note(record: Mapping[str, Any]) -> str:
    """Return what is said of images without an id while others have one, "" when there are none."""
    count = record.get("images_without_group", 0)
    if not count:
        return ""
    return f"{count} of {record['images_in_all']} images have no patient or study id: grouped by likeness"


def tiny_note(record: Mapping[str, Any]) -> str:
    """Return the banner over everything that comes of too little, "" where there was enough.

    >>> tiny_note({"tiny": ["val has 1 group of COVID (3 are needed)"]})
    'TOO LITTLE DATA: val has 1 group of COVID (3 are needed). No figure here is a result (dataset.allow_tiny)'

    Args:
        record: has `tiny`, a phrase for each part that has too little, where one has.
    """
    reasons = record.get("tiny")
    return f"TOO LITTLE DATA: {'; '.join(reasons)}. No figure here is a result (dataset.allow_tiny)" if reasons else ""


def copy_notes(catalog: Mapping[str, Any]) -> list[str]:
    """Return what is said under every result where the archive is not the published one; nothing where it is.

    >>> copy_notes({"copy": "a copy with other bytes than published (MD5 ...)", "differs": ["class a: ..."]})
    ['The images are a copy with other bytes than published (MD5 ...): class a: .... No figure here is one of the \
published set.']

    Args:
        catalog: metrics/catalog.json.
    """
    if not catalog.get("copy"):
        return []
    counts = "; ".join(catalog.get("differs", ())) or "as many images of each class as the publisher states"
    return [f"The images are {catalog['copy']}: {counts}. No figure here is one of the published set."]


def data_notes(catalog: Mapping[str, Any], size: int) -> list[str]:
    """Return what is said of the images under every result: `copy_notes`, and that all of them were enlarged.

    >>> data_notes({"sizes": {"width": {"max": 28}, "height": {"max": 28}}}, 224)
    ['All pictures are stored in 28 x 28 pixels or fewer and were enlarged to 224 x 224.']

    Args:
        catalog: metrics/catalog.json.
        size: side of the pictures that networks see, in pixels.
    """
    width, height = (catalog["sizes"][side]["max"] for side in ("width", "height"))
    told = f"All pictures are stored in {width} x {height} pixels or fewer and were enlarged to {size} x {size}."
    return copy_notes(catalog) + ([told] if max(width, height) < size else [])
