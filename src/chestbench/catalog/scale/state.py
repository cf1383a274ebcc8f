"""What the choice of a grey scale for a set works on, and what comes out of it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chestbench.catalog.scale.facts import NO_PICTURE, ScaleFacts, bits_needed_of
from chestbench.catalog.verdicts import Verdict
from chestbench.core.dataset_config import Grey
from chestbench.imaging.grey import GreyScale, Kind


@dataclass
class Choice:
    """What was chosen.

    Attributes:
        scale: that all files are read by.
        decided: key of dataset.grey -> what it is and by what, in words.
        warnings: what people must know.
        trouble: why the set has no one scale, with the lines that would settle it; "" when it has one.
        clipped: files with values above white.
    """

    scale: GreyScale
    decided: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    trouble: str = ""
    clipped: int = 0

    def said(self) -> dict[str, Any]:
        """Return the part of metrics/catalog.json["grey"] that does not depend on which files are kept."""
        return {"scale": self.scale.to_json(), "decided": self.decided, "clipped": self.clipped}


class SetOfScales:
    """The facts of the files that can be used, by kind."""

    def __init__(
        self,
        found: ScaleFacts,
        numbers: np.ndarray,
        classes: list[str],
        is_split: bool,
        settings: Grey,
        ours: GreyScale | None,
    ) -> None:
        self.facts = found.facts
        self.usable = (numbers["verdict"] == Verdict.KEPT) & (self.facts["kind"] != NO_PICTURE)
        self.numbers, self.classes, self.settings, self.ours = numbers, classes, settings, ours
        self.labelled = numbers["label"] >= 0
        self.needed = bits_needed_of(self.facts)
        self.highest = self.facts["highest"].astype(np.int64)
        self.exceeds = self.highest >> self.facts["declared"].astype(np.int64) > 0
        self.in_train = numbers["given"] == 0 if is_split else np.ones(len(numbers), bool)
        self.sources, self.source_names = found.sources
        self.statistic = bool(self.of(Kind.UNDECLARED)[self.facts["statistic"]].any())

    def of(self, *kinds: Kind) -> np.ndarray:
        """Return which rows are usable and of a kind: bool (N,)."""
        return self.usable & np.isin(self.facts["kind"], [int(kind) for kind in kinds])

    @property
    def undeclared(self) -> np.ndarray:
        """Which rows are of 16 bits and of unknown depth: bool (N,)."""
        claims = self.of(Kind.MAX_SAMPLE)
        lies = claims & (self.exceeds)
        return self.of(Kind.UNDECLARED) | (claims if self.statistic else lies)
