"""What the server says of itself: /about for the page, /openapi.json for programs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chestbench.core.notice import NOTICE
from chestbench.serving.model import FILES, GreyImageClassifier
from chestbench.serving.tables import notes, rule_words

PICTURES = ("image/png", "image/jpeg", "application/dicom", "application/octet-stream")
CONTENT = ("application/json", *PICTURES)
EXPECTED = '{"dataframe_records": [{"file": "base64 of a PNG, JPEG or DICOM file"}]}'
_SWITCHES = {"raw": "probabilities as trained, without calibration", "heat": "a heat map, base64 of a PNG, under heat"}


@dataclass(frozen=True)
class Api:
    """What a server says of what it serves.

    Attributes:
        about: what is served, how answers come about, what holds for every answer.
        openapi: the description of the interface.
        switches: names of the parameters of a request, each true or false.
    """

    about: dict[str, Any]
    openapi: dict[str, Any]
    switches: tuple[str, ...]


def api_of(served: GreyImageClassifier) -> Api:
    """Return what is said of a network for classes."""
    described = served.described
    told = {
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
    answer = {
        "decision": {"type": "string", "description": f"{told['decision']}; empty: not made for such a picture"},
        "doubt": {"type": "string"},
        "warnings": {"type": "string", "description": "sentences with ; between them, empty for none"},
        **{f"p:{name}": {"type": "number", "minimum": 0, "maximum": 1} for name in described.classes},
        "heat": {"type": "string", "description": "only with params.heat: base64 of a PNG"},
    }
    title = f"{described.model} of {described.dataset}"
    return Api(told, openapi(title, answer, _SWITCHES), tuple(_SWITCHES))


def openapi(title: str, answer: Mapping[str, Any], switches: Mapping[str, str]) -> dict[str, Any]:
    """Return the description of an interface.

    Args:
        title: what is served.
        answer: schema of each key of the answer on a picture.
        switches: name -> what it does, of each parameter of a request.
    """
    record = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "description": FILES}}}
    asked = {name: {"type": "boolean", "default": False, "description": words} for name, words in switches.items()}
    body = {
        "type": "object",
        "required": ["dataframe_records"],
        "properties": {
            "dataframe_records": {"type": "array", "items": record},
            "params": {"type": "object", "properties": asked},
        },
        "example": {"dataframe_records": [{"file": "iVBORw0KGgo..."}], "params": {"raw": False}},
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
    row = {"type": "object", "properties": dict(answer)}
    answers = {"type": "object", "properties": {"predictions": {"type": "array", "items": row}}}
    responses["200"] = {"description": "an answer each", "content": {"application/json": {"schema": answers}}}
    raw = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in PICTURES}
    query = [
        {"name": name, "in": "query", "schema": {"type": "boolean"}, "description": f"{words} (not with JSON)"}
        for name, words in switches.items()
    ]
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1", "description": NOTICE},
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
