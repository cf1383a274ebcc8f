"""A command of this project as a process of its own: what it says, how long it takes, how large it grows.

Processes are forked from one that has imported what all need, so that a test takes a fraction of a second.
"""

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.warm import client as warm

MOST_MEGABYTES = 2000
_AHEAD = (
    "chestbench.reports.looking",
    "chestbench.reports.look",
    "chestbench.cli.asked",
    "chestbench.catalog.audit",
)
_PROGRAM = Path(__file__).with_name("measured_program.py")


@dataclass(frozen=True)
class Measured:
    """What a process did.

    Attributes:
        status: its exit status; negative: killed by this signal.
        text: all that it printed, on both streams.
        megabytes: the most that it held.
        seconds: that it took.
    """

    status: int
    text: str
    megabytes: float
    seconds: float


def run(arguments: list[object], folder: Path, limit: float = 60.0, user: int | None = None) -> Measured:
    """Run `python -m ...` in a folder and wait for its end.

    Args:
        arguments: the module and what follows it: `["chestbench", "look", path]`, `["stages.download"]`.
        folder: where.
        limit: seconds after which it is killed, and the test fails.
        user: whose rights it has, where the tests are run by root.
    """
    with tempfile.TemporaryDirectory() as notes:
        peak = Path(notes, "peak")
        Path(notes).chmod(0o777)
        words = [str(_PROGRAM), str(peak), str(user or ""), *map(str, arguments)]
        # In any folder it is this project's own.
        path = [str(warm.ROOT / "src"), str(warm.ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path)}
        begun = time.monotonic()
        try:
            done = warm.run(*words, cwd=folder, env=environment, timeout=limit, merged=True, ahead=_AHEAD)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"{arguments} still ran after {limit} s: {str(error.output)[-2000:]}") from error
        megabytes = int(peak.read_text()) / 1000 if peak.is_file() else 0.0
        return Measured(done.returncode, done.stdout, megabytes, time.monotonic() - begun)


def refused(arguments: list[object], folder: Path, limit: float = 20.0, most: float = MOST_MEGABYTES) -> str:
    """Run a command that must refuse what it is given, in a line, in bounds; return what it says."""
    found = run(arguments, folder, limit)
    lines = [line for line in found.text.splitlines() if "error:" in line and "still holds this value" not in line]
    assert found.status == 1, found
    assert len(lines) == 1 and "Traceback" not in found.text, found.text
    assert "expected" in lines[0] and "; " in lines[0], lines[0]
    assert found.megabytes < most, found
    return lines[0]
