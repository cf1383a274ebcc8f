import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chestbench.core.errors import ChestbenchError
from chestbench.preparation.splitting import complete_given_split, group_codes, link_groups, split_groups

SHARES = {"train": 0.7, "val": 0.1, "test": 0.2}
WISH = np.array(list(SHARES.values()))


@st.composite
def images(draw, smallest: int = 30, mixed: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Labels and groups of one to four classes of `smallest` groups or more, of one to nine images each."""
    labels, groups = [], []
    for label in range(draw(st.integers(1, 4))):
        for size in draw(st.lists(st.integers(1, 9), min_size=smallest, max_size=smallest + 20)):
            labels += [f"class {label}"] * size
            groups += [f"patient {len(set(groups))}"] * size
    labels = np.array(labels)
    if mixed:
        labels = labels[np.random.default_rng(draw(st.integers(0, 99))).permutation(len(labels))]
    return labels, np.array(groups)


@settings(max_examples=40, deadline=None)
@given(images(), st.integers(0, 2**31 - 1))
def test_groups_stay_whole_ratios_hold_and_every_class_is_everywhere(data, seed: int) -> None:
    labels, groups = data
    split = split_groups(labels, groups, SHARES, seed)
    assert all(len(set(split[groups == group].tolist())) == 1 for group in set(groups.tolist()))
    largest = np.unique(groups, return_counts=True)[1].max()
    assert np.abs(np.bincount(split, minlength=3) - WISH * len(split)).max() <= largest
    for label in set(labels.tolist()):
        counts = np.bincount(split[labels == label], minlength=3)
        assert counts.all()
        assert np.abs(counts - WISH * counts.sum()).max() <= 2 * largest, "stratified by class"


@settings(max_examples=25, deadline=None)
@given(images(), st.integers(0, 2**31 - 1), st.randoms(use_true_random=False))
def test_the_order_of_the_files_is_irrelevant_and_the_seed_decides(data, seed: int, random) -> None:
    labels, groups = data
    order = np.array(random.sample(range(len(labels)), len(labels)))
    split = split_groups(labels, groups, SHARES, seed)
    np.testing.assert_array_equal(split_groups(labels, groups, SHARES, seed), split)
    np.testing.assert_array_equal(split_groups(labels[order], groups[order], SHARES, seed), split[order])


@settings(max_examples=25, deadline=None)
@given(images(mixed=True), st.integers(0, 2**31 - 1))
def test_groups_of_several_classes_are_split_as_well(data, seed: int) -> None:
    labels, groups = data
    split = split_groups(labels, groups, SHARES, seed)
    assert all(len(set(split[groups == group].tolist())) == 1 for group in set(groups.tolist()))
    assert (
        np.abs(np.bincount(split, minlength=3) - WISH * len(split)).max()
        <= np.unique(groups, return_counts=True)[1].max()
    )


@settings(max_examples=40, deadline=None)
@given(images(smallest=3), st.integers(0, 2**31 - 1))
def test_three_groups_of_a_class_suffice(data, seed: int) -> None:
    labels, groups = data
    split = split_groups(labels, groups, SHARES, seed)
    assert all(np.bincount(split[labels == label], minlength=3).all() for label in set(labels.tolist()))


def test_every_split_gets_big_groups_and_small_ones() -> None:
    sizes = np.repeat([1, 2, 5, 8], [200, 60, 40, 30])
    groups = np.repeat(np.arange(len(sizes)), sizes)
    split = split_groups(np.zeros(len(groups), int), groups, SHARES, 1)
    where = split[np.unique(groups, return_index=True)[1]]
    for size in (1, 2, 5, 8):
        found = np.bincount(where[sizes == size], minlength=3) / (sizes == size).sum()
        np.testing.assert_allclose(found, WISH, atol=0.07)


def test_another_seed_gives_another_split() -> None:
    labels, groups = np.repeat(["a", "b"], 50), np.arange(100)
    assert (split_groups(labels, groups, SHARES, 1) != split_groups(labels, groups, SHARES, 2)).any()


def test_a_class_with_two_groups_is_refused_by_name() -> None:
    labels, groups = np.array(["a"] * 9 + ["rare"] * 4), np.array([*range(9), 20, 20, 21, 21])
    with pytest.raises(ChestbenchError, match=r"class 'rare': expected at least 3 groups.*found 2; add images"):
        split_groups(labels, groups, SHARES, 1)


def test_entangled_groups_without_a_solution_are_refused() -> None:
    triples = {"a": (1, 2, 3), "b": (1, 2, 4), "c": (1, 3, 4), "d": (2, 3, 4)}
    labels = np.array([label for label in triples for _ in range(3)])
    groups = np.array([group for triple in triples.values() for group in triple])
    with pytest.raises(ChestbenchError, match="no choice"):
        split_groups(labels, groups, SHARES, 1)


def test_patients_who_share_a_cluster_become_one_unit() -> None:
    groups = np.array(["p1", "p1", "p2", "p3", "p4", "p3"])
    clusters = np.array(["x", "y", "y", "z", "w", "v"])
    units = link_groups(groups, clusters)
    assert units[0] == units[1] == units[2] and len({units[0], units[3], units[4]}) == 3 and units[3] == units[5]


def test_a_whole_given_split_is_left_alone() -> None:
    given = np.array([0, 1, 2, 0, 1, 2], np.int8)
    labels, units = np.array(["a", "a", "a", "b", "b", "b"]), np.array([1, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(complete_given_split(labels, units, given, SHARES, 1), given)


def test_a_missing_val_is_carved_from_train_by_unit_and_test_is_untouched() -> None:
    labels = np.tile(["a", "b"], 200)
    units = np.arange(400) // 4 * 2 + (labels == "b")
    given = np.where(np.arange(400) >= 320, 2, 0).astype(np.int8)
    units[:80] = units[-80:]  # patients whom the publisher put in train and in test stay where they are
    split = complete_given_split(labels, units, given, SHARES, 3)
    np.testing.assert_array_equal(split == 2, given == 2)
    assert not split[:80].any()
    assert abs((split == 1).sum() - 240 * 0.1 / 0.8) <= 4
    carved, kept = set(units[split == 1].tolist()), set(units[split == 0].tolist())
    assert not carved & kept and not carved & set(units[split == 2].tolist())


def test_a_given_train_without_a_class_is_refused() -> None:
    with pytest.raises(ChestbenchError, match=r"no image of 'b' there \('b': test 1\)"):
        complete_given_split(np.array(["a", "a", "b"]), np.arange(3), np.array([0, 1, 2], np.int8), SHARES, 1)


def test_codes_follow_the_sorted_names() -> None:
    assert group_codes(np.array(["zoe", "adam", "zoe"])).tolist() == ["g00002", "g00001", "g00002"]
