"""The one place where a trained detector is loaded and asked."""

from collections import deque
from pathlib import Path
from typing import Any

import keras
import numpy as np

from chestbench.core.errors import ChestbenchError
from chestbench.imaging.boxes import Boxes
from chestbench.models.detection.decode import LEAST_SCORE, MOST_BOXES, MOST_OVERLAP, decode
from chestbench.training.forward import forward_of
from chestbench.training.predict import BATCHES_AHEAD, rows_of
from chestbench.training.predict import load as load_any


def load(path: Path) -> keras.Model:
    """Load a detector's model.keras.

    Raises:
        ChestbenchError: there is no such file, or it is no model, a damaged one, or no detector.
    """
    model = load_any(path)
    if len(model.outputs) != 2 or model.outputs[0].shape[-1] != 4:
        raise ChestbenchError(
            f"{path}: expected a detector, which gives boxes and scores, received a network with the output "
            f"{model.output_shape}; name one that train_boxes has written"
        )
    return model


def predict_boxes(
    model: keras.Model,
    images: np.ndarray,
    batch_size: int = 32,
    *,
    least_score: float = LEAST_SCORE,
    most_overlap: float = MOST_OVERLAP,
    most: int = MOST_BOXES,
) -> list[Boxes]:
    """Return the boxes that a detector finds on each image, surest first, in pixels of the images.

    Args:
        model: gives [boxes, scores], from `load` or `build_detector` through `for_finding`.
        images: raw grey values 0 to 255, uint8 (N, H, W, 1), may be memory-mapped; N may be 0.
        batch_size: images per step.
        least_score: boxes below are left out.
        most_overlap: of two boxes of a finding whose intersection over union is above, the surer one stays.
        most: boxes of an image.

    Example:
        >>> from chestbench.models.detection.fcos import build_detector, for_finding
        >>> from chestbench.models.detection.registry import get
        >>> model = for_finding(build_detector(get("fcos_tiny"), 32, n_findings=1))
        >>> found = predict_boxes(model, np.zeros((3, 32, 32, 1), np.uint8), most=5)
        >>> len(found), all(len(boxes) <= 5 for boxes in found)
        (3, True)
    """
    if len(images) == 0:
        return []
    forward, size, side = forward_of(model), min(batch_size, len(images)), images.shape[1]
    found: list[Boxes] = []
    ahead: deque[Any] = deque()

    def take() -> None:
        corners, scores = (keras.ops.convert_to_numpy(part) for part in ahead.popleft())
        found.extend(
            decode(of_image, sure, side, least_score, most_overlap, most)
            for of_image, sure in zip(corners, scores, strict=True)
        )

    for start in range(0, len(images), size):
        ahead.append(forward(rows_of(images, start, size)))
        if len(ahead) > BATCHES_AHEAD:
            take()
    while ahead:
        take()
    return found[: len(images)]
