"""What hangs together: connected components of pairs, and groups of equal keys."""

from collections.abc import Iterable

import numpy as np


def pairs_of_equals(items: np.ndarray, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs (left, right) that chain together all items whose keys are equal, for `connected_components`.

    Args:
        items: int64 (N,), numbers from 0.
        keys: (N,), any sortable type.
    """
    order = np.lexsort((items, np.unique(np.asarray(keys), return_inverse=True)[1].ravel()))
    same = np.asarray(keys)[order][1:] == np.asarray(keys)[order][:-1]
    return items[order][:-1][same], items[order][1:][same]


def connected_components(size: int, pairs: Iterable[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Return the smallest member of each item's component, int64 (size,), under links that come in chunks (i, j)."""
    parent = np.arange(size)
    for left, right in pairs:
        while True:
            a, b = parent[left], parent[right]
            apart = a != b
            if not apart.any():
                break
            np.minimum.at(parent, np.maximum(a, b)[apart], np.minimum(a, b)[apart])
            while (shorter := parent[parent]).tobytes() != parent.tobytes():
                parent = shorter
    return parent
