"""`chestbench serve`: the registered network or detector over HTTP, with a page for people."""

import argparse
import contextlib
import socket
import sys
import tempfile
from pathlib import Path

from chestbench.cli.quiet import quiet
from chestbench.core.errors import ChestbenchError

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def main(arguments: list[str]) -> int:
    """Serve until it is stopped; return 0."""
    parser = argparse.ArgumentParser(
        prog="chestbench serve",
        description="The registered model over HTTP (MLflow's /invocations), and a page at the same address. "
        "For research and education, not for diagnosis.",
    )
    parser.add_argument(
        "--model",
        metavar="NAME|models:/...",
        help="a network or detector of models/, or a registered one (default: the chosen network, and where none was "
        "trained, the chosen detector)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine alone)")
    parser.add_argument("--port", type=int, default=5001, help="0 takes a free one (5001)")
    parser.add_argument("--most-mb", type=int, default=64, help="largest request in MiB (64)")
    parsed = parser.parse_args(arguments)
    if parsed.most_mb < 1:
        raise ChestbenchError(f"--most-mb: expected 1 or more, received {parsed.most_mb}; correct it")
    with _listen(parsed.host, parsed.port) as listening, quiet():
        _serve(listening, parsed)
    return 0


def _serve(listening: socket.socket, parsed: argparse.Namespace) -> None:
    # Imports MLflow, and with the model keras.
    import uvicorn

    from chestbench.serving.app import build_app
    from chestbench.tracking.fetched import load_registered, registered_uri
    from chestbench.tracking.signature import input_example
    from chestbench.tracking.store import repository_root

    root = repository_root()
    uri = registered_uri(parsed.model, root)
    with tempfile.TemporaryDirectory(prefix="chestbench-") as folder:
        model = load_registered(uri, Path(folder), root)
    # Compiles what the first request would wait for.
    model.predict(input_example())
    is_local = parsed.host in LOOPBACK
    # In addresses ::1 stands in brackets.
    app = build_app(model, [*LOOPBACK, "[::1]"] if is_local else None, parsed.most_mb)
    shown = f"[{parsed.host}]" if ":" in parsed.host else parsed.host
    port = listening.getsockname()[1]
    print(f"{uri} answers on http://{shown}:{port}/ (page), /invocations, /health; Ctrl-C ends it", flush=True)
    if not is_local:
        print("serve: anybody who reaches this address can send pictures; nothing is encrypted", file=sys.stderr)
    print("For research and education, not for diagnosis.", flush=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, timeout_keep_alive=10))
    with contextlib.suppress(KeyboardInterrupt):  # which uvicorn raises again when it has ended
        server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Take the address before the seconds that loading needs, so that a port in use is told at once."""
    # The system takes 70000 for 4464.
    if not 0 <= port <= 65535:
        raise ChestbenchError(f"--port: expected 0 to 65535, received {port}; correct it")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            # Two that only bind would both have the port.
            listening.listen(128)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        raise ChestbenchError(
            f"--port: expected a free port of {host}, received {port}: {error.strerror}; name another, or 0 for a free "
            "one"
        ) from None
    return listening
