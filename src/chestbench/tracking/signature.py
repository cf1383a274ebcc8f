"""What MLflow says of the registered model's input and output, and an example that it can show and send."""

import base64
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from chestbench.serving.model import ANSWER_COLUMNS, FILE

if TYPE_CHECKING:
    from mlflow.models import ModelSignature
    from pandas import DataFrame

SWITCHES = ("raw", "heat")


def signature_of(classes: list[str]) -> "ModelSignature":
    """Return MLflow's signature: a column of files as base64, two switches, and the columns of an answer."""
    from mlflow.types import ColSpec

    answers = [
        *(ColSpec("string", name) for name in ANSWER_COLUMNS),
        *(ColSpec("double", f"p:{name}") for name in classes),
    ]
    return signature_with(answers, SWITCHES)


def signature_with(answers: list[Any], switches: Iterable[str]) -> "ModelSignature":
    """Return the signature of a model that takes a column of files as base64.

    Args:
        answers: MLflow's ColSpec of each column of an answer.
        switches: names of parameters, each true or false.
    """
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

    parameters = [ParamSpec(name, "boolean", False) for name in switches]
    return ModelSignature(Schema([ColSpec("string", FILE)]), Schema(answers), ParamSchema(parameters))


def input_example() -> "DataFrame":
    """Return a table as the model takes it: one PNG as base64, a disc of two dark fields."""
    import pandas as pd

    picture = np.zeros((64, 64), np.uint8)
    cv2.ellipse(picture, (32, 34), (28, 24), 0, 0, 360, 170, -1)
    for left in (20, 44):
        cv2.ellipse(picture, (left, 34), (9, 15), 0, 0, 360, 40, -1)
    content = cv2.imencode(".png", picture)[1].tobytes()
    return pd.DataFrame({FILE: [base64.b64encode(content).decode("ascii")]})
