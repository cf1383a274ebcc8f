"""Each found box is right or false, each drawn one found or missed, and each picture has one outcome.

A found box is right when it overlaps a drawn one of its finding by an intersection over union of at least one half that
no surer box has taken before (PASCAL VOC; Everingham et al. 2010, IJCV 88:303, section 4.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chestbench.imaging.box_precision import taken
from chestbench.imaging.boxes import Boxes

OVERLAP = 0.5
# Outcome of a picture -> what is said of it.
OUTCOMES = {
    "all_found": "all found,\nnothing false",
    "missed": "some missed,\nnothing false",
    "false": "all found,\nsome false",
    "missed_and_false": "some missed,\nsome false",
    "alarm": "nothing drawn,\nsome false",
    "nothing": "nothing drawn,\nnothing found",
}


@dataclass(frozen=True)
class Judged:
    """One picture at all thresholds.

    Attributes:
        truth: n drawn boxes.
        found: m found boxes.
        taken: int64 (m,), the drawn box that each found one is right about, -1 where it is false.
    """

    truth: Boxes
    found: Boxes
    taken: NDArray[np.int64]

    def at(self, threshold: float) -> "Judged":
        """Return the same with the boxes from a score on: what a surer box takes does not depend on weaker ones."""
        kept = self.found.scores >= threshold
        return Judged(self.truth, self.found.take(kept), self.taken[kept])

    @property
    def right(self) -> NDArray[np.bool_]:
        """Which found boxes are right, (m,)."""
        return self.taken >= 0

    @property
    def missed(self) -> NDArray[np.bool_]:
        """Which drawn boxes nobody found, (n,)."""
        return ~np.isin(np.arange(len(self.truth)), self.taken)

    @property
    def outcome(self) -> str:
        """A key of `OUTCOMES`."""
        some_false, some_missed = not bool(self.right.all()), bool(self.missed.any())
        if not len(self.truth):
            return "alarm" if some_false else "nothing"
        if some_missed:
            return "missed_and_false" if some_false else "missed"
        return "false" if some_false else "all_found"


def judge(truth: Sequence[Boxes], found: Sequence[Boxes], overlap: float = OVERLAP) -> list[Judged]:
    """Return each picture judged.

    Args:
        truth: what was drawn on each picture.
        found: what was found on each.
        overlap: intersection over union from which on a box is right.

    Raises:
        ValueError: there are more pictures of one than of the other.

    Example:
        >>> drawn = Boxes.of([[0, 0, 4, 4]])
        >>> found = Boxes.of([[0, 0, 4, 5], [0, 0, 4, 4]], scores=[0.9, 0.8])
        >>> (picture,) = judge([drawn], [found])
        >>> picture.right.tolist(), picture.outcome, picture.at(0.85).outcome
        ([True, False], 'false', 'all_found')
    """
    if len(truth) != len(found):
        raise ValueError(f"expected found boxes of {len(truth)} pictures, received those of {len(found)}")
    return [Judged(drawn, own, _taken(drawn, own, overlap)) for drawn, own in zip(truth, found, strict=True)]


def _taken(truth: Boxes, found: Boxes, overlap: float) -> NDArray[np.int64]:
    takes = np.full(len(found), -1, np.int64)
    for label in np.unique(found.labels).tolist():
        drawn, own = np.flatnonzero(truth.labels == label), np.flatnonzero(found.labels == label)
        own = own[np.argsort(-found.scores[own], kind="stable")]
        of_label = taken(truth.corners[drawn], found.corners[own], overlap)
        takes[own[of_label >= 0]] = drawn[of_label[of_label >= 0]]
    return takes
