"""How training meets unequal classes: the order in which it reads the images, or weights in the loss."""

from pathlib import Path
from typing import Any

import numpy as np

from chestbench.core.errors import ChestbenchError
from chestbench.core.files import atomic_file, stream_csv


def training_order(class_index: np.ndarray, balance: str, seed: int) -> np.ndarray:
    """Return the rows of the training images in the order in which an epoch reads them, shuffled by the seed.

    Args:
        class_index: (N,) class of each training image, 0 to C - 1, each class present.
        balance: `upsample` repeats the images of smaller classes until every class has as many as the largest, each
            image of a class floor or ceil times; `class_weight` and `none` read each image once.
        seed: decides the order, and which images get one repeat more.

    Returns:
        int64 (M,), M = N, or C times the largest class for `upsample`.

    Raises:
        ChestbenchError: there is no image, or a class below the highest has none.

    Example:
        >>> order = training_order(np.array([0, 0, 0, 1]), "upsample", seed=42)
        >>> sorted(order.tolist())
        [0, 1, 2, 3, 3, 3]
    """
    counts = _class_counts(class_index)
    generator = np.random.Generator(np.random.PCG64(seed))
    if balance != "upsample":
        return generator.permutation(len(class_index)).astype(np.int64)
    wanted = int(counts.max())
    parts = []
    for label in range(len(counts)):
        rows = generator.permutation(np.flatnonzero(class_index == label))
        # np.resize starts again from the front: the first (wanted mod count) rows come once more than the others.
        parts.append(np.resize(rows, wanted))
    return generator.permutation(np.concatenate(parts)).astype(np.int64)


def class_weights(class_index: np.ndarray, n_classes: int) -> np.ndarray:
    """Return float64 (n_classes,) loss weights N / (C * images of the class): their mean over the images is 1.

    Args:
        class_index: (N,) class of each training image, 0 to n_classes - 1.
        n_classes: number of classes, C.

    Raises:
        ChestbenchError: a class has no image.
    """
    counts = _class_counts(class_index, n_classes)
    return counts.sum() / (n_classes * counts.astype(np.float64))


def read_class_index(table: Path) -> np.ndarray:
    """Return int64 (N,) class_index of data/processed/{split}.csv."""
    return np.array([int(row["class_index"]) for row in stream_csv(table)], np.int64)


def summarise_order(class_index: np.ndarray, order: np.ndarray, balance: str, classes: list[str]) -> dict[str, Any]:
    """Return the content of metrics/upsample.json: images per class before and after, and class weights if used."""
    before = _class_counts(class_index, len(classes))
    after = np.bincount(class_index[order], minlength=len(classes))
    weights = class_weights(class_index, len(classes)).tolist() if balance == "class_weight" else []
    return {
        "balance": balance,
        "before": dict(zip(classes, before.tolist(), strict=True)),
        "after": dict(zip(classes, after.tolist(), strict=True)),
        "class_weights": {name: round(float(weight), 6) for name, weight in zip(classes, weights, strict=False)},
    }


def describe_order(metrics: dict[str, Any]) -> str:
    """Return the summary line of the stage."""
    counts = ", ".join(f"{name} {before} -> {metrics['after'][name]}" for name, before in metrics["before"].items())
    return f"balance {metrics['balance']}: {counts}"


def write_order(path: Path, order: np.ndarray) -> None:
    """Write the order as int64 .npy, atomically."""
    with atomic_file(path) as temporary, open(temporary, "wb") as stream:
        np.save(stream, order.astype(np.int64))


def _class_counts(class_index: np.ndarray, n_classes: int = 0) -> np.ndarray:
    counts = np.bincount(np.asarray(class_index, np.int64), minlength=n_classes)
    if not len(counts) or not counts.all():
        empty = np.flatnonzero(counts == 0).tolist() or "all"
        raise ChestbenchError(
            f"training images: expected some of every class, received none of class number {empty}; "
            "check data/split.csv"
        )
    return counts
