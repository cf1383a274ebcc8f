"""Boxes that several readers drew around one finding of one picture: made one, so that it counts once."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chestbench.catalog.box_places import Box
from chestbench.imaging.box_fusion import OVERLAP, fuse
from chestbench.imaging.boxes import Boxes


class OfReader(NamedTuple):
    """A box on its picture.

    Attributes:
        key: picture, its class, and what the box is around.
        box: x, y, width and height in pixels.
        reader: who drew it.
    """

    key: tuple[str, str, str]
    box: Box
    reader: str


def one_of_each(drawn: Iterable[OfReader], overlap: float = OVERLAP) -> Iterator[tuple[tuple[str, str, str], Box]]:
    """Yield each finding once: the mean of the boxes around it, see `fuse`; one that a single reader drew stays.

    Readers count alike, and a finding that one of three saw is there, as a label that one of them gave is.

    >>> key = ("picture", "sick", "effusion")
    >>> drawn = [((0, 0, 10, 10), "R8"), ((0, 0, 10, 12), "R9"), ((50, 0, 9, 9), "R9")]
    >>> [box for _, box in one_of_each(OfReader(key, box, reader) for box, reader in drawn)]
    [(0.0, 0.0, 10.0, 11.0), (50.0, 0.0, 9.0, 9.0)]

    Args:
        drawn: boxes of any number of pictures.
        overlap: intersection over union above which two boxes of one finding are around the same.
    """
    of_key: dict[tuple[str, str, str], dict[str, list[list[float]]]] = {}
    for key, (x, y, width, height), reader in drawn:
        of_key.setdefault(key, {}).setdefault(reader, []).append([x, y, x + width, y + height])
    for key, of_reader in of_key.items():
        # By what was drawn, not by who drew it or where that stands in the table: the mean may depend on the order.
        fused = fuse([Boxes.of(corners) for corners in sorted(map(sorted, of_reader.values()))], overlap)
        for x0, y0, x1, y1 in fused.corners.tolist():
            yield key, (x0, y0, x1 - x0, y1 - y0)
