"""Batches for `fit`: shuffled, augmented, made ahead of time by threads."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache

import keras
import numpy as np

from chestbench.core.parallel import core_count
from chestbench.training.augment import AnyAugmentation, augment
from chestbench.training.mix import Mix, mixed

BATCHES_AHEAD = 4


class Batches(keras.utils.PyDataset):
    """An endless stream of batches of one size; batch `i` depends on the seed and on `i` only.

    One size, so that no backend compiles its step a second time for a last, smaller batch: the last batch of an epoch
    is filled up with images of the same epoch. Endless, so that the next epoch's batches are made while
    the current one ends. Use it with `fit(feed, steps_per_epoch=feed.steps)`.

    Args:
        indices: int (M,), the images of one epoch; an image may stand there more than once.
        batch_size: images per batch.
        seed: of order and augmentation.
        first_epoch: epoch of batch 0, for a training that goes on.
    """

    def __init__(self, indices: np.ndarray, batch_size: int, seed: int, first_epoch: int = 0) -> None:
        super().__init__()
        self.indices, self.batch_size, self.seed = np.asarray(indices), batch_size, seed
        self.first_epoch = first_epoch
        self.steps = -(-len(self.indices) // batch_size)
        self.order = lru_cache(maxsize=4)(self._order)
        self._pool = ThreadPoolExecutor(min(4, core_count()), thread_name_prefix="feed")
        self._ahead: dict[int, Future[tuple[np.ndarray, ...]]] = {}
        self._lock = threading.Lock()

    @property
    def num_batches(self) -> None:
        """None: endless."""
        return None

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        """Return batch `index`, see `batch`, and start on those after it."""
        with self._lock:
            self._ahead = {i: future for i, future in self._ahead.items() if index <= i}
            for i in range(index, index + 1 + BATCHES_AHEAD):
                if i not in self._ahead:
                    self._ahead[i] = self._pool.submit(self.batch, *divmod(i, self.steps))
            future = self._ahead.pop(index)
        return future.result()

    def close(self) -> None:
        """Stop the threads; the feed gives no more batches."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def batch(self, epoch: int, step: int) -> tuple[np.ndarray, ...]:
        """Return one batch.

        Args:
            epoch: counted from the feed's first epoch.
            step: within the epoch, below `steps`.
        """
        raise NotImplementedError

    def places(self, epoch: int, step: int) -> np.ndarray:
        """Return the places in `indices` of one batch; `epoch` counts from the first of all."""
        return self.order(epoch)[step * self.batch_size : (step + 1) * self.batch_size]

    def _order(self, epoch: int) -> np.ndarray:
        """Return the places of `indices` in the order of one epoch, filled up to whole batches."""
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.indices))
        return np.resize(order, self.steps * self.batch_size)


class Feed(Batches):
    """Batches of images and their classes, see `Batches`.

    Args:
        images: uint8 (N, H, W, 1), may be memory-mapped; or any array (N, ...) when there is no augmentation.
        labels: int (N,), class of each image.
        indices: int (M,), the images of one epoch; an image may stand there more than once.
        batch_size: images per batch.
        seed: of order and augmentation.
        augmentation: None for images as they are.
        class_weights: float (C,), one weight per class, or None.
        first_epoch: epoch of batch 0, for a training that goes on.
        mix: how the pictures of a batch are mixed, or None; labels are then shares of the classes.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        indices: np.ndarray,
        batch_size: int,
        seed: int,
        augmentation: AnyAugmentation | None = None,
        class_weights: np.ndarray | None = None,
        first_epoch: int = 0,
        mix: Mix | None = None,
    ) -> None:
        super().__init__(indices, batch_size, seed, first_epoch)
        self.images, self.labels, self.augmentation = images, np.asarray(labels, np.int32), augmentation
        self.class_weights = None if class_weights is None else np.asarray(class_weights, np.float32)
        self.mix = mix

    def batch(self, epoch: int, step: int) -> tuple[np.ndarray, ...]:
        """Return one batch, see `Batches.batch`.

        Returns:
            Images (B, H, W, 1) of the dtype given, labels int32 (B,), or float32 (B, C) where they are mixed, and
            sample weights float32 (B,) if there are class weights.
        """
        epoch += self.first_epoch
        places = self.places(epoch, step)
        rows = self.indices[places]
        images = np.empty((len(rows), *self.images.shape[1:]), self.images.dtype)
        for to, (place, row) in enumerate(zip(places, rows, strict=True)):
            # The place in the epoch seeds the draw: an image that is repeated to balance classes differs each time.
            image = self.images[row]
            images[to] = (
                image if self.augmentation is None else augment(image, self.augmentation, self.seed, epoch, int(place))
            )
        labels = self.labels[rows]
        if self.mix is not None:
            return mixed(images, labels, self.class_weights, self.mix, self.seed, epoch, step)
        return (images, labels) if self.class_weights is None else (images, labels, self.class_weights[labels])
