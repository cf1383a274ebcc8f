"""MLflow's own server with a thin layer: bounds, one sentence for what is refused, plain pictures, and a page.

`POST /invocations` is MLflow's: JSON as its scoring protocol has it. Beside that it takes the bytes of one picture as
they are (image/png, image/jpeg, application/dicom). Whatever fails gives a status and one sentence: never a traceback,
a path, or what was sent.
"""

import asyncio
import base64
import json
import logging
import re
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from chestbench.core.notice import NOTICE
from chestbench.serving.described_api import CONTENT, EXPECTED, about, openapi

if TYPE_CHECKING:
    from fastapi import FastAPI
    from mlflow.pyfunc import PyFuncModel

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
logger = logging.getLogger(__name__)

# Base64 makes a file a third larger: a picture of 40 MB and some.
MOST_MB = 64
AT_ONCE, SECONDS = 8, 60.0  # requests in memory; time for one to arrive
_SENTENCE = re.compile(r"(?:^|Error: )((?:file \d+: )?expected .*)\Z", re.DOTALL)
_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def build_app(model: "PyFuncModel", hosts: list[str] | None = None, most_mb: int = MOST_MB) -> "FastAPI":
    """Return the application.

    Args:
        model: from `mlflow.pyfunc.load_model`, a model of this project.
        hosts: names by which it may be called, so that no page from elsewhere reaches it by another; None: any.
        most_mb: the largest request, in MiB.
    """
    import mlflow.pyfunc.scoring_server as scoring_server
    from fastapi import Response
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    app = scoring_server.init(model)
    told = about(model)
    page = resources.files("chestbench.serving").joinpath("page.html").read_bytes()
    # FastAPI's own pages fetch their code from another server.
    app.router.routes[:] = [
        route for route in app.router.routes if getattr(route, "path", "") not in ("/docs", "/redoc", "/openapi.json")
    ]

    async def show_page() -> Response:
        headers = {"Content-Security-Policy": _PAGE_POLICY, "X-Content-Type-Options": "nosniff"}
        return Response(page, media_type="text/html; charset=utf-8", headers=headers)

    async def show_about() -> dict[str, Any]:
        return told

    async def show_openapi() -> dict[str, Any]:
        return openapi(told)

    app.get("/")(show_page)
    app.get("/about")(show_about)
    app.get("/openapi.json")(show_openapi)
    app.add_middleware(Bounds, most_bytes=most_mb << 20)
    if hosts is not None:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)
    return app


class Bounds:
    """ASGI middleware: a bounded body for /invocations, at most `AT_ONCE` of them in memory, and plain refusals."""

    def __init__(self, app: Callable[..., Awaitable[None]], most_bytes: int) -> None:
        self._app, self._most = app, most_bytes
        self._places = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"] != "/invocations" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        headers = {key.lower(): value.decode("latin-1") for key, value in scope["headers"]}
        kind = headers.get(b"content-type", "").partition(";")[0].strip().lower()
        if kind not in CONTENT:
            await _refuse(send, 415, f"expected the content type {', '.join(CONTENT)}, received {kind or 'none'!r:.80}")
            return
        if int(headers.get(b"content-length") or 0) > self._most:
            await self._too_large(send)
            return
        async with self._places:
            try:
                body = await asyncio.wait_for(self._body(receive), SECONDS)
            except TimeoutError:
                await _refuse(send, 408, f"expected the whole request within {SECONDS:.0f} s, received less")
                return
            if body is None:
                await self._too_large(send)
                return
            if kind != "application/json":
                body = await asyncio.to_thread(_as_json, body, scope["query_string"])
                other = [
                    pair for pair in scope["headers"] if pair[0].lower() not in (b"content-type", b"content-length")
                ]
                scope = {**scope, "headers": [*other, (b"content-type", b"application/json")]}
            if sentence := await asyncio.to_thread(_fault, body):
                await _refuse(send, 400, sentence)
                return
            await self._answer(scope, body, receive, send)

    async def _body(self, receive: Receive) -> bytes | None:
        """Return the body, None when it is too large; nothing beyond the bound is kept."""
        parts, size = [], 0
        while True:
            message = await receive()
            part = message.get("body", b"")
            size += len(part)
            if size > self._most:
                return None
            parts.append(part)
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                return b"".join(parts)

    async def _answer(self, scope: Message, body: bytes, receive: Receive, send: Send) -> None:
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return waiting.pop() if waiting else await receive()

        status, parts = 500, list[bytes]()

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if status < 400:
                    await send(message)
            elif status < 400:
                await send(message)
            else:
                parts.append(message.get("body", b""))

        try:
            await self._app(scope, again, watch)
        except Exception as error:  # whatever it is, nobody is told more than that
            logger.error("a request failed: %s", type(error).__name__)
            status = 500
        if status >= 400:
            await _refuse(send, *_plain(status, b"".join(parts)))

    async def _too_large(self, send: Send) -> None:
        await _refuse(send, 413, f"expected a request of at most {self._most >> 20} MiB, received a larger one")


def _as_json(picture: bytes, query: bytes) -> bytes:
    """Return the request of MLflow's protocol for one picture; ?raw=true and ?heat=true become parameters."""
    asked = parse_qs(query.decode("latin-1"))
    switches = {name: asked.get(name, [""])[-1].lower() in ("true", "1") for name in ("raw", "heat")}
    content = base64.b64encode(picture).decode("ascii")
    return json.dumps({"dataframe_records": [{"file": content}], "params": switches}).encode()


def _fault(body: bytes) -> str:
    """Return what is wrong with a request before MLflow sees it, "" for nothing."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return f"expected JSON: {EXPECTED}"
    if not isinstance(told, dict):
        return f"expected a JSON object: {EXPECTED}"
    keys = sorted({"dataframe_records", "dataframe_split", "inputs", "instances"} & told.keys())
    if len(keys) != 1:
        return (
            f"expected one of dataframe_records, dataframe_split, inputs and instances, received {len(keys)}: "
            + EXPECTED
        )
    params = told.get("params") or {}
    if not isinstance(params, dict) or not all(
        name in ("raw", "heat") and isinstance(value, bool) for name, value in params.items()
    ):
        return 'expected "params" with true or false for "raw" and "heat", received something else'
    return ""


def _plain(status: int, body: bytes) -> tuple[int, str]:
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


async def _refuse(send: Send, status: int, sentence: str) -> None:
    code = {413: "REQUEST_LIMIT_EXCEEDED", 500: "INTERNAL_ERROR", 504: "DEADLINE_EXCEEDED"}.get(status, "BAD_REQUEST")
    body = json.dumps({"error_code": code, "message": sentence, "notice": NOTICE}, ensure_ascii=False).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status in (408, 413):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
