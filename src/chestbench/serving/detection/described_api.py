"""What the server says of itself where it serves a detector: /about for the page, /openapi.json for programs."""

from typing import Any

from chestbench.core.notice import NOTICE, tiny_note
from chestbench.measures.detection.record import TASK
from chestbench.serving.described_api import Api, openapi
from chestbench.serving.detection.description import DetectorDescription
from chestbench.serving.detection.model import DRAWN, RAW, GreyImageDetector

NOTHING_FOUND = (
    "A picture without a box is not a picture without a finding. A score is no probability: it orders boxes."
)
_SWITCHES = {
    RAW: "all boxes, whatever their score",
    DRAWN: "the picture as the detector saw it with the boxes over it, base64 of a PNG, under drawn",
}


def api_of(served: GreyImageDetector) -> Api:
    """Return what is said of a detector."""
    described = served.described
    told = {
        "task": TASK,
        "detector": described.pictures.model,
        "dataset": described.pictures.dataset,
        "modality": described.pictures.modality,
        "synthetic": described.pictures.synthetic,
        "findings": described.findings,
        "threshold": described.threshold,
        "decision": described.rule_words(),
        "notes": notes(described, served.detector.familiar is not None),
        "notice": NOTICE,
    }
    title = f"{told['detector']} of {told['dataset']}"
    return Api(told, openapi(title, _answer(described), _SWITCHES), tuple(_SWITCHES))


def notes(described: DetectorDescription, has_likeness: bool) -> list[str]:
    """Return what holds for all answers of a detector.

    Args:
        described: what it is.
        has_likeness: whether it knows what its training pictures look like.
    """
    known, found = described.pictures, [NOTHING_FOUND]
    if known.synthetic:
        found.append("The detector learnt from synthetic pictures of no real patient: its boxes say nothing of people.")
    if known.tiny:
        found.append(tiny_note({"tiny": known.tiny}))
    if not has_likeness:
        found.append(
            "What its training pictures look like is not known (it was not evaluated, or by an earlier version): a "
            "picture of another kind gets boxes too, but for a DICOM file of another modality."
        )
    return found


def _answer(described: DetectorDescription) -> dict[str, Any]:
    """Return the schema of the answer on one picture."""
    pixels = {side: {"type": "number", "minimum": 0} for side in ("left", "top", "right", "bottom")}
    box = {
        "type": "object",
        "required": ["finding", "score", *pixels],
        "properties": {
            "finding": {"type": "string", "enum": described.findings},
            "score": {"type": "number", "minimum": 0, "maximum": 1, "description": "no probability: it orders boxes"},
            **pixels,
        },
    }
    return {
        "boxes": {
            "type": ["array", "null"],
            "items": box,
            "description": f"surest first, in pixels of the picture that was sent. {described.rule_words()} null: the "
            "detector was not made for such a picture",
        },
        "width": {"type": "integer", "description": "of the picture that was sent"},
        "height": {"type": "integer", "description": "of the picture that was sent"},
        "warnings": {"type": "string", "description": "sentences with ; between them, empty for none"},
        DRAWN: {"type": ["string", "null"], "description": f"only with params.{DRAWN}: base64 of a PNG"},
    }
