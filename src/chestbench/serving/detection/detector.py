"""A trained detector with all that it takes to answer on single pictures."""

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from chestbench.core.arrays import read_arrays
from chestbench.core.errors import ChestbenchError
from chestbench.imaging.boxes import Boxes
from chestbench.measures.familiar import Familiar
from chestbench.serving.detection.description import DetectorDescription
from chestbench.serving.safety import check_model_file

if TYPE_CHECKING:
    import keras


class LoadedDetector:
    """What finds boxes.

    Attributes:
        described: what it is, and from which score on its boxes count.
        familiar: what the pictures of train and val look like; None: not known (not measured, or before it was kept).
        model: of keras.
    """

    def __init__(self, described: DetectorDescription, model_file: Path, reference: Path | None = None) -> None:
        """Load a detector.

        Args:
            described: content of model.json.
            model_file: model.keras; looked at before it is loaded, see safety.py.
            reference: reference.npz; None: there is none.

        Raises:
            ChestbenchError: it is no detector of built-in layers, does not fit its description, or its backend is not
                installed.
        """
        check_model_file(model_file)
        from chestbench.training.device import select_backend

        select_backend(described.pictures.backend)
        # Imports keras, which takes its backend from the line above.
        from chestbench.training.detection.predict import load

        self.described = described
        self.familiar = Familiar.from_arrays(read_arrays(reference)) if reference else None
        self.model: keras.Model = load(model_file)
        self._one_at_a_time = Lock()
        _check_fit(self.model, described, model_file)

    def boxes(self, images: NDArray[np.uint8]) -> list[Boxes]:
        """Return the boxes on each image, whatever their score, in its pixels; threads may ask at the same time.

        Args:
            images: uint8 (N, size, size, 1).
        """
        from chestbench.training.detection.predict import predict_boxes

        with self._one_at_a_time:
            return predict_boxes(self.model, images)


def _check_fit(model: "keras.Model", described: DetectorDescription, path: Path) -> None:
    takes, size = model.input_shape, described.pictures.image_size
    if not isinstance(takes, tuple) or tuple(takes[1:]) != (size, size, 1):
        raise ChestbenchError(
            f"{path}: expected a detector that takes grey pictures of {size} x {size}, as it is described, received "
            f"one that takes {takes}; take detector and description of one training"
        )
    if (gives := model.outputs[1].shape[-1]) != len(described.findings):
        raise ChestbenchError(
            f"{path}: expected a detector with scores of {len(described.findings)} findings, as its description says, "
            f"received one of {gives}; take detector and description of one training"
        )
