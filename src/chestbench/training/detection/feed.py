"""Batches for a detector: pictures, and what it should say at each of its points."""

import numpy as np

from chestbench.models.detection.points import Points
from chestbench.models.detection.targets import COLUMNS, targets_of
from chestbench.training.augment import AnyAugmentation, augment_and_tell
from chestbench.training.detection.data import BoxData
from chestbench.training.detection.moving import moved
from chestbench.training.feed import Batches


class BoxFeed(Batches):
    """Batches of images and targets, see `Batches`; every training image once an epoch, with boxes or without.

    Args:
        data: images and boxes.
        points: of the detector.
        batch_size: images per batch.
        seed: of order and augmentation.
        augmentation: None for images as they are.
        first_epoch: epoch of batch 0, for a training that goes on.
    """

    def __init__(
        self,
        data: BoxData,
        points: Points,
        batch_size: int,
        seed: int,
        augmentation: AnyAugmentation | None = None,
        first_epoch: int = 0,
    ) -> None:
        super().__init__(np.arange(len(data.train_images)), batch_size, seed, first_epoch)
        self.data, self.points, self.augmentation = data, points, augmentation

    def batch(self, epoch: int, step: int) -> tuple[np.ndarray, ...]:
        """Return one batch, see `Batches.batch`.

        Returns:
            Images uint8 (B, H, W, 1) and targets float32 (B, P, 6), see `targets_of`.
        """
        epoch += self.first_epoch
        places = self.places(epoch, step)
        images = np.empty((len(places), *self.data.train_images.shape[1:]), np.uint8)
        targets = np.empty((len(places), len(self.points.places), COLUMNS), np.float32)
        height, width = images.shape[1:3]
        for to, place in enumerate(places):
            row = self.indices[place]
            image, boxes = self.data.train_images[row], self.data.train_boxes[row]
            if self.augmentation is not None:
                image, matrix = augment_and_tell(image, self.augmentation, self.seed, epoch, int(place))
                boxes = moved(boxes, matrix, width, height)
            images[to], targets[to] = image, targets_of(boxes, self.points)
        return images, targets
