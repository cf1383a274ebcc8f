"""The registered model: raw grey images of any size in, a table of class probabilities out.

MLflow copies this file, what it imports and `model.keras` into the model's folder, so that `mlflow.pyfunc.load_model`
works where chestbench is not installed. For research and education, not for diagnosis.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chestbench.imaging.regions.find import find_region
from chestbench.imaging.resize import resize_grey

DESCRIPTION = "model.json"
MODEL = "model.keras"
ACCEPTED = "a grey image (H, W) or (H, W, 1), a batch (N, H, W, 1), or a list of such images, whole numbers 0 to 255"


class GreyImageClassifier:
    """What `mlflow.pyfunc.load_model` wraps.

    Args:
        folder: holds model.keras and model.json (classes, positive, image_size, fit, roi, modality, grey, backend).

    Attributes:
        classes: the columns of what `predict` returns.
        positive: the class that is looked for, one of them; None where there is none.
    """

    def __init__(self, folder: Path) -> None:
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        self.classes: list[str] = described["classes"]
        self.positive: str | None = described.get("positive")
        self.image_size: int = described["image_size"]
        self.fit: str = described["fit"]
        self.roi: str = described["roi"]
        self.modality: str = described["modality"]
        # How files become the grey images that `predict` takes; models of before the record was kept have none.
        self.grey: dict[str, Any] | None = described.get("grey")
        os.environ.setdefault("KERAS_BACKEND", described["backend"])
        from chestbench.training.predict import load

        self.model = load(folder / MODEL)

    def predict(self, model_input: Any) -> pd.DataFrame:
        """Return one row per image and one column per class, float32 probabilities.

        Args:
            model_input: a grey image (H, W) or (H, W, 1), a batch (N, H, W, 1) or (N, H, W), or a list of images of
                any sizes; raw grey values, whole numbers 0 to 255 of any dtype.

        Raises:
            ValueError: other shapes (such as RGB) or values (such as 0 to 1, or 16 bit).
        """
        from chestbench.training.predict import predict

        images = [self._prepared(image) for image in grey_images(model_input)]
        if not images:
            return pd.DataFrame(np.empty((0, len(self.classes)), np.float32), columns=self.classes)
        return pd.DataFrame(predict(self.model, np.stack(images)), columns=self.classes)

    def _prepared(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return an image (H, W) as the preprocess stage would, (size, size, 1).

        A network that was trained on images cut by masks of the data set (`mask`) takes images that are black outside
        of the mask already: there is none to cut by here.
        """
        roi = "none" if self.roi == "mask" else self.roi
        region = find_region(image[..., np.newaxis], roi, modality=self.modality)
        return resize_grey(region.pixels, self.image_size, self.fit)


def grey_images(value: Any) -> list[NDArray[np.uint8]]:
    """Return the images in `value` as uint8 (H, W) arrays; see `GreyImageClassifier.predict`."""
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)) and _holds_images(value):
        return [_one(np.asarray(item)) for item in value]
    array = np.asarray(value)
    if array.ndim == 2 or (array.ndim == 3 and array.shape[-1] == 1):
        return [_one(array)]
    if array.ndim in (3, 4):
        return [_one(image) for image in array]
    raise ValueError(f"expected {ACCEPTED}; received an array of shape {array.shape}")


def _holds_images(value: Sequence[Any]) -> bool:
    """Tell a list of images from one image written as nested lists."""
    return all(np.ndim(item) >= 2 for item in value)


def _one(image: NDArray[Any]) -> NDArray[np.uint8]:
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    # Three or four columns: colour, not a batch of slivers.
    if image.ndim != 2 or image.size == 0 or image.shape[-1] in (3, 4):
        raise ValueError(f"expected {ACCEPTED}; received an image of shape {image.shape}; convert colour to grey first")
    if image.dtype == np.uint8:
        return image
    if image.dtype.kind not in "iuf" or image.min() < 0 or image.max() > 255 or not (image == np.round(image)).all():
        raise ValueError(
            f"expected whole numbers 0 to 255; received {image.dtype} from {image.min()} to {image.max()}; "
            "scale to 8-bit grey first"
        )
    return image.astype(np.uint8)


def _load_pyfunc(path: str) -> GreyImageClassifier:
    """Load the model; MLflow calls this by its name."""
    return GreyImageClassifier(Path(path))
