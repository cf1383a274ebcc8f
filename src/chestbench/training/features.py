"""The output of a frozen body, computed once: an epoch of the head then costs no forward pass."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np

from chestbench.core.arrays import read_arrays, write_arrays
from chestbench.core.errors import ChestbenchError
from chestbench.core.files import DamagedFile, set_aside
from chestbench.core.progress import bar
from chestbench.training.predict import predict

if TYPE_CHECKING:
    from chestbench.training.data import TrainingData

logger = logging.getLogger(__name__)

CHUNK_IMAGES = 1024


def cached_features(
    backbone: keras.Model, data: "TrainingData", batch_size: int, folder: Path | None
) -> "TrainingData":
    """Return `data` with the backbone's features in place of its images.

    Each training image passes through the backbone once, however often an epoch repeats it.

    Args:
        backbone: images to features (N, F), frozen.
        data: with images.
        batch_size: images per step.
        folder: finished chunks of 1,024 images are kept here, so that a pass that was killed goes on; None: not kept.

    Raises:
        ChestbenchError: a feature is not finite; the chunk is not kept.
    """
    train = _pass(backbone, data.train_images, batch_size, folder, "train")
    val = _pass(backbone, data.val_images, batch_size, folder, "val")
    return replace(data, train_images=train, val_images=val)


def _pass(backbone: keras.Model, images: np.ndarray, batch_size: int, folder: Path | None, name: str) -> np.ndarray:
    chunks = []
    with bar(len(images), f"features of {name}") as shown:
        for start in range(0, len(images), CHUNK_IMAGES):
            path = folder / f"features-{name}-{start:08d}.npz" if folder else None
            chunk = _kept(path) if path else None
            if chunk is None:
                chunk = _finite(predict(backbone, images[start : start + CHUNK_IMAGES], batch_size), name, start)
                if path:
                    write_arrays(path, {"features": chunk})
            chunks.append(chunk)
            shown.update(len(chunk))
    return np.concatenate(chunks)


def _kept(path: Path) -> np.ndarray | None:
    """Return a finished chunk; None where there is none, or it is damaged, which is set aside with a warning."""
    try:
        return read_arrays(path)["features"]
    except FileNotFoundError:
        return None
    except DamagedFile:
        set_aside(path)
        logger.warning("%s is damaged (a power cut or a full disk does that): these features are computed anew", path)
        return None


def _finite(features: np.ndarray, name: str, start: int) -> np.ndarray:
    if not np.isfinite(features).all():
        bad = start + int(np.flatnonzero(~np.isfinite(features.reshape(len(features), -1)).all(axis=1))[0])
        raise ChestbenchError(
            f"train.cache_features: expected finite features of every image of {name}, received NaN or infinity for "
            f"image {bad}; choose -S train.precision=float32"
        )
    return features
