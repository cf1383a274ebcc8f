"""Stands on PATH as `python`: has a process that has imported packages be what Python was asked to be."""

import os
import signal
import socket
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[2])
from tests.warm import protocol  # noqa: E402


def main(address: str, python: str, *words: str) -> None:
    """Be `python WORDS...`."""
    files = protocol.open_files()
    if words[:1] in (("-m",), ("-c",)) and "resource_tracker" not in words[1]:  # which imports nothing
        command = [*words]
    elif words and not words[0].startswith("-"):
        command = ["file", *words]
    else:  # options of Python itself
        os.execv(python, [python, *words])
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    protocol.send(connection, command, str(Path.cwd()), dict(os.environ), files)
    status = protocol.wait(connection)
    if status < 0:
        signal.signal(-status, signal.SIG_DFL) if -status not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
