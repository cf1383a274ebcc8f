"""What is counted and collected while the prepared images stream by: regions not found, previews, sheets."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from chestbench.catalog.records import SPLITS
from chestbench.preparation.loading import Loaded
from chestbench.preparation.sheets import Sheets

_PREVIEWS = 8
_PREVIEW_ROWS = 24
# Difference between two classes' shares of regions not found that is worth a warning.
_UNEVEN = 0.1

logger = logging.getLogger(__name__)


def _counter_per_split() -> dict[str, Counter[str]]:
    return {name: Counter() for name in SPLITS}


@dataclass
class Tally:
    """The counts and pictures of the images seen so far.

    Attributes:
        sheets: what the sheets show; its pictures are filled in.
        previews: class -> the first training images of it, uint8 (size, size, 1).
        reasons: split -> reason why the roi was not found -> images.
        whole: split -> images of which the whole picture was kept because the body was not found either.
        classes: class -> images whose roi was not found.
        failed: (image_id, split, label, reason) of each of these.
    """

    sheets: Sheets
    previews: dict[str, list[np.ndarray]]
    reasons: dict[str, Counter[str]] = field(default_factory=_counter_per_split)
    whole: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, str, str, str]] = field(default_factory=list)

    @classmethod
    def of_none(cls, sheets: Sheets, classes: Sequence[str]) -> "Tally":
        """Return the tally before the first image; previews are of the first 24 classes."""
        return cls(sheets, {label: [] for label in classes[:_PREVIEW_ROWS]})

    def add(self, image: Loaded) -> None:
        """Count an image, and keep what previews and sheets show of it."""
        row = image.row
        if image.reason:
            self.reasons[row.split][image.reason] += 1
            self.whole[row.split] += image.kept == "none"
            self.classes[row.label] += 1
            self.failed.append((row.image_id, row.split, row.label, image.reason))
        previews = self.previews.get(row.label)
        if row.split == "train" and previews is not None and len(previews) < _PREVIEWS:
            previews.append(image.pixels)
        if image.original is not None:
            self.sheets.drawn[row.label].append(image.original)
        if image.stages is not None:
            self.sheets.stages[row.label] = image.stages

    def fallbacks(self) -> dict[str, int]:
        """Return how many images of each split have no region."""
        return {name: sum(self.reasons[name].values()) for name in SPLITS}


def warn_of_fallbacks(tally: Tally, roi: str, images: Mapping[str, int]) -> None:
    """Warn of images without a region, and of classes that have more of them than others.

    Args:
        tally: of all images.
        roi: preprocess.roi.
        images: class -> images of all splits.
    """
    reasons = sum(tally.reasons.values(), Counter())
    if failed := sum(reasons.values()):
        why = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
        whole = sum(tally.whole.values())
        logger.warning(
            "roi %s: not found in %d of %d images, of which %d show the body and %d the whole picture instead: %s",
            roi,
            failed,
            sum(images.values()),
            failed - whole,
            whole,
            why,
        )
    shares = {label: tally.classes[label] / count for label, count in images.items() if count}
    if shares and max(shares.values()) - min(shares.values()) > _UNEVEN:
        per_class = ", ".join(f"{label} {share:.0%}" for label, share in shares.items())
        logger.warning(
            "roi %s fails more often in some classes than in others (%s): whether a picture was cut tells the label, "
            "and a network can learn that; see results/preprocess/fallbacks.csv",
            roi,
            per_class,
        )
