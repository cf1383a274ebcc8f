"""Weighted boxes fusion: what several detectors found, or several readers drew, on one picture, made one.

R. Solovyev, W. Wang and T. Gabruseva 2021, Weighted boxes fusion: ensembling boxes from different object detection
models, Image and Vision Computing 107:104117, section 3. Where suppression keeps the surest of some boxes on one place,
fusion takes the mean of all, each counting by its score.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from chestbench.imaging.boxes import Boxes, iou

Floats = NDArray[np.float64]
OVERLAP = 0.55  # of the paper


def fuse(found: Sequence[Boxes], overlap: float = OVERLAP) -> Boxes:
    """Return the fused boxes of one picture, the surest first.

    Boxes of one class join the cluster that they overlap most, as it was fused until then, else they found one, the
    surest first (of equal scores in the order given). A cluster's box is the mean of its boxes, weighted by their
    scores; its score is the mean of theirs, times min(boxes, detectors) / detectors: what one of three detectors found
    alone keeps a third of its score. Boxes of score 0 weigh nothing and are left out.

    Args:
        found: of each detector, all in pixels of the same picture.
        overlap: intersection over union above which a box joins a cluster, 0 to below 1.

    Raises:
        ValueError: there is no detector, or a score is below 0.

    Example:
        >>> two = [Boxes.of([[0, 0, 10, 10]], scores=[0.9]), Boxes.of([[0, 0, 10, 12]], scores=[0.3])]
        >>> both = fuse(two)
        >>> both.corners.round(3).tolist(), both.scores.round(3).tolist()
        ([[0.0, 0.0, 10.0, 10.5]], [0.6])
    """
    if not len(found):
        raise ValueError("expected the boxes of at least one detector, received none")
    corners = np.concatenate([boxes.corners for boxes in found])
    labels, scores = (np.concatenate([getattr(boxes, name) for boxes in found]) for name in ("labels", "scores"))
    if (scores < 0).any():
        raise ValueError(f"expected scores from 0, received {scores.min()}")
    fused: list[tuple[Floats, int, float]] = []
    for label in np.unique(labels).tolist():
        own = np.flatnonzero((labels == label) & (scores > 0))
        own = own[np.argsort(-scores[own], kind="stable")]
        for cluster, place in _clusters(corners[own], scores[own], overlap):
            members = scores[own[cluster]]
            fused.append((place, label, float(members.mean()) * min(len(members), len(found)) / len(found)))
    fused.sort(key=lambda box: -box[2])
    return Boxes.of(
        [place for place, _, _ in fused], [label for _, label, _ in fused], [score for _, _, score in fused]
    )


def _clusters(corners: Floats, scores: Floats, overlap: float) -> list[tuple[list[int], Floats]]:
    """Return the clusters of boxes of one class, the surest first, and the fused corners (4,) of each."""
    clusters: list[list[int]] = []
    fused = np.zeros((0, 4))
    for box, place in enumerate(corners):
        shared = iou(place[None], fused)[0]
        if len(shared) and shared.max() > overlap:
            best = int(shared.argmax())
            clusters[best].append(box)
            fused[best] = np.average(corners[clusters[best]], axis=0, weights=scores[clusters[best]])
        else:
            clusters.append([box])
            fused = np.concatenate([fused, place[None]])
    return list(zip(clusters, fused, strict=True))
