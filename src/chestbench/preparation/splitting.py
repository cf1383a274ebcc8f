"""Train, val and test so that no patient (or look-alike cluster) lies in two of them, and every class in each."""

from collections.abc import Mapping

import numpy as np

from chestbench.catalog.components import connected_components, pairs_of_equals
from chestbench.core.errors import ChestbenchError

_ATTEMPTS = 50


def split_groups(labels: np.ndarray, groups: np.ndarray, shares: Mapping[str, float], seed: int) -> np.ndarray:
    """Assign whole groups to splits, stratified by class.

    Big groups are placed first, each where its classes are filled least; then single groups are moved as long as that
    brings the counts nearer to the wish. Each split ends within one group (the largest there is)
    of its share of the images, unless the rule that every class is in every split leaves no such choice.

    Args:
        labels: (N,) class of each image, any sortable type.
        groups: (N,) group of each image, any sortable type; a group may hold images of several classes.
        shares: name of each split -> its share of the images, each above 0; they are scaled to sum to 1.
        seed: decides among equally good assignments. The order of the images has no influence.

    Returns:
        int8 (N,), index into the names of `shares`.

    Raises:
        ChestbenchError: a class lies in fewer groups than there are splits, or its groups are so entangled with other
            classes' that no assignment puts each class in each split.

    Example:
        Ten patients of two images each, every second one ill: nobody is in two splits.

        >>> patients = np.repeat(np.arange(10), 2)
        >>> ill = patients % 2
        >>> split = split_groups(ill, patients, {"train": 0.6, "val": 0.2, "test": 0.2}, seed=1)
        >>> np.bincount(split).tolist(), [len(set(split[patients == one])) for one in range(10)]
        ([12, 4, 4], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
    """
    classes, label = np.unique(np.asarray(labels), return_inverse=True)
    group_names, group = np.unique(np.asarray(groups), return_inverse=True)
    counts = np.zeros((len(group_names), len(classes)), np.int64)
    np.add.at(counts, (group.ravel(), label.ravel()), 1)
    _check_enough_groups(counts, classes, list(shares))
    wish = np.array(list(shares.values()), np.float64)
    wish = wish / wish.sum()

    generator = np.random.Generator(np.random.PCG64(seed))
    order = generator.permutation(len(counts))
    assignment = _greedy(counts, wish, order)
    for _ in range(_ATTEMPTS):
        assignment = _improve(counts, wish, assignment, order)
        missing = _missing(counts, assignment, len(wish)).any(axis=0)
        if not missing.any():
            return assignment[group.ravel()].astype(np.int8)
        # Stuck: throw the groups of the classes in question anew.
        thrown = (counts[:, missing] > 0).any(axis=1)
        assignment[thrown] = generator.integers(0, len(wish), int(thrown.sum()))
    raise ChestbenchError(
        f"split: expected to place every class in each of {', '.join(shares)} with whole groups, "
        f"but the {len(counts)} groups hold "
        "several classes each in a way that leaves no choice; add patients, or merge or exclude a class"
    )


def link_groups(groups: np.ndarray, clusters: np.ndarray) -> np.ndarray:
    """Join groups that share a look-alike cluster: int64 (N,), images with equal numbers must not be separated.

    Args:
        groups: (N,) patient or study of each image.
        clusters: (N,) look-alike cluster of each image.
    """
    names, group = np.unique(np.asarray(groups), return_inverse=True)
    group = group.ravel()
    return connected_components(len(names), [pairs_of_equals(group, clusters)])[group]


def complete_given_split(
    labels: np.ndarray, units: np.ndarray, given: np.ndarray, shares: Mapping[str, float], seed: int
) -> np.ndarray:
    """Keep a published split; carve a split that it lacks (val or test) out of its train images, by whole units.

    A unit that the publisher put both in train and elsewhere stays as published, on both sides.

    Args:
        labels: (N,) class of each image.
        units: (N,) what must not be separated.
        given: int8 (N,), index into the names of `shares` for every image; train is 0.
        shares: wished share of each split. A carved split gets share / (share + train's share) of the train images.
        seed: see `split_groups`.

    Returns:
        int8 (N,), index into the names of `shares`.

    Raises:
        ChestbenchError: a class is not in the given train split, or too few groups to carve from.
    """
    assignment = np.asarray(given, np.int8).copy()
    names = list(shares)
    absent = sorted(set(np.unique(labels).tolist()) - set(np.unique(np.asarray(labels)[assignment == 0]).tolist()))
    if absent:
        raise ChestbenchError(
            f"given split: expected every class in the train folder, "
            f"found no image of {', '.join(map(repr, absent))} there; "
            "correct the folders, or set dataset.given_split=ignore to split anew"
        )
    lacking = [code for code in range(1, len(names)) if not (assignment == code).any()]
    if lacking:
        movable = (assignment == 0) & ~np.isin(units, units[assignment > 0])
        codes = [0, *lacking]
        carved = split_groups(
            np.asarray(labels)[movable], units[movable], {names[code]: shares[names[code]] for code in codes}, seed
        )
        assignment[movable] = np.array(codes, np.int8)[carved]
    return assignment


def _check_enough_groups(counts: np.ndarray, classes: np.ndarray, splits: list[str]) -> None:
    for name, number in zip(classes.tolist(), (counts > 0).sum(axis=0).tolist(), strict=True):
        if number < len(splits):
            raise ChestbenchError(
                f"class {name!r}: expected at least {len(splits)} groups (patients, or clusters of look-alike images), "
                f"one for each of {', '.join(splits)}; found {number}; "
                "add images of other patients, or leave the class out with dataset.classes or dataset.exclude "
                "(dataset.allow_tiny cannot help: a part without the class has nothing to learn from or to measure)"
            )


def _greedy(counts: np.ndarray, wish: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Place groups, big ones first and equal ones in the order given, each where its classes are filled least.

    A split is as full as (images held + half of the group's) / images wished: the rule of Sainte-Lague, under which
    every split gets its share of big groups and of small ones alike.
    """
    wished = np.maximum(np.outer(wish, counts.sum(axis=0)), 1e-9)
    held = np.zeros_like(wished)
    assignment = np.empty(len(counts), np.int64)
    sizes = counts.sum(axis=1)
    for place in order[np.argsort(-sizes[order], kind="stable")]:
        mine = counts[place]
        filled = ((held + mine / 2) / wished * mine).sum(axis=1) / sizes[place]
        filled += 1e-3 * held.sum(axis=1) / wished.sum(axis=1)
        assignment[place] = np.argmin(filled)
        held[assignment[place]] += mine
    return assignment


def _improve(counts: np.ndarray, wish: np.ndarray, assignment: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Move one group at a time, the best move first, while that lowers the cost.

    The cost is, in this order of weight: (class, split) pairs without an image; squared deviation of the splits' sizes
    from the wish; the same for each class. When no move of a group of x images from a split with a too many to one with
    b too few lowers the second, then x >= a + b for all of them: every split is within one group of its wish.
    """
    assignment = assignment.copy()
    number = len(wish)
    sizes = counts.sum(axis=1)
    class_weight = 1.0 / np.maximum(counts.sum(axis=0), 1)
    # A class's deviation weighs at most as much as one image's; the sizes of the splits come first.
    total_weight = 4.0 * counts.shape[1]
    missing_weight = 16.0 * total_weight * float(sizes.sum()) ** 2
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    wished_class, wished_size = np.outer(wish, counts.sum(axis=0)), wish * sizes.sum()
    has = counts > 0
    while True:
        held = np.zeros((number, counts.shape[1]), np.int64)
        np.add.at(held, assignment, counts)
        groups_held = np.zeros_like(held)
        np.add.at(groups_held, assignment, has)
        over_class, over_size = held - wished_class, held.sum(axis=1) - wished_size
        best_gain, best_move = 1e-9, None
        for target in range(number):
            movable = np.flatnonzero(assignment != target)
            if not len(movable):
                continue
            x, size, source = counts[movable], sizes[movable], assignment[movable]
            # d((v + x)^2 - v^2) = x (2 v + x) for what the target gains, x (x - 2 v) for what the source loses
            change = total_weight * (size * (2 * over_size[target] + size) + size * (size - 2 * over_size[source]))
            change = change + (
                class_weight * (x * (2 * over_class[target] + x) + x * (x - 2 * over_class[source]))
            ).sum(axis=1)
            fills = (has[movable] & (groups_held[target] == 0)).sum(axis=1)
            empties = (has[movable] & (groups_held[source] == 1)).sum(axis=1)
            change = change + missing_weight * (empties - fills)
            lowest = change.min()
            if -lowest > best_gain * (1 + 1e-12) + 1e-9:
                ties = movable[change <= lowest + 1e-9]
                best_gain, best_move = -lowest, (ties[np.argmin(rank[ties])], target)
        if best_move is None:
            return assignment
        assignment[best_move[0]] = best_move[1]


def _missing(counts: np.ndarray, assignment: np.ndarray, number: int) -> np.ndarray:
    """Return which (split, class) pairs have no image, bool (number, classes)."""
    held = np.zeros((number, counts.shape[1]), np.int64)
    np.add.at(held, assignment, counts)
    return held == 0


def group_codes(groups: np.ndarray, letter: str = "g") -> np.ndarray:
    """Return codes g00001, g00002, ... for groups in sorted order, for published tables; names stay in the catalog.

    Args:
        groups: (N,) names; "" (not known) stays "".
        letter: what the codes begin with.
    """
    names, number = np.unique(np.asarray(groups), return_inverse=True)
    first = 0 if len(names) and names[0] == "" else 1
    codes = np.array([f"{letter}{place + first:05d}" if name != "" else "" for place, name in enumerate(names)])
    return codes[number.ravel()]
