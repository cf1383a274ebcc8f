"""How well a detector does on val between two epochs."""

import keras
import numpy as np

from chestbench.imaging.box_precision import mean_average_precision
from chestbench.imaging.boxes import Boxes
from chestbench.models.detection.decode import decode
from chestbench.models.detection.losses import DetectionLoss
from chestbench.models.detection.points import Points
from chestbench.models.detection.targets import targets_of
from chestbench.training.detection.data import BoxData
from chestbench.training.predict import predict

# Images whose points are held in memory at one time; the mean loss is that of such parts.
IMAGES_AT_A_TIME = 256


def validate_boxes(model: keras.Model, data: BoxData, points: Points, batch_size: int) -> dict[str, float]:
    """Return val_loss (that of training, without augmentation) and val_map50 (mean AP over findings at IoU 0.5).

    Args:
        model: as `build_detector` gives it.
        data: images and boxes of val.
        points: of the model.
        batch_size: images per step.
    """
    count, size = data.n_findings, data.val_images.shape[1]
    loss, losses, found = DetectionLoss(count), [], list[Boxes]()
    for start in range(0, len(data.val_images), IMAGES_AT_A_TIME):
        part = slice(start, start + IMAGES_AT_A_TIME)
        said = predict(model, data.val_images[part], batch_size)
        wanted = np.stack([targets_of(boxes, points) for boxes in data.val_boxes[part]])
        losses.append(len(said) * float(keras.ops.convert_to_numpy(loss(wanted, said))))
        found += [decode(row[:, :4], row[:, 4 : 4 + count], size) for row in said]
    return {
        "val_loss": sum(losses) / len(data.val_images),
        "val_map50": mean_average_precision(data.val_boxes, found, count),
    }
