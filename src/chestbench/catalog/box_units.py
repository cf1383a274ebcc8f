"""What the four numbers of a box mean, and whether they can mean that: told from all boxes together.

A table says neither its units nor its layout. A wrong reading gives boxes that look like boxes, so the numbers are read
in every way, and where another way fits the pictures and the stated one does not, the run stops and shows both.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chestbench.core.dataset_config import LAYOUTS, Boxes
from chestbench.core.errors import ChestbenchError

Floats = NDArray[np.float64]
# Boxes may reach over the edge by rounding: that is cut off without a word.
SLACK = 1.0
# So large a share of the boxes may be wrong before the reading is doubted, and must fit for another one to be shown.
_DOUBT, _FITS = 0.05, 0.98
# Fewer boxes do not tell how large the pictures were that they were drawn on.
_FEWEST = 20
_WORDS = {"xywh": "corner and size", "xyxy": "two corners", "cxcywh": "centre and size"}


class Reading(NamedTuple):
    """One way to read the numbers."""

    layout: str
    units: str

    def words(self) -> str:
        """Return it as parameters are written."""
        return f"layout: {self.layout} ({_WORDS[self.layout]}), units: {self.units}"


def corners_of(numbers: Floats, sizes: Floats, reading: Reading, frame: tuple[int, int] | None = None) -> Floats:
    """Return x0, y0, x1, y1 in pixels of each picture, (n, 4); x1 <= x0 or y1 <= y0 where a box has no area.

    Args:
        numbers: as the table has them, (n, 4).
        sizes: width and height of the picture of each, (n, 2).
        reading: layout and units.
        frame: width and height of the pictures that they were drawn on; None: the pictures themselves.
    """
    first, second = numbers[:, :2], numbers[:, 2:]
    if reading.layout == "xywh":
        first, second = first, first + second
    elif reading.layout == "cxcywh":
        first, second = first - second / 2, first + second / 2
    scale = sizes if reading.units == "share" else sizes / (sizes if frame is None else np.array(frame, float))
    return np.concatenate([first * scale, second * scale], axis=1)


def check_reading(numbers: Floats, sizes: Floats, settings: Boxes, table: str) -> list[str]:
    """Refuse a reading that the pictures speak against; return in words what is only doubtful.

    Args:
        numbers: of all boxes, (n, 4).
        sizes: width and height of the picture of each, (n, 2).
        settings: what is stated.
        table: its name, for the message.

    Raises:
        ChestbenchError: another layout or other units fit the pictures where the stated ones do not, or most boxes lie
            beyond their pictures in every way.
    """
    if not len(numbers):
        return []
    stated = Reading(settings.layout, settings.units)
    own = _fitting(numbers, sizes, stated, settings.frame)
    others = [Reading(layout, units) for layout in LAYOUTS for units in ("pixels", "share")]
    # Numbers below one are a point of a picture in pixels, and fit anywhere.
    tiny = settings.units == "pixels" and numbers.max() <= 1.0
    if tiny or own.mean() < 1 - _DOUBT:
        fits = {
            other: _fitting(numbers, sizes, other, settings.frame).mean()
            for other in others
            if other != stated and (other.units == "share") == (bool(numbers.max() <= 1.0 + 1e-6))
        }
        best = max(fits, key=lambda other: fits[other], default=stated)
        if fits and fits[best] >= _FITS and (tiny or fits[best] > own.mean()):
            raise ChestbenchError(_both(numbers, sizes, stated, best, settings, table, int((~own).sum())))
    if len(numbers) >= _FEWEST and own.mean() < 0.5:
        raise ChestbenchError(
            f"dataset.boxes: expected boxes within their pictures, received {(~own).sum()} of {len(numbers)} in "
            f"{table} that reach beyond them or have no area (read as {stated.words()}); if they were drawn on "
            "pictures of another size, set frame: [WIDTH, HEIGHT] to that"
        )
    if settings.units == "pixels" and settings.frame is None and len(numbers) >= _FEWEST:
        reach = (corners_of(numbers, sizes, stated)[:, 2:] / sizes).max(axis=0)
        if reach.max() <= 0.55:
            return [
                f"all {len(numbers)} boxes of {table} lie in the upper left {reach[0]:.0%} x {reach[1]:.0%} of their "
                "pictures: they may be of smaller pictures (dataset.boxes.frame: [WIDTH, HEIGHT] says of which)"
            ]
    return []


def _fitting(numbers: Floats, sizes: Floats, reading: Reading, frame: tuple[int, int] | None) -> NDArray[np.bool_]:
    """Tell which boxes have an area and lie within their picture, but for rounding."""
    corners = corners_of(numbers, sizes, reading, None if reading.units == "share" else frame)
    fits = (corners[:, :2] >= -SLACK) & (corners[:, 2:] <= sizes + SLACK) & (corners[:, 2:] > corners[:, :2])
    return np.asarray(fits.all(axis=1), bool)


def _both(
    numbers: Floats, sizes: Floats, stated: Reading, other: Reading, settings: Boxes, table: str, wrong: int
) -> str:
    number = int((~_fitting(numbers, sizes, stated, settings.frame)).argmax())
    size = sizes[number]

    def shown(reading: Reading) -> str:
        frame = None if reading.units == "share" else settings.frame
        corners = corners_of(numbers[number : number + 1], sizes[number : number + 1], reading, frame)[0]
        return f"from {_pair(corners[:2])} to {_pair(corners[2:])}"

    why = f"{wrong} of {len(numbers)} reach beyond them or have no area" if wrong else "all are within a pixel"
    return (
        f"dataset.boxes: expected boxes within their pictures, received some in {table} that are none as stated: "
        f"{why}. The box {', '.join(f'{value:g}' for value in numbers[number])} on a picture of {size[0]:g} x "
        f"{size[1]:g} pixels goes {shown(stated)} read as {stated.words()}, and {shown(other)} read as "
        f"{other.words()}; the latter fits the pictures: state it, or correct the table"
    )


def _pair(values: Sequence[float] | Floats) -> str:
    return f"({values[0]:.4g}, {values[1]:.4g})"
