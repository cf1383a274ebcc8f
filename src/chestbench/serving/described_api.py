"""What the server says of itself: /about for the page, /openapi.json for programs."""

from typing import TYPE_CHECKING, Any

from chestbench.core.notice import NOTICE
from chestbench.serving.model import FILES, GreyImageClassifier
from chestbench.serving.tables import notes, rule_words

if TYPE_CHECKING:
    from mlflow.pyfunc import PyFuncModel

PICTURES = ("image/png", "image/jpeg", "application/dicom", "application/octet-stream")
CONTENT = ("application/json", *PICTURES)
EXPECTED = '{"dataframe_records": [{"file": "base64 of a PNG, JPEG or DICOM file"}]}'
_SWITCHES = {"raw": "probabilities as trained, without calibration", "heat": "a heat map, base64 of a PNG, under heat"}


def about(model: "PyFuncModel") -> dict[str, Any]:
    """Return what is served: network, classes, how decisions are made, what holds for every answer."""
    served = model.get_raw_model()
    assert isinstance(served, GreyImageClassifier)
    described = served.described
    return {
        "network": described.model,
        "dataset": described.dataset,
        "modality": described.modality,
        "synthetic": described.synthetic,
        "classes": described.classes,
        "positive": described.positive,
        "decision": rule_words(described),
        "notes": notes(described, served.network.familiar is not None),
        "notice": NOTICE,
    }


def openapi(told: dict[str, Any]) -> dict[str, Any]:
    """Return the description of the interface.

    Args:
        told: from `about`.
    """
    record = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "description": FILES}}}
    answer = {
        "type": "object",
        "properties": {
            "decision": {"type": "string", "description": f"{told['decision']}; empty: not made for such a picture"},
            "doubt": {"type": "string"},
            "warnings": {"type": "string", "description": "sentences with ; between them, empty for none"},
            **{f"p:{name}": {"type": "number", "minimum": 0, "maximum": 1} for name in told["classes"]},
            "heat": {"type": "string", "description": "only with params.heat: base64 of a PNG"},
        },
    }
    switches = {name: {"type": "boolean", "default": False, "description": words} for name, words in _SWITCHES.items()}
    body = {
        "type": "object",
        "required": ["dataframe_records"],
        "properties": {
            "dataframe_records": {"type": "array", "items": record},
            "params": {"type": "object", "properties": switches},
        },
        "example": {"dataframe_records": [{"file": "iVBORw0KGgo..."}], "params": {"heat": False}},
    }
    fault = {"type": "object", "properties": {"error_code": {"type": "string"}, "message": {"type": "string"}}}
    refusals = {
        "400": "a picture that cannot be read, or a request of another form",
        "408": "the request did not come to its end",
        "413": "the request is too large",
        "415": "another content type",
    }
    responses: dict[str, Any] = {
        code: {"description": words, "content": {"application/json": {"schema": fault}}}
        for code, words in refusals.items()
    }
    answers = {"type": "object", "properties": {"predictions": {"type": "array", "items": answer}}}
    responses["200"] = {"description": "an answer each", "content": {"application/json": {"schema": answers}}}
    raw = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in PICTURES}
    query = [
        {"name": name, "in": "query", "schema": {"type": "boolean"}, "description": f"{words} (not with JSON)"}
        for name, words in _SWITCHES.items()
    ]
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{told['network']} of {told['dataset']}", "version": "1", "description": told["notice"]},
        "paths": {
            "/invocations": {
                "post": {
                    "summary": "answers on pictures",
                    "parameters": query,
                    "requestBody": {"required": True, "content": {"application/json": {"schema": body}, **raw}},
                    "responses": responses,
                }
            },
            "/health": {"get": {"summary": "200 when it answers", "responses": {"200": {"description": "ready"}}}},
            "/about": {"get": {"summary": "what is served", "responses": {"200": {"description": "JSON"}}}},
        },
    }
