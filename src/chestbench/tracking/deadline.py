"""A bound on the whole of a call to a server, which time-outs between two bytes do not give.

A server (or a proxy) that sends a byte a second is never silent for long, and would hold a training for hours. Each
call of MLflow's client is made in a thread of its own; when its time is over the connections that it waits on are
closed, so that neither the caller nor the end of the process waits for that thread.
"""

import contextvars
import os
import socket
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

# A server that works answers within a second or two; with MLflow's one retry after 10 s of silence it is 22.
CALL_SECONDS = 30.0
# A slow line of 2 megabits a second: a model of 100 MB is given seven minutes.
SLOWEST_BYTES_A_SECOND = 250_000

_connections: "weakref.WeakSet[Any]" = weakref.WeakSet()
# Set while a call was given up and no new client is made: the threads that are left do not try again.
_given_up = threading.Event()


class TooSlow(TimeoutError):
    """A call that was given up; the store counts as failed."""


class Bounded:
    """A client whose every method has `CALL_SECONDS`, and more for the files and folders that it is given to send.

    Args:
        client: MLflow's, of a server.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        _watch_connections()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            sent = sum(_size(value) for value in (*arguments, *named.values()))
            seconds = CALL_SECONDS + sent / SLOWEST_BYTES_A_SECOND
            return within(seconds, lambda: found(*arguments, **named), name)

        return call


def within(seconds: float, call: Callable[[], Any], name: str) -> Any:
    """Return `call()`, or raise what it raises.

    Args:
        seconds: after which it is given up.
        call: made in another thread, with the context variables of this one.
        name: of the call, for the error.

    Raises:
        TooSlow: it took longer; its connections are closed.
    """
    outcome: dict[str, Any] = {}
    context, over = contextvars.copy_context(), threading.Event()

    def run() -> None:
        try:
            outcome["value"] = context.run(call)
        except BaseException as error:
            outcome["error"] = error
        finally:
            over.set()

    # A daemon: the process may end while it still waits, for an address to be looked up, say.
    threading.Thread(target=run, name=f"mlflow-{name}", daemon=True).start()
    answered = False
    try:
        answered = over.wait(seconds)
    finally:
        if not answered:  # also where Ctrl-C ends the waiting
            _give_up()
    if not answered:
        raise TooSlow(f"the server had not answered {name} in full after {seconds:.0f} s")
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


def _size(value: Any) -> int:
    """Return the bytes of the file or folder that a text names, 0 where it names none."""
    if not isinstance(value, str | os.PathLike) or not (path := Path(value)).is_absolute():
        return 0
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _watch_connections() -> None:
    """Have urllib3, which MLflow speaks through, make connections that can be found again."""
    _given_up.clear()
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    for pool in (HTTPConnectionPool, HTTPSConnectionPool):
        plain = pool.ConnectionCls
        if not getattr(plain, "is_watched", False):
            pool.ConnectionCls = _watched(plain)


def _watched(plain: Any) -> Any:
    class Watched(plain):  # type: ignore[misc]
        is_watched = True

        def connect(self) -> None:
            if _given_up.is_set():
                raise ConnectionAbortedError("the call that this belongs to was given up")
            super().connect()
            # http.client lets go of its socket when an answer without a length begins: the socket itself is kept.
            _connections.add(self.sock)

    return Watched


def _give_up() -> None:
    _given_up.set()
    for connection in list(_connections):
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:  # closed already
            continue
