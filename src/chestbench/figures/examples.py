"""Which test images stand for a network's hits and misses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Examples:
    """The images of one kind.

    Attributes:
        kind: true positives, false positives, false negatives, true negatives of the class that is looked for; correct
            or wrong where there is none.
        label: class index that the kind is about: the positive class, else the actual one.
        count: how many images of the kind there are.
        places: those shown, most confident first.
    """

    kind: str
    label: int
    count: int
    places: list[int]


def choose_images(
    labels: NDArray[np.integer],
    predicted: NDArray[np.integer],
    confidence: NDArray[np.floating],
    classes: Sequence[str],
    wanted: int,
    positive: int | None,
) -> list[Examples]:
    """Return up to `wanted` images in all that show hits and misses of every kind.

    A class that is looked for gives true and false positives and negatives; without one each class gives the images of
    it that were recognised and those that were not. Kinds take turns, each with its most confident prediction first;
    kinds that do not occur are listed with no image.

    Args:
        labels, predicted: class index per image, (N,).
        confidence: probability of the predicted class, (N,).
        classes: class names.
        wanted: images in all.
        positive: index of the class that is looked for, None where there is none.
    """
    kinds: list[tuple[str, int, NDArray[np.bool_]]]
    if positive is not None:
        is_positive, called_positive = labels == positive, predicted == positive
        kinds = [
            ("true positives", positive, is_positive & called_positive),
            ("false positives", positive, ~is_positive & called_positive),
            ("false negatives", positive, is_positive & ~called_positive),
            ("true negatives", positive, ~is_positive & ~called_positive),
        ]
    else:
        kinds = [
            (kind, label, (labels == label) & ((predicted == label) == (kind == "correct")))
            for label in range(len(classes))
            for kind in ("correct", "wrong")
        ]
    queues = []
    for _, _, belongs in kinds:
        inside = np.flatnonzero(belongs)
        queues.append(inside[np.argsort(-confidence[inside], kind="stable")].tolist())
    taken = [0] * len(queues)
    while sum(taken) < wanted and any(taken[place] < len(queue) for place, queue in enumerate(queues)):
        for place, queue in enumerate(queues):
            if taken[place] < len(queue) and sum(taken) < wanted:
                taken[place] += 1
    return [
        Examples(kind, label, len(queue), queue[:shown])
        for (kind, label, _), queue, shown in zip(kinds, queues, taken, strict=True)
    ]
