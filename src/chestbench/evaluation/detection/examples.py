"""Which pictures of a split are shown: some of every outcome, spread evenly, chosen by nobody."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chestbench.evaluation.detection.judging import OUTCOMES, Judged
from chestbench.figures.detection.styles import Drawn

SHOWN = 4


@dataclass(frozen=True)
class BoxExamples:
    """What the sheet shows; arrays, so that another process can draw it.

    Attributes:
        images: uint8 (K, H, W).
        drawn: the boxes of each, K of them.
        captions: what is said of each.
        rows: (what the row shows, which of the K), one for each outcome.
    """

    images: NDArray[np.uint8]
    drawn: list[Drawn]
    captions: list[str]
    rows: list[tuple[str, list[int]]]


def drawn_of(picture: Judged) -> Drawn:
    """Return the boxes of a judged picture by the kind they are drawn as."""
    right, missed = picture.right, picture.missed
    return Drawn(
        truth=picture.truth.take(~missed),
        right=picture.found.take(right),
        false=picture.found.take(~right),
        missed=picture.truth.take(missed),
    )


def choose_examples(images: NDArray[np.uint8], pictures: Sequence[Judged], shown: int = SHOWN) -> BoxExamples:
    """Return up to `shown` pictures of each outcome: every k-th of them, in the order of the split.

    Args:
        images: uint8 (N, H, W, 1), may be memory-mapped.
        pictures: N, judged at the threshold that is drawn.
        shown: of each outcome.
    """
    places: list[int] = []
    rows = []
    for outcome, said in OUTCOMES.items():
        own = [place for place, picture in enumerate(pictures) if picture.outcome == outcome]
        count = min(shown, len(own))
        chosen = [own[(2 * number + 1) * len(own) // (2 * count)] for number in range(count)]
        caption = f"{said}\n{len(own)} of {len(pictures)} pictures"
        rows.append((caption, list(range(len(places), len(places) + count))))
        places += chosen
    side = images.shape[1:3]
    return BoxExamples(
        np.stack([np.asarray(images[place]).reshape(side) for place in places])
        if places
        else np.zeros((0, *side), np.uint8),
        [drawn_of(pictures[place]) for place in places],
        [_caption(pictures[place]) for place in places],
        rows,
    )


def _caption(picture: Judged) -> str:
    right, missed, false = int(picture.right.sum()), int(picture.missed.sum()), int((~picture.right).sum())
    parts = [f"{right} of {right + missed} found"] if len(picture.truth) else ["nothing drawn"]
    return ", ".join([*parts, f"{false} false"])
