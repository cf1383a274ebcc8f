"""Where the time of a pipeline run goes: inside stages, in DVC between them: `python -m benchmarks.between_stages`.

    python -m benchmarks.between_stages                                  times `dvc repro`
    python -m benchmarks.between_stages dvc repro -f upsample            times any command that runs stages

Each line of the command's output gets the moment at which it came. A stage lasts from DVC's "Running stage" to the
stage's own "done in" (with the start of its Python); what lies between is DVC's: hashing outputs, writing dvc.lock, and
finding out what is next.
"""

import argparse
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

RUNS, DONE = re.compile(r"Running stage '(.+)':"), re.compile(r"(\S+): done in")
FIGURE = re.compile(r"evaluate\S*: test balanced accuracy")


def stamped(command: Sequence[str]) -> tuple[list[tuple[float, str]], float]:
    """Run a command; return (seconds since its start, line) of its output, and its whole time in seconds.

    Raises:
        SystemExit: it failed; its last lines are shown.
    """
    started, lines = time.perf_counter(), []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            lines.append((time.perf_counter() - started, line.rstrip()))
    if process.returncode:
        sys.exit("\n".join(line for _, line in lines[-20:]))
    return lines, time.perf_counter() - started


@dataclass
class Account:
    """Where the seconds of one command went.

    Attributes:
        whole: all of it.
        stages: each stage that ran.
        pauses: between a stage's end and the start of the next.
        start: until the first stage began; None where none ran.
        end: after the last.
        figure: until the first test figure; None where none came.
    """

    whole: float
    stages: dict[str, float] = field(default_factory=dict)
    pauses: list[float] = field(default_factory=list)
    start: float | None = None
    end: float | None = None
    figure: float | None = None


def account(lines: Iterable[tuple[float, str]], whole: float) -> Account:
    """Return where the time went, from the output of `stamped`."""
    found = Account(whole)
    running, began, ended = "", 0.0, None
    for moment, line in lines:
        if begun := RUNS.search(line):
            running, began = begun[1], moment
            if ended is not None:
                found.pauses.append(moment - ended)
            found.start = moment if found.start is None else found.start
        elif DONE.search(line) and running:
            found.stages[running], ended = moment - began, moment
            found.end = whole - ended
        elif found.figure is None and FIGURE.search(line):
            found.figure = moment
    return found


def main() -> None:
    """Run the command and print the account."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs=argparse.REMAINDER, help="what to time (dvc repro)")
    found = account(*stamped(parser.parse_args().command or ["dvc", "repro"]))
    for name, seconds in found.stages.items():
        print(f"{name:32}{seconds:8.1f} s")
    print(f"{'inside stages':32}{sum(found.stages.values()):8.1f} s of {found.whole:.1f} s")
    for name, moment in (
        ("to the first test figure", found.figure),
        ("before the first stage", found.start),
        ("after the last", found.end),
    ):
        if moment is not None:
            print(f"{name:32}{moment:8.1f} s")
    if found.pauses:
        print(f"{'between stages':32}{sum(found.pauses):8.1f} s, median {statistics.median(found.pauses):.2f} s")


if __name__ == "__main__":
    main()
