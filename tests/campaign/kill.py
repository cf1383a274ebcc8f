"""Ways to kill a command: all of its processes, DVC alone, the stage that DVC runs alone."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.pipeline.workspace import Workspace

# A stage that lives on without its DVC may take this long to end.
MOST_SECONDS = 300


def kill(
    workspace: Workspace,
    command: tuple[str, ...],
    how: str,
    after: float,
    wait: bool = True,
    until: Callable[[], bool] | None = None,
) -> tuple[bool, str]:
    """Start a command, wait, kill.

    Args:
        workspace: where.
        command: with its arguments.
        how: `SIGNAL to all`, `SIGNAL to dvc alone` or `SIGNAL to the stage alone`.
        after: seconds from its start.
        wait: whether to wait for what lives on.
        until: something that is waited for before the seconds begin.

    Returns:
        Whether it was over before there was anything to kill, and what it said.
    """
    log = workspace.folder.parent / "said.log"
    # What a shell starts in the background ignores Ctrl-C, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with open(log, "wb") as stream:
        environment = {**workspace.environment, "PYTHONPATH": str(workspace.folder / "src"), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            command, cwd=workspace.folder, env=environment, stdout=stream, stderr=stream, start_new_session=True
        )
        while until is not None and not until() and process.poll() is None:
            time.sleep(0.002)
        over = _ends_within(process, after)
        if not over:
            over = not _send(signal.Signals[how.split()[0]], how, process, workspace.folder)
        process.wait(MOST_SECONDS)
    over = over or process.returncode == 0
    if wait or not how.endswith("dvc alone"):
        wait_for_end(workspace.folder)
    return over, log.read_text(encoding="utf-8", errors="replace")


def processes_of(folder: Path) -> dict[int, str]:
    """Return the processes that work in a folder: number and command line."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):  # it ended, or is somebody else's
                if (entry / "cwd").readlink() == folder and _is_alive(entry):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    # DVC's look for a newer version of itself, which nobody waits for.
    return {number: line for number, line in found.items() if "daemon" not in line}


def wait_for_end(folder: Path) -> None:
    """Wait until no process works in the folder: a stage may live on without its DVC."""
    until = time.monotonic() + MOST_SECONDS
    while left := processes_of(folder):
        assert time.monotonic() < until, f"processes of the killed run did not end: {left}"
        time.sleep(0.05)


def _is_alive(entry: Path) -> bool:
    return (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"


def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _send(sent: signal.Signals, how: str, process: subprocess.Popen[bytes], folder: Path) -> bool:
    """Send the signal; return whether there was somebody to send it to."""
    if how.endswith("to all"):
        os.killpg(process.pid, sent)
        return True
    if how.endswith("dvc alone"):
        process.send_signal(sent)
        return True
    while process.poll() is None:
        stages = [
            number for number, line in processes_of(folder).items() if "-m stages." in line and "sh -c" not in line
        ]
        if stages:
            # The stage itself, not a worker of it.
            os.kill(min(stages), sent)
            return True
        time.sleep(0.01)
    return False
