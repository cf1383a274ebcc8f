"""What is asked of the process that forks: a command, its folder, environment and open files."""

import json
import os
import socket
from pathlib import Path
from typing import Any

MARK = "asks-a-warm-process"
MOST = 250  # files that one message carries


def send(
    connection: socket.socket, command: list[str], folder: str, environment: dict[str, str], files: dict[int, int]
) -> None:
    """Ask for a command.

    Args:
        connection: to the process.
        command: "-m" MODULE, "-c" CODE or "file" PATH, and the arguments.
        folder: to run in.
        environment: the whole of it; where a folder of ours comes first on its PATH, what it starts is asked for too.
        files: number there -> open file here.
    """
    first = Path(environment.get("PATH", "").split(os.pathsep)[0], "python")
    asked = {
        "command": command,
        "folder": folder,
        "environment": environment,
        "descriptors": list(files),
        "python": str(first) if first.with_name(MARK).exists() else "",
    }
    content = json.dumps(asked).encode()
    socket.send_fds(connection, [len(content).to_bytes(8, "big")], list(files.values()))
    connection.sendall(content)


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return what was asked for and the open files, in the order of their numbers."""
    head, descriptors, _, _ = socket.recv_fds(connection, 8, MOST)
    length, content = int.from_bytes(head, "big"), b""
    while len(content) < length:
        content += connection.recv(length - len(content))
    return json.loads(content), list(descriptors)


def wait(connection: socket.socket) -> int:
    """Return the exit status: negative where a signal ended it."""
    told = connection.recv(16)
    return int(told) if told else -9


def open_files() -> dict[int, int]:
    """Return this process' open files."""
    found = {}
    for path in list(Path("/dev/fd").iterdir()):
        try:
            os.fstat(number := int(path.name))
        except OSError:  # what listed them
            continue
        found[number] = number
    return found
