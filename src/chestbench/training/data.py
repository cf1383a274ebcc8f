"""What a network learns from: the pipeline's files as arrays, labels, order and class weights."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from chestbench.core.arrays import open_array
from chestbench.core.config import Config
from chestbench.core.errors import ChestbenchError
from chestbench.preparation.arrays import SplitArrays, load_split
from chestbench.preparation.sampling import class_weights, training_order
from chestbench.training.random_labels import shuffle_labels

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Inputs:
    """The files that a training reads.

    Attributes:
        processed: folder of the preprocess stage.
        indices: train_indices.npy of the upsample stage.
        weights: folder of the weights stage for this network.
    """

    processed: Path
    indices: Path
    weights: Path


@dataclass(frozen=True)
class TrainingData:
    """What a network learns from.

    Attributes:
        train_images: uint8 (N, H, W, 1), may be memory-mapped.
        train_labels: int (N,), 0 to C - 1.
        indices: int (M,), the images of one epoch (repeated to balance classes, or each once).
        val_images: uint8 (V, H, W, 1).
        val_labels: int (V,).
        n_classes: C.
        class_weights: float (C,) for the loss, or None.
        balanced: whether training balances the classes; validation then gives each the same say in its loss.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    indices: np.ndarray
    val_images: np.ndarray
    val_labels: np.ndarray
    n_classes: int
    class_weights: np.ndarray | None = None
    balanced: bool = False


def read_data(config: Config, inputs: Inputs, classes: list[str], seed: int) -> TrainingData:
    """Return the arrays of train and val, the order of an epoch and the class weights."""
    train, val = (load_split(inputs.processed, split) for split in ("train", "val"))
    train_labels, val_labels = train.class_index, val.class_index
    indices = open_array(inputs.indices, "`dvc repro -f upsample`", memory_mapped=False)
    if not len(indices) or indices.min() < 0 or indices.max() >= len(train.images):
        raise ChestbenchError(
            f"{inputs.indices}: expected positions below {len(train.images)}, the number of training images, "
            f"received {len(indices)} positions that do not fit; run `dvc repro upsample`"
        )
    if config.train.random_labels:
        train_labels, val_labels = (_random_labels(split, seed, i) for i, split in enumerate((train, val)))
        # The order of the upsample stage repeats the images of the true minority.
        indices = training_order(train_labels, config.balance, config.seed)
    return TrainingData(
        train_images=train.images,
        train_labels=train_labels,
        indices=indices,
        val_images=val.images,
        val_labels=val_labels,
        n_classes=len(classes),
        class_weights=class_weights(train_labels, len(classes)) if config.balance == "class_weight" else None,
        balanced=config.balance != "none",
    )


def _random_labels(split: SplitArrays, seed: int, stream: int) -> np.ndarray:
    shuffled = shuffle_labels(split.class_index, split.groups, seed, stream)
    name, kept = ("train", "val")[stream], int((shuffled == split.class_index).sum())
    logger.warning(
        "train.random_labels: the labels of %s are shuffled between groups; %d of %d images have their own label",
        name,
        kept,
        len(shuffled),
    )
    if name == "train" and kept == len(shuffled):
        raise ChestbenchError(
            "train.random_labels: expected a shuffle between groups to change labels of the training images, "
            f"received none changed in {len(set(split.groups))} groups; use another seed, or more groups"
        )
    return shuffled
