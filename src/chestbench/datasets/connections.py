"""Connections that can be cut from outside, whichever library made them: all downloads go through urllib3."""

import contextlib
import socket
import weakref
from collections.abc import Iterator
from typing import Any

_made: "weakref.WeakSet[Any]" = weakref.WeakSet()


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Remember the sockets that are connected in the block, for `cut`."""
    from urllib3.connection import HTTPConnection, HTTPSConnection

    plain = {kind: kind.connect for kind in (HTTPConnection, HTTPSConnection)}
    _made.clear()

    def connecting(connect: Any) -> Any:
        def connect_and_remember(self: Any) -> None:
            connect(self)
            _made.add(self.sock)

        return connect_and_remember

    for kind, connect in plain.items():
        kind.connect = connecting(connect)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for kind, connect in plain.items():
            kind.connect = connect  # type: ignore[method-assign]
        _made.clear()


def cut() -> None:
    """Shut the watched sockets, so that whoever waits for their bytes goes on at once."""
    for connection in list(_made):
        with contextlib.suppress(OSError):  # closed already
            socket.socket.shutdown(connection, socket.SHUT_RDWR)  # below TLS, which would wait for an answer
