"""The gradient of a detector under two backends.

    KERAS_BACKEND=tensorflow python -m tests.models.detection.backend_check write FILE
    KERAS_BACKEND=jax        python -m tests.models.detection.backend_check check FILE

`write` saves weights, the loss and its gradient; `check` prints the largest differences to them as JSON: of the
loss, and of each gradient relative to the largest number in it.
"""

import json
import sys
from typing import Any

import keras
import numpy as np

from chestbench.imaging.boxes import Boxes
from chestbench.models.detection.fcos import build_detector, levels_of_model
from chestbench.models.detection.losses import DetectionLoss
from chestbench.models.detection.points import points_of
from chestbench.models.detection.registry import get
from chestbench.models.detection.targets import targets_of


def batch(model: keras.Model) -> tuple[np.ndarray, np.ndarray]:
    """Return four images and their targets."""
    images = np.random.default_rng(0).integers(0, 256, (4, 64, 64, 1), dtype=np.uint8)
    boxes = [[[4, 8, 30, 40]], [], [[20, 20, 60, 60], [2, 2, 14, 14]], [[0, 0, 64, 64]]]
    points = points_of(levels_of_model(model))
    return images, np.stack([targets_of(Boxes.of(of_image), points) for of_image in boxes])


def gradient(model: keras.Model, images: np.ndarray, targets: np.ndarray) -> tuple[float, list[np.ndarray]]:
    """Return the loss in training mode and its gradient by every weight that learns."""
    loss = DetectionLoss(1)
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape() as tape:
            value = loss(targets, model(images, training=True))
        found = tape.gradient(value, [variable.value for variable in model.trainable_variables])
    else:
        import jax

        def of(weights: Any) -> Any:
            others = [variable.value for variable in model.non_trainable_variables]
            return loss(targets, model.stateless_call(weights, others, images, training=True)[0])

        value, found = jax.value_and_grad(of)([variable.value for variable in model.trainable_variables])
    return float(value), [np.asarray(part) for part in found]


if __name__ == "__main__":
    command, file = sys.argv[1:]
    keras.utils.set_random_seed(0)
    detector = build_detector(get("fcos_tiny"), 64, 1)
    if command == "check":
        saved = np.load(file)
        detector.set_weights([saved[f"weight{number}"] for number in range(len(detector.weights))])
    weights = detector.get_weights()
    value, found = gradient(detector, *batch(detector))
    if command == "write":
        arrays = {f"weight{number}": array for number, array in enumerate(weights)}
        np.savez(file, loss=value, **arrays, **{f"gradient{number}": array for number, array in enumerate(found)})
    else:
        expected = [saved[f"gradient{number}"] for number in range(len(found))]
        # The bias before a batch norm changes nothing: its gradient is rounding alone.
        least = 1e-4 * max(np.abs(array).max() for array in expected)
        apart = [np.abs(a - b).max() / max(np.abs(b).max(), least) for a, b in zip(found, expected, strict=True)]
        print(json.dumps({"loss": abs(value - float(saved["loss"])), "gradient": float(max(apart))}))
