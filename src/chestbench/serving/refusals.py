"""What is said of a request that is not answered: a status and one sentence, never a traceback or what was sent."""

import base64
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from chestbench.core.notice import NOTICE
from chestbench.serving.described_api import EXPECTED

Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]
_SENTENCE = re.compile(r"(?:^|Error: )((?:file \d+: )?expected .*)\Z", re.DOTALL)


def is_from_another_site(headers: dict[bytes, str]) -> bool:
    """Tell whether a browser sends this for a page that is not this server's own.

    Browsers say so themselves (Sec-Fetch-Site) where they trust the address; elsewhere they name the page's origin.

    Args:
        headers: names in lower case.
    """
    if site := headers.get(b"sec-fetch-site"):
        return site not in ("same-origin", "none")
    origin = headers.get(b"origin")
    return origin is not None and urlsplit(origin).netloc.lower() != headers.get(b"host", "").lower()


# See page.html.
_OF_PAGE = ("heat", "drawn")
_WORDS: dict[str, bool | str] = {"true": True, "1": True, "false": False, "0": False}


def as_json(picture: bytes, query: bytes, names: Sequence[str]) -> bytes:
    """Return the request of MLflow's protocol for one picture; `?NAME=true` of each of `names` becomes a parameter.

    Other names and values are handed on as they are, for `fault` to refuse; what the page asks of every kind of model
    is passed over where this one has it not.
    """
    asked = {name: values[-1] for name, values in parse_qs(query.decode("latin-1"), keep_blank_values=True).items()}
    switches: dict[str, bool | str] = dict.fromkeys(names, False)
    switches |= {
        name: _WORDS.get(word.lower(), word) for name, word in asked.items() if name in names or name not in _OF_PAGE
    }
    content = base64.b64encode(picture).decode("ascii")
    return json.dumps({"dataframe_records": [{"file": content}], "params": switches}).encode()


def fault(body: bytes, names: Sequence[str]) -> str:
    """Return what is wrong with a request before MLflow sees it, "" for nothing; `names` are those of parameters."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return f"expected JSON: {EXPECTED}"
    if not isinstance(told, dict):
        return f"expected a JSON object: {EXPECTED}"
    keys = sorted({"dataframe_records", "dataframe_split", "inputs", "instances"} & told.keys())
    if len(keys) != 1:
        return (
            "expected one of dataframe_records, dataframe_split, inputs and instances, received "
            f"{'several' if keys else 'none'} of them; a request looks like {EXPECTED}"
        )
    params = told.get("params") or {}
    if not isinstance(params, dict) or not all(
        name in names and isinstance(value, bool) for name, value in params.items()
    ):
        known = " and ".join(f'"{name}"' for name in names)
        return f'expected "params" with true or false for {known}, received another name or value'
    return ""


def plain(status: int, body: bytes) -> tuple[int, str]:
    """Return status and sentence of what MLflow refused: our own words where they are, else how a request looks."""
    if status >= 500 and status != 504:
        return 500, "expected to answer, and failed: the server's log says of what kind the fault is"
    if status == 504:
        return 504, "expected to answer in time, and did not: send fewer pictures in a request"
    try:
        message = str(json.loads(body).get("message", ""))
    except (ValueError, AttributeError):
        message = ""
    found = _SENTENCE.search(message)
    return 400, found[1].strip() if found else f"expected a request of this form: {EXPECTED}"


async def refuse(send: Send, status: int, sentence: str) -> None:
    """Send status and sentence."""
    code = {413: "REQUEST_LIMIT_EXCEEDED", 500: "INTERNAL_ERROR", 504: "DEADLINE_EXCEEDED"}.get(status, "BAD_REQUEST")
    body = json.dumps({"error_code": code, "message": sentence, "notice": NOTICE}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status in (408, 413):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
