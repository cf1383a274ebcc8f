"""The registered detector: files of pictures in (PNG, JPEG, DICOM, as base64), boxes out.

MLflow copies this file, what it imports, `model.keras`, `model.json` and `reference.npz` into the model's folder, so
that `mlflow.pyfunc.load_model` works where chestbench is not installed. For research and education, not for diagnosis.
"""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from chestbench.imaging.decode import prepare_opencv
from chestbench.serving.description import ARRAYS, DESCRIPTION, MODEL
from chestbench.serving.detection.answer import answer_of, box_rows, drawing, marked, pixels_of
from chestbench.serving.detection.description import DetectorDescription
from chestbench.serving.detection.detector import LoadedDetector
from chestbench.serving.model import pictures_of

ANSWER_COLUMNS = ("boxes", "width", "height", "warnings")
# Parameters of a request.
RAW, DRAWN = "raw", "drawn"


class GreyImageDetector:
    """What `mlflow.pyfunc.load_model` wraps.

    Args:
        folder: holds model.keras and model.json (see `description.DetectorDescription`), and reference.npz where the
            detector was evaluated.

    Attributes:
        described: what the detector is, how pictures are prepared for it, and from which score on boxes count.
    """

    def __init__(self, folder: Path) -> None:
        prepare_opencv()
        told = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        self.described = DetectorDescription.from_json(told, folder.name)
        arrays = folder / ARRAYS
        self.detector = LoadedDetector(self.described, folder / MODEL, arrays if arrays.is_file() else None)

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Return one row per picture: boxes, width, height, warnings.

        `boxes` is a list of {finding, score, left, top, right, bottom}, surest first, in pixels of the picture that was
        sent, whose width and height stand beside; [] where the detector found none, None where it was not made for
        such a picture, as the warnings say.

        Args:
            model_input: as of `GreyImageClassifier.predict`: a table with the column `file` (base64), or grey arrays.
            params: `raw`: all boxes, whatever their score; `drawn`: a further column `drawn`, base64 of a PNG with the
                picture as the detector saw it and the boxes over it, None where none are given.

        Raises:
            MlflowException: a file that is no picture, or a table without the column, in one sentence.
            ValueError: an array of another shape or other values.
        """
        wishes, findings = dict(params or {}), self.described.findings
        pictures = marked(pictures_of(model_input, self.described.pictures), self.detector.familiar)
        found = self.detector.boxes(pixels_of(pictures)) if pictures else []
        threshold = None if wishes.get(RAW) else self.described.threshold
        rows: list[dict[str, Any]] = []
        for picture, boxes in zip(pictures, found, strict=True):
            answer = answer_of("", picture, boxes, self.described.pictures, threshold)
            assert answer.size is not None
            given = None if answer.boxes is None else box_rows(answer.boxes, findings)
            row = dict(zip(ANSWER_COLUMNS, (given, *answer.size, "; ".join(answer.marks)), strict=True))
            if wishes.get(DRAWN):
                drawn = drawing(answer, findings)
                row[DRAWN] = None if drawn is None else base64.b64encode(drawn).decode("ascii")
            rows.append(row)
        # Of type object: pandas would write a missing list as NaN, which is no JSON.
        return pd.DataFrame(rows, columns=[*ANSWER_COLUMNS, *([DRAWN] if wishes.get(DRAWN) else [])], dtype=object)

    def get_raw_model(self) -> "GreyImageDetector":
        """Return this model: MLflow's way to what its signature does not hold."""
        return self


def _load_pyfunc(path: str) -> GreyImageDetector:
    """Load the model; MLflow calls this by its name."""
    return GreyImageDetector(Path(path))
