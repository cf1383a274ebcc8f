import numpy as np

from chestbench.catalog.components import connected_components, pairs_of_equals


def test_components_follow_chains_over_chunks() -> None:
    links = [(np.array([3, 5]), np.array([4, 6])), (np.array([4, 6]), np.array([5, 0]))]
    assert connected_components(8, links).tolist() == [0, 1, 2, 0, 0, 0, 0, 7]


def test_items_of_equal_keys_are_chained() -> None:
    left, right = pairs_of_equals(np.array([0, 1, 2, 3]), np.array(["b", "a", "b", "b"]))
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 2), (2, 3)]
