"""Bounds around MLflow's server: who may ask, how large, how slowly, how many at once."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from chestbench.core.parallel import core_count
from chestbench.serving.described_api import CONTENT
from chestbench.serving.refusals import Message, Send, as_json, fault, is_from_another_site, plain, refuse

Receive = Callable[[], Awaitable[Message]]
logger = logging.getLogger(__name__)

AT_ONCE = 8  # so many of the largest requests are in memory, and at most so many answered at a time
SECONDS, IDLE = 60.0, 10.0  # for a request to arrive, and between two pieces of it
HEARD, HEARD_IDLE = 5.0, 0.5  # of a request that is refused as too large
_PIECE = 1 << 20
_READ_ALONE = ("/", "/about", "/openapi.json", "/health", "/ping", "/version")


class Room:
    """Bytes of memory for requests on their way in: a slow one keeps no other waiting while there is room."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def of(self, size: int) -> AsyncIterator[None]:
        """Wait for so many bytes, and hold them inside the block."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            async with self._changed:
                self._free += size
                self._changed.notify_all()


class Bounds:
    """ASGI middleware: a bounded body for /invocations, at most `AT_ONCE` of the largest in memory, plain refusals."""

    def __init__(self, app: Callable[..., Awaitable[None]], most_bytes: int, switches: Sequence[str]) -> None:
        self._app, self._most, self._switches = app, most_bytes, switches
        # A picture of a hundred million pixels takes some 400 MB to decode; more of them than cores are no faster.
        self._places = asyncio.Semaphore(max(2, min(AT_ONCE, core_count())))
        self._room = Room(AT_ONCE * most_bytes)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["method"] == "HEAD" and scope["path"] in _READ_ALONE:
            scope = {**scope, "method": "GET"}  # the server leaves the body out
        if scope["type"] != "http" or scope["path"] != "/invocations" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        headers = {key.lower(): value.decode("latin-1") for key, value in scope["headers"]}
        if is_from_another_site(headers):
            await refuse(
                send, 403, "expected a request of this server's own page or of a program, received one of another"
            )
            return
        kind = headers.get(b"content-type", "").partition(";")[0].strip().lower()
        if kind not in CONTENT:
            await refuse(send, 415, f"expected the content type {', '.join(CONTENT)}, received {kind or 'none'!r:.80}")
            return
        stated = headers.get(b"content-length")
        size = self._most if stated is None else int(stated)
        if size > self._most:
            await self._too_large(receive, send)
            return
        async with self._room.of(max(size, _PIECE)):
            try:
                body = await asyncio.wait_for(self._body(receive), SECONDS)
            except TimeoutError:
                words = (
                    f"expected the whole request within {SECONDS:.0f} s, and no pause of {IDLE:.0f} s, received less"
                )
                await refuse(send, 408, words)
                return
            except ConnectionError:
                return
            if body is None:
                await self._too_large(receive, send)
                return
            async with self._places:
                await self._ask(kind, body, scope, receive, send)

    async def _ask(self, kind: str, body: bytes, scope: Message, receive: Receive, send: Send) -> None:
        if kind != "application/json":
            body = await asyncio.to_thread(as_json, body, scope["query_string"], self._switches)
            other = [pair for pair in scope["headers"] if pair[0].lower() not in (b"content-type", b"content-length")]
            scope = {**scope, "headers": [*other, (b"content-type", b"application/json")]}
        if sentence := await asyncio.to_thread(fault, body, self._switches):
            await refuse(send, 400, sentence)
            return
        await self._answer(scope, body, receive, send)

    async def _body(self, receive: Receive) -> bytes | None:
        """Return the body, None when it is too large; nothing beyond the bound is kept.

        Raises:
            ConnectionError: who asked is gone.
            TimeoutError: nothing came for `IDLE` seconds.
        """
        parts, size = [], 0
        while True:
            message = await asyncio.wait_for(receive(), IDLE)
            if message["type"] == "http.disconnect":
                raise ConnectionError
            part = message.get("body", b"")
            size += len(part)
            if size > self._most:
                return None
            parts.append(part)
            if not message.get("more_body", False):
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
            await refuse(send, *plain(status, b"".join(parts)))

    async def _too_large(self, receive: Receive, send: Send) -> None:
        await hear_out(receive, 2 * self._most)
        await refuse(send, 413, f"expected a request of at most {self._most >> 20} MiB, received a larger one")


async def hear_out(receive: Receive, most: int) -> None:
    """Receive and forget what is still being sent, at most `most` bytes and `HEARD` seconds.

    A connection that is closed while the other side still sends is reset there, and takes the answer with it.
    """
    try:
        async with asyncio.timeout(HEARD):
            while most > 0:
                message = await asyncio.wait_for(receive(), HEARD_IDLE)
                most -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return
