"""One training while it runs: what its phases, its callback and its end share."""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import keras
import numpy as np

from chestbench.core.config import Train
from chestbench.training.batchnorm import Reestimator
from chestbench.training.checkpoint import Arrays, Checkpoint, Progress
from chestbench.training.device import Device
from chestbench.training.variables import Weights
from chestbench.training.writer import StateWriter


@dataclass(frozen=True)
class Phase:
    """Epochs `first` to below `last` (counted from 0), with or without the body learning.

    Attributes:
        name: "head" or "main", written to the history.
        first: its first epoch.
        last: the epoch after its last.
        learning_rate: at its start.
        schedule: constant, plateau or cosine.
        patience: epochs without a better validation loss before training stops; 0: never.
        body_learns: whether all layers learn, or the head alone.
    """

    name: str
    first: int
    last: int
    learning_rate: float
    schedule: str
    patience: int
    body_learns: bool


class Pictures(Protocol):
    """What every kind of training learns from has."""

    @property
    def train_images(self) -> np.ndarray:
        """The training images, uint8 (N, H, W, 1)."""


Learnt = TypeVar("Learnt", bound=Pictures)


@dataclass
class Training(Generic[Learnt]):
    """What the phases of one training share.

    Attributes:
        name: of the network, for errors.
        model: images to probabilities.
        learner: what is fitted to `inputs`: the whole model to images, or the head to cached features.
        predictor: shares its layers, but is never compiled again, so that its prediction step is traced once.
        images: what the network learns from.
        inputs: what the learner learns from; the same, or features in place of the images.
        train: the recipe.
        seed: of initial weights, order, augmentation and dropout.
        device: what computes.
        precision: keras' dtype policy.
        progress: continued in place.
        restored: variables of a checkpoint until they are used.
        best: weights of the best epoch so far; None: none yet.
        checkpoint: where the state goes after each epoch, or None.
        writer: takes it there.
        started: `time.monotonic()` at the start of this process' work.
        reestimate: sets the batch-norm statistics of `predictor`.
    """

    name: str
    model: keras.Model
    learner: keras.Model
    predictor: keras.Model
    images: Learnt
    inputs: Learnt
    train: Train
    seed: int
    device: Device
    precision: str
    progress: Progress
    restored: Arrays
    best: Weights | None
    checkpoint: Checkpoint | None
    writer: StateWriter
    started: float
    reestimate: Reestimator

    @property
    def epochs(self) -> int:
        """Epochs of the whole training, both phases, if nothing stops it."""
        return self.train.head_epochs + self.train.epochs

    def statistics_images(self, most: int) -> np.ndarray | None:
        """Return up to `most` training images, chosen at random, or None where batch norm does not learn."""
        if self.train.cache_features or not self.train.reestimate_batchnorm:
            return None
        images = self.images.train_images
        chosen = np.random.default_rng(self.seed).permutation(len(images))[:most]
        return np.asarray(images[np.sort(chosen)])
