"""Predictions per study: a study may have several images, and a reader judges it once.

`study_map`, the mean average precision over the classes of studies, is after the SIIM-FISABIO-RSNA challenge, which
scores the four study classes as if each were a box over the whole image: at any overlap threshold (mAP@0.5 there) a box
is then right when its class is, and the average precision of a class ranks the studies by their confidence. The
challenge's official figure also averages in "none" and the opacity boxes of the images, which are not predicted here,
and it interpolates the precision (PASCAL VOC 2010) where ours is the plain step-wise sum (scikit-learn's). Here every
study has a probability for every class: none is left out below a threshold, and equal ones share a rank.
"""

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from chestbench.core.errors import ChestbenchError
from chestbench.measures.intervals import evaluate_split
from chestbench.measures.per_group import mean_rows
from chestbench.measures.record import StudyRecord


class Studies(NamedTuple):
    """M studies of a split: class index (M,) int64, probabilities (M, C) float64 and group code of each."""

    labels: NDArray[np.integer]
    probabilities: NDArray[np.floating]
    groups: list[str]


def average_per_study(
    studies: Sequence[str], labels: NDArray[np.integer], probabilities: NDArray[np.floating], groups: Sequence[str]
) -> Studies:
    """Return the mean of the probabilities over the images of each study, in the order of their first image.

    An image whose study is not known ("") counts as a study of its own.

    Args:
        studies: study code of each image, N of them.
        labels: class index per image, (N,).
        probabilities: (N, C).
        groups: group code of each image; a study has that of its first.

    Raises:
        ChestbenchError: images of one study have different labels.
    """
    names = [name or f"image {place}" for place, name in enumerate(studies)]
    # In order of first appearance: `unique` alone would sort by name.
    first, inverse = np.unique(names, return_index=True, return_inverse=True)[1:]
    order = np.argsort(first)
    code = np.argsort(order)[inverse]
    first = first[order]
    mixed = np.flatnonzero(labels != labels[first][code])
    if len(mixed):
        raise ChestbenchError(
            f"study {names[mixed[0]]}: expected one label for all its images, received two; correct "
            "dataset.study_pattern, or set it to null"
        )
    return Studies(labels[first], mean_rows(code, probabilities), [groups[place] for place in first])


def evaluate_studies(
    found: Studies, classes: Sequence[str], resamples: int, confidence: float, seed: int
) -> StudyRecord:
    """Return what `evaluate_split` returns, with `studies` for `images`, and `study_map` (see above) last."""
    record = evaluate_split(
        found.labels, found.probabilities, found.groups, classes, resamples, confidence, seed, unit="studies"
    )
    return cast("StudyRecord", {**record, "study_map": record["macro_average_precision"]})
