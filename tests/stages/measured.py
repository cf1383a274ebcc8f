"""A command of this project as a process of its own: what it says, how long it takes, how large it grows.

Processes are forked from one that has imported what all need, so that a test takes a fraction of a second.
"""

import codecs
import io
import multiprocessing
import os
import resource
import runpy
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

MOST_MEGABYTES = 2000
_PRELOADED = [
    "chestbench.reports.looking",
    "chestbench.reports.look",
    "chestbench.cli.asked",
    "chestbench.catalog.audit",
]


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
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    with tempfile.TemporaryDirectory() as notes:
        output, peak = Path(notes, "output"), Path(notes, "peak")
        Path(notes).chmod(0o777)
        words = [str(argument) for argument in arguments]
        child = context.Process(target=_be, args=(words, str(folder), str(output), str(peak), user, dict(os.environ)))
        begun = time.monotonic()
        child.start()
        child.join(limit)
        if child.is_alive():
            child.kill()
            child.join()
            raise AssertionError(f"{words} still ran after {limit} s: {output.read_text(errors='replace')[-2000:]}")
        text = output.read_text(encoding="utf-8", errors="replace")
        megabytes = int(peak.read_text()) / 1000 if peak.is_file() else 0.0
        return Measured(child.exitcode or 0, text, megabytes, time.monotonic() - begun)


def refused(arguments: list[object], folder: Path, limit: float = 20.0, most: float = MOST_MEGABYTES) -> str:
    """Run a command that must refuse what it is given, in a line, in bounds; return what it says."""
    found = run(arguments, folder, limit)
    lines = [line for line in found.text.splitlines() if "error:" in line and "still holds this value" not in line]
    assert found.status == 1, found
    assert len(lines) == 1 and "Traceback" not in found.text, found.text
    assert "expected" in lines[0] and "; " in lines[0], lines[0]
    assert found.megabytes < most, found
    return lines[0]


def _be(words: list[str], folder: str, output: str, peak: str, user: int | None, environment: dict) -> None:
    """Become the command: this is the child."""
    descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), encoding="utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), encoding="utf-8", write_through=True)
    os.chdir(folder)
    os.environ.update(environment)
    if user is not None:
        for name in ("cp437", "cp949", "utf-16"):  # they lie beside the packages, where somebody else may not look
            codecs.lookup(name)
        os.setuid(user)
    sys.argv = [str(ROOT / f"{words[0].replace('.', '/')}.py"), *words[1:]]
    try:
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        Path(peak).write_text(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
