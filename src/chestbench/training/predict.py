"""The one place where a trained network is loaded and asked: train, evaluate and served models compute the same."""

import zipfile
import zlib
from collections import deque
from pathlib import Path
from typing import Any

import keras
import numpy as np

from chestbench.core.errors import ChestbenchError
from chestbench.training.forward import PLACES, forward_of

BATCHES_AHEAD = 4


def load(path: Path) -> keras.Model:
    """Load a model.keras for prediction.

    Raises:
        ChestbenchError: there is no such file, or it is no model, or a damaged one.
    """
    try:
        return keras.saving.load_model(path, compile=False)
    except (ValueError, OSError, KeyError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        reason = " ".join(str(error).split())  # Keras lists layers line by line
        raise ChestbenchError(
            f"{path}: expected a model written by the train stage, received: {reason}; run `dvc repro` again"
        ) from error


def predict(model: keras.Model, images: np.ndarray, batch_size: int = 32, shifts: int = 0) -> np.ndarray:
    """Return what the model says of each image.

    All batches have one size, so that the backend compiles one prediction step and no second one for the tail.

    Args:
        model: takes uint8 (N, H, W, 1); a head takes cached features (N, ...).
        images: raw grey values 0 to 255, uint8 (N, H, W, 1), may be memory-mapped; N may be 0.
        batch_size: images per step.
        shifts: pixels; above 0 the mean over each image and its four shifts, see `forward_of`. A step then has a fifth
            of the images, so that its memory stays that of the batch size.

    Returns:
        float32 (N, C) probabilities (or features, when `model` is a backbone).

    Example:
        `model` may as well come from `load(Path("models/NAME/model.keras"))`.

        >>> from chestbench.models.build import build
        >>> from chestbench.models.networks.tiny import NETWORK
        >>> model = build(NETWORK, 32, 2)
        >>> probabilities = predict(model, np.zeros((3, 32, 32, 1), np.uint8))
        >>> probabilities.shape, probabilities.sum(axis=1).round(5).tolist()
        ((3, 2), [1.0, 1.0, 1.0])
    """
    if len(images) == 0:
        return np.empty((0, *model.output_shape[1:]), np.float32)
    if shifts:
        batch_size = max(1, batch_size // len(PLACES))
    forward, size = forward_of(model, shifts), min(batch_size, len(images))
    outputs: list[np.ndarray] = []
    ahead: deque[Any] = deque()
    for start in range(0, len(images), size):
        ahead.append(forward(rows_of(images, start, size)))
        # The device computes a batch while the next one is read; what comes back is bounded, as images may be many.
        if len(ahead) > BATCHES_AHEAD:
            outputs.append(keras.ops.convert_to_numpy(ahead.popleft()))
    outputs += [keras.ops.convert_to_numpy(output) for output in ahead]
    return np.concatenate(outputs)[: len(images)].astype(np.float32, copy=False)


def rows_of(images: np.ndarray, start: int, size: int) -> np.ndarray:
    """Return `size` images from `start` on; after the last one, that one again."""
    rows = np.asarray(images[start : start + size])
    return rows if len(rows) == size else np.concatenate([rows, np.repeat(rows[-1:], size - len(rows), axis=0)])
