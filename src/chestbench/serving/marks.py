"""What a network was not made for, picture by picture: marks that stand beside its answer."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from chestbench.measures.familiar import KINDS, Familiar
from chestbench.serving.pictures import Prepared

# With one of these there is no decision: the picture is not of the kind that the network knows.
UNLIKE, NEGATIVE, MODALITY, COPY = "unlike", "negative", "modality", "copy"
REFUSED = frozenset({UNLIKE, NEGATIVE, MODALITY})
# A picture is a negative where, turned over, it is laid out like the training pictures and so much nearer to them.
_FAR_NEARER = 0.8


def marks_of(
    pictures: Sequence[Prepared], images: NDArray[np.uint8], familiar: Familiar | None
) -> list[dict[str, str]]:
    """Return {kind: sentence} of each picture: those of its file, and those that its likeness gives.

    Args:
        pictures: N that can be read.
        images: uint8 (N, size, size, 1), their pixels.
        familiar: what the pictures of train and val look like; None: not known.
    """
    found = [dict(picture.marks) for picture in pictures]
    if familiar is None:
        return found
    nearer = familiar.distances(np.stack([turned for picture in pictures if (turned := picture.negative) is not None]))
    judged = zip(found, familiar.distances(images), nearer, familiar.is_copy(images), strict=True)
    for marks, far, turned_far, copied in judged:
        if copied:
            marks[COPY] = "nearly a copy of a picture that the network was trained or tuned on"
        elif turned_far[0] <= min(1.0, _FAR_NEARER * far[0]):
            marks[NEGATIVE] = "looks like a negative: turned over it resembles the training pictures"
        elif far.max() > 1:
            marks[UNLIKE] = _unlike(far)
    return found


def refusal(marks: Mapping[str, str]) -> str:
    """Return why there is no decision, "" where there is one."""
    return "; ".join(sentence for kind, sentence in marks.items() if kind in REFUSED)


def _unlike(far: NDArray[np.float64]) -> str:
    measured = ", ".join(f"{kind} {value:.1f}" for kind, value in zip(KINDS, far, strict=True))
    return f"unlike the training pictures ({measured}, where theirs stay below 1)"
