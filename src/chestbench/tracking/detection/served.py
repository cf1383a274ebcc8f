"""A detector as an MLflow model: what it is made of, and its signature."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chestbench.serving.detection import model as serving
from chestbench.serving.detection.description import describe_detector
from chestbench.tracking.served import Kind, Parts, reference_in
from chestbench.tracking.signature import signature_with

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

SWITCHES = (serving.RAW, serving.DRAWN)


def detector_parts(
    training: Mapping[str, Any],
    model_file: Path,
    record: Mapping[str, Any] | None = None,
    results: Path | None = None,
) -> Parts:
    """Gather what the served detector is made of.

    Args:
        training: content of training.json.
        model_file: model.keras.
        record: metrics/detectors/NAME.json; None: not measured.
        results: results/models/NAME, which holds what single pictures are judged by; None: nothing does.
    """
    told, arrays = reference_in(results)
    described = describe_detector(training, record, told)
    return Parts(described, model_file, arrays, described["findings"], DETECTOR)


def detector_signature(_findings: list[str]) -> "ModelSignature":
    """Return MLflow's signature: a column of files as base64, two switches, and boxes with what stands beside them."""
    from mlflow.types import ColSpec
    from mlflow.types.schema import Array, Object, Property

    corners = [Property(side, "double") for side in ("left", "top", "right", "bottom")]
    box = Object([Property("finding", "string"), Property("score", "double"), *corners])
    sizes = [ColSpec("long", name) for name in ("width", "height")]
    answers = [ColSpec(Array(box), "boxes", required=False), *sizes, ColSpec("string", "warnings")]
    return signature_with(answers, SWITCHES)


DETECTOR = Kind("detector", serving.__name__, detector_signature, SWITCHES)
