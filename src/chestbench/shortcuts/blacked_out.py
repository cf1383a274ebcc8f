"""The pictures with the lungs blacked out: what is left must not tell the class.

One box is put over all pictures of a set, so that its place and size tell nothing (Maguolo and Nanni 2021, Information
Fusion 76:1, did so on four collections and still told them apart). It covers the lungs as far as they can be found in a
sample of the training pictures, else the middle.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from chestbench.core.parallel import ordered_map
from chestbench.imaging.regions.find import find_region

SIDE = 64  # what the network sees, in pixels; smaller pictures are not enlarged
_LOOKED_AT = 300
_FOUND = 0.5  # share of them in which lungs must be found
# Of each side. The lungs of at most one picture in five then reach beyond the box anywhere: were the class written
# there, in those alone, the AUC would not pass 0.6. Wider ones hide all of a set in which a few contours went astray.
_PERCENTILES = (5, 95)
_MARGIN = 0.02  # of the side
# Lungs that span more of both sides are none: a frame around the picture was taken for the body.
_WIDEST = 0.9
_MIDDLE = 0.2  # what the box leaves at each side where lungs are not found
_LEAST_LEFT = 0.02  # of the picture, outside the box: a row or a column
_LITTLE_LEFT = 0.1  # of the picture, outside the box: what is read there may be missed
_BLACK = 10  # grey levels that are still black: JPEG leaves some around edges


@dataclass(frozen=True)
class Box:
    """The part that is blacked out, from 0 to 1 of height and width.

    Attributes:
        top, bottom: share of the height, 0 to 1, counted from above.
        left, right: share of the width, 0 to 1.
        looked_at: pictures in which lungs were looked for.
        found: pictures in which lungs were found, of those `looked_at`; the middle is covered when they are too few.
    """

    top: float
    left: float
    bottom: float
    right: float
    found: int
    looked_at: int

    @property
    def is_of_lungs(self) -> bool:
        """Whether it covers lungs that were found, not the middle."""
        return bool(self.looked_at) and self.found >= _FOUND * self.looked_at

    @property
    def leaves_something(self) -> bool:
        """Whether enough of the picture stays to be judged."""
        return self.left_over >= _LEAST_LEFT

    @property
    def left_over(self) -> float:
        """The share of the picture outside the box, 0 to 1."""
        return 1 - (self.bottom - self.top) * (self.right - self.left)

    def in_words(self) -> str:
        """Return where it lies, such as `8% to 87% of the height and 2% to 98% of the width`."""
        return f"{self.top:.0%} to {self.bottom:.0%} of the height and {self.left:.0%} to {self.right:.0%} of the width"


def find_box(images: np.ndarray, modality: str, seed: int) -> Box:
    """Return the box that covers the lungs of nearly all pictures.

    Args:
        images: uint8 (N, H, W, 1), of training.
        modality: CT, X-ray or unknown.
        seed: of the sample of them that is looked at.
    """
    chosen = np.sort(np.random.default_rng(seed).permutation(len(images))[:_LOOKED_AT])

    def look(place: int) -> tuple[float, ...] | None:
        region = find_region(np.ascontiguousarray(images[place]), "lungs", None, modality)
        if region.reason:
            return None
        rows, columns = np.flatnonzero(region.mask.any(axis=1)), np.flatnonzero(region.mask.any(axis=0))
        height, width = region.mask.shape
        top, left, bottom, right = (
            rows[0] / height,
            columns[0] / width,
            (rows[-1] + 1) / height,
            (columns[-1] + 1) / width,
        )
        return None if min(bottom - top, right - left) > _WIDEST else (top, left, bottom, right)

    found = np.array([sides for sides in ordered_map(look, chosen.tolist()) if sides is not None]).reshape(-1, 4)
    middle = Box(_MIDDLE, _MIDDLE, 1 - _MIDDLE, 1 - _MIDDLE, len(found), len(chosen))
    if not middle.is_of_lungs:
        return middle
    low, high = np.percentile(found, _PERCENTILES, axis=0)
    sides = np.clip([*(low[:2] - _MARGIN), *(high[2:] + _MARGIN)], 0, 1)
    top, left, bottom, right = (round(float(side), 3) for side in sides)
    return Box(top, left, bottom, right, len(found), len(chosen))


def black_out(images: np.ndarray, box: Box) -> np.ndarray:
    """Return pictures for the network, uint8 (N, S, S, 1) with S at most SIDE: the box black, the rest as it is."""
    side = min(SIDE, images.shape[1])
    rows, columns = _covered(box, side)
    small = np.empty((len(images), side, side, 1), np.uint8)
    for place, image in enumerate(images):
        small[place, :, :, 0] = cv2.resize(image[:, :, 0], (side, side), interpolation=cv2.INTER_AREA)
    small[:, rows, columns] = 0
    return small


def mean_outside(blacked: np.ndarray, box: Box) -> np.ndarray:
    """Return the mean grey level outside the box, float64 (N,), of what `black_out` returned."""
    side = blacked.shape[1]
    rows, columns = _covered(box, side)
    left = side * side - (rows.stop - rows.start) * (columns.stop - columns.start)
    return blacked.sum(axis=(1, 2, 3), dtype=np.int64) / max(1, left)


def next_to_nothing(blacked: np.ndarray, box: Box) -> str:
    """Return why pictures show next to nothing, in words; "" where they show enough.

    Args:
        blacked: uint8 (N, S, S, 1), what `black_out` returned.
        box: that was blacked out.
    """
    if box.left_over <= _LITTLE_LEFT:
        return f"the box leaves {box.left_over:.0%} of the picture"
    black = int(((blacked > _BLACK).mean(axis=(1, 2, 3)) < _LEAST_LEFT).sum())
    if 2 * black > len(blacked):
        return f"{black} of {len(blacked)} pictures are black outside the box"
    return ""


def _covered(box: Box, side: int) -> tuple[slice, slice]:
    """Return the rows and columns of the box, those included that it covers in part."""
    first, last = np.floor(np.array([box.top, box.left]) * side), np.ceil(np.array([box.bottom, box.right]) * side)
    return slice(int(first[0]), int(last[0])), slice(int(first[1]), int(last[1]))
