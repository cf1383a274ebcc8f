"""Labels shuffled between groups: a control in which nothing can be learnt that holds for other patients.

C. Zhang, S. Bengio, M. Hardt, B. Recht, O. Vinyals. Understanding deep learning requires rethinking generalization.
ICLR 2017, arXiv:1611.03530: networks fit such labels, but what they have learnt is of no use elsewhere. A test score
above chance therefore means that test images, or something that tells their labels, were in the training.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def shuffle_labels(
    class_index: NDArray[np.integer], groups: Sequence[str], seed: int, stream: int
) -> NDArray[np.int64]:
    """Return the labels shuffled between whole groups.

    A group whose images have one label gets the one label of another such group, so that the number of groups of each
    class stays, and what is alike within a patient stays alike. Images of groups with several labels exchange theirs
    among one another, so that the number of images of each class stays there.

    Args:
        class_index: class of each image, (N,), 0 to C - 1.
        groups: patient or cluster of each image, N of them.
        seed: decides the shuffle.
        stream: another number gives another shuffle of the same seed (0: train, 1: val).

    Returns:
        int64 (N,).
    """
    labels = np.asarray(class_index, np.int64)
    generator = np.random.Generator(np.random.PCG64((seed, stream)))
    names, codes = np.unique(np.asarray(groups, dtype=str), return_inverse=True)
    lowest, highest = np.full(len(names), np.iinfo(np.int64).max), np.full(len(names), -1)
    np.minimum.at(lowest, codes, labels)
    np.maximum.at(highest, codes, labels)
    pure = np.flatnonzero(lowest == highest)
    of_group = highest.copy()
    of_group[pure] = generator.permutation(highest[pure])
    shuffled = of_group[codes]
    mixed = np.flatnonzero((lowest != highest)[codes])
    shuffled[mixed] = generator.permutation(labels[mixed])
    return shuffled
