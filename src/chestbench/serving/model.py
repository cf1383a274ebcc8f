"""The registered model: files of pictures in (PNG, JPEG, DICOM, as base64), a table of answers out.

MLflow copies this file, what it imports, `model.keras`, `model.json` and `reference.npz` into the model's folder, so
that `mlflow.pyfunc.load_model` works where chestbench is not installed. Raw grey arrays, which MLflow's signature
cannot hold beside the files, go to `get_raw_model().predict`, or as base64 of an .npy file in the place of a picture.
For research and education, not for diagnosis.
"""

import base64
import binascii
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chestbench.imaging.decode import prepare_opencv
from chestbench.serving.description import ARRAYS, DESCRIPTION, MODEL, Description
from chestbench.serving.heat import heat_png
from chestbench.serving.marks import refusal
from chestbench.serving.network import Network
from chestbench.serving.pictures import Prepared, prepare_file, prepare_grey

__all__ = ["DESCRIPTION", "MODEL", "GreyImageClassifier", "grey_images"]

ACCEPTED = "a grey image (H, W) or (H, W, 1), a batch (N, H, W, 1), or a list of such images, whole numbers 0 to 255"
FILE = "file"  # the column of the signature
FILES = "base64 of a PNG, JPEG or DICOM file (or of an .npy file with a grey array)"
ANSWER_COLUMNS = ("decision", "doubt", "warnings")
_NUMPY = b"\x93NUMPY"
MOST_PIXELS = 100_000_000


class GreyImageClassifier:
    """What `mlflow.pyfunc.load_model` wraps.

    Args:
        folder: holds model.keras, model.json (see `description.Description`) and, beside a network that was evaluated
            with this version, reference.npz.

    Attributes:
        described: what the network is, and how pictures are prepared for it.
        classes: their probabilities stand under p:CLASS in what `predict` returns.
    """

    def __init__(self, folder: Path) -> None:
        prepare_opencv()
        told = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        self.described = Description.from_json(told, folder.name)
        reference = folder / ARRAYS
        self.network = Network(self.described, folder / MODEL, reference if reference.is_file() else None)
        self.classes = self.described.classes

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Return one row per picture: decision, doubt, warnings, and p:CLASS, calibrated probabilities (float64).

        The decision is empty where the network was not made for such a picture.

        Args:
            model_input: a table with the column `file` (base64), or raw grey values: an image (H, W) or (H, W, 1), a
                batch (N, H, W, 1) or (N, H, W), or a list of images of any sizes, whole numbers 0 to 255 of any dtype.
            params: `raw`: probabilities as trained, without calibration; `heat`: a further column `heat`, base64 of a
                PNG with the picture as the network saw it and what of it speaks for the decision.

        Raises:
            MlflowException: a file that is no picture, or a table without the column, in one sentence.
            ValueError: an array of another shape (such as RGB) or other values (such as 0 to 1, or 16 bit).
        """
        wishes = dict(params or {})
        pictures = pictures_of(model_input, self.described)
        return self._answers(pictures, bool(wishes.get("raw")), bool(wishes.get("heat")))

    def get_raw_model(self) -> "GreyImageClassifier":
        """Return this model: MLflow's way to what its signature does not hold."""
        return self

    def _answers(self, pictures: list[Prepared], raw: bool, heat: bool) -> pd.DataFrame:
        rows: list[dict[str, Any]] = []
        for picture, answered in zip(pictures, self.network.answer(pictures), strict=True):
            assert answered is not None and picture.pixels is not None
            answer, marks = answered
            decided = ("", "") if refusal(marks) else (answer.decision, answer.doubt)
            row: dict[str, Any] = dict(zip(ANSWER_COLUMNS, (*decided, "; ".join(marks.values())), strict=True))
            shown = answer.raw if raw else answer.calibrated
            row |= {f"p:{name}": float(value) for name, value in zip(self.classes, shown, strict=True)}
            if heat:
                drawn = self.network.heat(picture.pixels[np.newaxis], [answer.decision])[0]
                row["heat"] = base64.b64encode(heat_png(picture.pixels, drawn)).decode("ascii")
            rows.append(row)
        names = [*ANSWER_COLUMNS, *(f"p:{name}" for name in self.classes), *(["heat"] if heat else [])]
        return pd.DataFrame(rows, columns=names)


def pictures_of(model_input: Any, described: Description) -> list[Prepared]:
    """Return the pictures of a request, each with its pixels; see `GreyImageClassifier.predict`."""
    if isinstance(model_input, pd.DataFrame):
        return _of_table(model_input, described)
    return [prepare_grey(image[..., np.newaxis], described) for image in grey_images(model_input)]


def _of_table(table: pd.DataFrame, described: Description) -> list[Prepared]:
    if FILE not in table.columns:
        raise refused(f"expected a table with the column {FILE!r}, received {', '.join(map(repr, table.columns))}")
    return [_picture_of(value, f"{FILE} {number}", described) for number, value in enumerate(table[FILE], 1)]


def _picture_of(value: Any, name: str, described: Description) -> Prepared:
    if not isinstance(value, str) or not value:
        raise refused(f"{name}: expected {FILES}, received {'nothing' if value == '' else type(value).__name__}")
    # As a browser reads a file: data:image/png;base64,...
    text = value.partition(",")[2] if value.startswith("data:") else value
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise refused(f"{name}: expected {FILES}, received text that is not base64") from None
    if data.startswith(_NUMPY):
        return prepare_grey(_array_of(data, name)[..., np.newaxis], described)
    pictures = list(_some(data, described))
    if len(pictures) != 1:
        raise refused(f"{name}: expected one picture, received a file of several pages or frames; send them one by one")
    if pictures[0].pixels is None:
        raise refused(f"{name}: expected a picture, received what cannot be used: {pictures[0].problem}")
    return pictures[0]


def _some(data: bytes, described: Description) -> list[Prepared]:
    """Return the first two pictures of a file: enough to tell that there are several."""
    found = []
    for picture in prepare_file(data, described):
        found.append(picture)
        if len(found) == 2 or picture.frames > 1:
            return [picture, picture]
    return found


def _array_of(data: bytes, name: str) -> NDArray[np.uint8]:
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
        images = grey_images(array)
    except (ValueError, EOFError, OverflowError, SyntaxError, MemoryError) as error:
        ours = isinstance(error, ValueError) and str(error).startswith("expected")
        why = str(error) if ours else "expected an .npy file, received a damaged one"
        raise refused(f"{name}: {why}") from None
    if len(images) != 1:
        raise refused(f"{name}: expected one grey array (H, W), received {len(images)}")
    if images[0].size > MOST_PIXELS or min(images[0].shape) < 16:
        raise refused(f"{name}: expected 16 to 10,000 pixels a side, received an array of shape {images[0].shape}")
    return images[0]


def refused(sentence: str) -> Exception:
    """Return the error that MLflow's server answers with 400."""
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

    return MlflowException(sentence, error_code=INVALID_PARAMETER_VALUE)


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
