"""Where ground glass was painted into the sample's slices, as readers would draw it: one box around each patch."""

import csv
import io
from collections.abc import Iterable

import cv2
import numpy as np

from chestbench.datasets.phantom import Slice

# Sorts behind all pictures, so that it can be written when they are drawn.
TABLE = "opacities.csv"
COLUMNS = ("path", "x", "y", "width", "height")
# Patches nearer than this share of the picture's shorter side are one: their edges are ragged, and bits come off.
_GAP = 1 / 40
# What is smaller than this share of the lungs no reader would mark; it belongs to no box.
_LEAST = 0.02

Box = tuple[int, int, int, int]


def patch_boxes(drawn: Slice) -> list[Box]:
    """Return x, y, width and height in pixels of the box around each patch of a slice, from the left to the right.

    Patches that all but touch are one, bits of less than 2% of the lungs are left out; where all are so small, the
    largest stays. A slice without ground glass has no box.

    Args:
        drawn: `patches` and `lungs` are used.
    """
    if not drawn.patches.any():
        return []
    patches = drawn.patches.astype(np.uint8)
    reach = 2 * max(round(_GAP * min(patches.shape) / 2), 1) + 1
    joined = cv2.dilate(patches, np.ones((reach, reach), np.uint8))
    count, numbers = cv2.connectedComponents(joined, connectivity=8)
    numbers[patches == 0] = 0
    sizes = np.bincount(numbers.ravel(), minlength=count)[1:]
    least = min(_LEAST * np.count_nonzero(drawn.lungs), sizes.max())
    found = (cv2.boundingRect((numbers == number + 1).astype(np.uint8)) for number in np.flatnonzero(sizes >= least))
    return sorted((int(x), int(y), int(width), int(height)) for x, y, width, height in found)


def table_of(boxes: Iterable[tuple[str, list[Box]]]) -> str:
    """Return the table: a row for each box, with the path of its picture in the archive."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((name, *box) for name, found in boxes for box in found)
    return text.getvalue()
