"""The one place where a trained network is loaded and asked: train, evaluate and served models compute the same."""

import zipfile
import zlib
from pathlib import Path

import keras
import numpy as np

from chestbench.core.errors import ChestbenchError


class _Padded(keras.utils.PyDataset):
    """Images in order, in batches of one size; the last is filled up with its last image."""

    def __init__(self, images: np.ndarray, batch_size: int) -> None:
        super().__init__()
        self.images, self.batch_size = images, min(batch_size, len(images))

    def __len__(self) -> int:
        return -(-len(self.images) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray]:
        rows = np.arange(index * self.batch_size, (index + 1) * self.batch_size)
        return (np.asarray(self.images[np.minimum(rows, len(self.images) - 1)]),)


def load(path: Path) -> keras.Model:
    """Load a model.keras for prediction.

    Raises:
        ChestbenchError: there is no such file, or it is no model, or a damaged one.
    """
    try:
        return keras.saving.load_model(path, compile=False)
    except (ValueError, OSError, KeyError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise ChestbenchError(
            f"{path}: expected a model written by the train stage, received: {error}; run `dvc repro` again"
        ) from error


def predict(model: keras.Model, images: np.ndarray, batch_size: int = 32) -> np.ndarray:
    """Return what the model says of each image.

    All batches have one size, so that the backend compiles one prediction step and no second one for the tail.

    Args:
        model: takes uint8 (N, H, W, 1); a head takes cached features (N, ...).
        images: raw grey values 0 to 255, uint8 (N, H, W, 1), may be memory-mapped; N may be 0.
        batch_size: images per step.

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
    outputs = model.predict(_Padded(images, batch_size), verbose=0)
    return np.asarray(outputs[: len(images)], np.float32)
