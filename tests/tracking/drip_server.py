"""A server that sends a byte every tenth of a second and never ends: silent for no time-out between two bytes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

START = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n"


@contextmanager
def dripping(where: str) -> Iterator[str]:
    """Yield the address of a server that drips within the `headers` or the `body` of each answer."""
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(START + (b"\r\n" if where == "body" else b"X-Slow: "))
            while not over.wait(0.1):
                connection.sendall(b" ")

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        over.set()
        listening.close()
