"""What stays in memory of the first pass: arrays with an entry per row, counts, and the first problems."""

from collections import Counter

import numpy as np

from chestbench.catalog.layout import NO_CLASS
from chestbench.catalog.left_out import LeftOut
from chestbench.catalog.scale.facts import ScaleFacts
from chestbench.catalog.scale.state import Choice
from chestbench.catalog.spool import Spool
from chestbench.catalog.tiles import Tiles
from chestbench.catalog.verdicts import KINDS, NUMBERS, Verdict
from chestbench.imaging.fingerprint import SIDE
from chestbench.imaging.grey import DEFAULT

_SHOWN_PROBLEMS = 3  # of each reason and class


class Seen:
    """What stays of the first pass.

    Attributes:
        numbers: NUMBERS (N,), one entry per row.
        copies: uint8 (N, 1024), small copies of `fingerprint`, one per row.
        modes: (format, channels, bit_depth) -> code.
        patients: names that the paths gave -> code.
        problems: "member (reason)" of what cannot be used, the first of each reason and class.
        left_out: members that turned out to be no pictures.
        of_pages: rows that are pages or frames of a file of several.
        pages_beyond_first: those of them that are not the first of their file.
        pages_not_read: pages or frames behind the first that dataset.frames=first leaves out.
        polarity_corrected: DICOM files whose header calls them negatives that they are not.
        mask_looks: a byte per row, 1 where the picture looks like a mask.
        tiles: pictures for the contact sheet.
        scales: what each row says of its grey scale.
        choice: the scale of the set.
    """

    def __init__(self, members: int, classes: list[str]) -> None:
        self.rows = 0
        self.polarity_corrected = 0
        self.of_pages = self.pages_beyond_first = self.pages_not_read = 0
        self.left_out = LeftOut()
        self.modes: dict[tuple[str, int, int], int] = {}
        self.patients: dict[str, int] = {}
        self.problems: list[str] = []
        self._problems_of: Counter[tuple[int, int]] = Counter()
        self.mask_looks = bytearray()
        self.tiles = Tiles(classes)
        self.scales = ScaleFacts()
        self.choice = Choice(DEFAULT)
        self._numbers = np.empty(members, NUMBERS)
        self._copies = np.zeros((members, SIDE * SIDE), np.uint8)

    @property
    def numbers(self) -> np.ndarray:
        """The rows so far; changes to them stay."""
        return self._numbers[: self.rows]

    @property
    def copies(self) -> np.ndarray:
        """The small copies so far, of zeros where there is no picture."""
        return self._copies[: self.rows]

    def add(self, numbers: tuple[object, ...], copy: np.ndarray | None) -> None:
        """Append a row."""
        if self.rows == len(self._numbers):  # files of several pages have more rows than there are members
            more = max(1024, self.rows // 2)
            self._numbers = np.concatenate([self._numbers, np.empty(more, NUMBERS)])
            self._copies = np.concatenate([self._copies, np.zeros((more, SIDE * SIDE), np.uint8)])
        self._numbers[self.rows] = numbers
        if copy is not None:
            self._copies[self.rows] = copy
        self.rows += 1

    def add_problem(self, verdict: Verdict, label: int, text: str) -> None:
        """Keep the first few of each reason and class, for messages."""
        self._problems_of[verdict, label] += 1
        if self._problems_of[verdict, label] <= _SHOWN_PROBLEMS:
            self.problems.append(text)


def problems_of(seen: Seen, spool: Spool) -> list[str]:
    """Return "member (reason)" of what cannot be used; rows that others decide are looked up where a class has none."""
    numbers = seen.numbers
    if set(numbers["label"][numbers["verdict"] == Verdict.KEPT].tolist()) >= set(numbers["label"].tolist()) - {
        NO_CLASS
    }:
        return seen.problems
    for place, row in enumerate(spool.rows()):
        verdict = Verdict(int(numbers["verdict"][place]))
        if verdict in (Verdict.DUPLICATE, Verdict.TWO_LABELS):
            seen.add_problem(verdict, int(numbers["label"][place]), f"{row.member} ({KINDS[verdict]})")
    return seen.problems
