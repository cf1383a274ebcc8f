"""Boxes of a table as places on their pictures: upright, in pixels, cut off at the edge."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chestbench.catalog.box_units import SLACK, Floats, Reading, check_reading, corners_of
from chestbench.catalog.records import CatalogRow
from chestbench.core.config import Boxes
from chestbench.core.errors import ChestbenchError
from chestbench.datasets.archive import Archive
from chestbench.imaging.orientation import UPRIGHT, orientation_of

# A side below a pixel is no box, but for shares that are rounded; what is left of a box at the edge may be shorter, and
# below this it would be written as 0: no area.
_PIXEL, _SHORTEST = 0.99, 0.001
# A box that leaves out less than this share of its picture is the whole of it.
_REST = 0.01

Box = tuple[float, float, float, float]


class Place(NamedTuple):
    """x, y, width and height on the picture, or None; and what is said of it: "", cut, whole, small, outside
    or malformed."""

    box: Box | None
    said: str


class Placed(NamedTuple):
    """The place of each box, how many are of pictures that their file turns, and what is doubtful, in words."""

    places: list[Place]
    turned: int
    doubts: list[str]


def placed_in(archive: Archive, boxes: Sequence[tuple[CatalogRow, Box]], settings: Boxes, table: str) -> Placed:
    """Return the place of each box on its picture.

    Args:
        archive: of the pictures, where those that a file may turn are looked at.
        boxes: picture and four numbers of each.
        settings: what the numbers are.
        table: its name, for messages.

    Raises:
        ChestbenchError: the numbers fit their pictures in another layout or other units only, or fit turned pictures
            only as they are stored.
    """
    numbers = np.array([box for _, box in boxes], np.float64).reshape(-1, 4)
    stored = np.array([(row.width, row.height) for row, _ in boxes], np.float64).reshape(-1, 2)
    orientations = _orientations(archive, [row for row, _ in boxes])
    quarter = np.array([orientation >= 5 for orientation in orientations], bool)
    sizes = np.where(quarter[:, None], stored[:, ::-1], stored)
    _check_turned(numbers, stored, sizes, quarter, settings, table)
    doubts = check_reading(numbers, sizes, settings, table)
    corners = corners_of(numbers, sizes, Reading(settings.layout, settings.units), settings.frame)
    places = [_place(one, size) for one, size in zip(corners, sizes, strict=True)]
    return Placed(places, sum(orientation != UPRIGHT for orientation in orientations), doubts)


def _orientations(archive: Archive, rows: Sequence[CatalogRow]) -> list[int]:
    known: dict[str, int] = {}
    for row in rows:
        if row.member not in known:
            can_turn = row.format in ("jpeg", "tiff")
            known[row.member] = orientation_of(archive.read(row.member), row.format) if can_turn else UPRIGHT
    return [known[row.member] for row in rows]


def _check_turned(
    numbers: Floats, stored: Floats, sizes: Floats, quarter: np.ndarray, settings: Boxes, table: str
) -> None:
    """Refuse boxes of pictures turned by a quarter that fit these only as they lie in the file."""
    if not quarter.any():
        return
    reading = Reading(settings.layout, settings.units)

    def beyond(of: Floats) -> NDArray[np.bool_]:
        corners = corners_of(numbers, of, reading, settings.frame)
        return np.asarray(((corners < -SLACK) | (corners > np.tile(of, 2) + SLACK)).any(axis=1), bool)

    as_shown, as_stored = beyond(sizes) & quarter, beyond(stored) & quarter
    if as_shown.any() and as_stored.sum() < as_shown.sum():
        number = int(as_shown.argmax())
        (width, height), box = sizes[number], ", ".join(f"{value:g}" for value in numbers[number])
        raise ChestbenchError(
            f"dataset.boxes: expected boxes on pictures as they are shown, received {as_shown.sum()} in {table} on "
            f"pictures that their file turns by a quarter (EXIF) and that fit only as the file stores them: the box "
            f"{box} reaches beyond {width:g} x {height:g} pixels, as shown, and lies within {height:g} x {width:g}, as "
            "stored; write the pictures anew without an orientation"
        )


def _place(corners: Floats, size: Floats) -> Place:
    if not (corners[2:] > corners[:2]).all():
        return Place(None, "malformed")
    if (corners[2:] - corners[:2] < _PIXEL).any():
        return Place(None, "small")
    low, high = np.maximum(corners[:2], 0.0), np.minimum(corners[2:], size)
    if not (high - low >= _SHORTEST).all():
        return Place(None, "outside")
    x, y = low.tolist()
    width, height = (high - low).tolist()
    if (corners[:2] < -SLACK).any() or (corners[2:] > size + SLACK).any():
        said = "cut"
    else:
        said = "whole" if width * height >= (1 - _REST) * size.prod() else ""
    return Place((x, y, width, height), said)
