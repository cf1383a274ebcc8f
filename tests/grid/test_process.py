"""A group of processes ends with whoever started it, stays within its limits, and holds its locks until then."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from chestbench.grid.clones import one_of
from chestbench.grid.limits import Limits, kept_within
from chestbench.grid.process import Group, lives
from tests.conftest import ROOT

PROGRAM = """
import subprocess, sys, time
from chestbench.grid.process import end_with_parent
end_with_parent()
work = "import time; x = bytearray(60_000_000); print('here', flush=True); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", work])
child.wait()
"""
STARTER = f"""
import os, sys, time
from pathlib import Path
from chestbench.grid.clones import one_of
from chestbench.grid.process import Group
with one_of(Path(sys.argv[1])) as (folder, lock):
    group = Group([sys.executable, "-c", {PROGRAM!r}], Path("."), os.environ, Path(sys.argv[1], "output"), [lock])
    print(group.number, flush=True)
    time.sleep(60)
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src")}


def wait_for(path: Path, text: str) -> None:
    until = time.monotonic() + 60
    while not path.is_file() or text not in path.read_text():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_whoever_is_killed_nothing_goes_on_and_the_clone_is_free_only_then(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path)]
    starter = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
    number = int(starter.stdout.readline())
    wait_for(tmp_path / "output", "here")
    group = [psutil.Process(number), *psutil.Process(number).children(recursive=True)]
    assert len(group) == 3, "the program, its work, and who watches over both"
    os.kill(number, signal.SIGSTOP)  # it cannot end itself yet
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    with one_of(tmp_path) as (folder, _):
        assert folder.name == "1", "the first clone is still held by what works in it"
    os.kill(number, signal.SIGCONT)
    _, alive = psutil.wait_procs(group, timeout=30)
    assert not alive
    with one_of(tmp_path) as (folder, _):
        assert folder.name == "0"


@pytest.mark.parametrize("starter_too", [False, True])
def test_a_program_that_is_killed_leaves_nothing_that_works(tmp_path: Path, starter_too: bool) -> None:
    """As Ray does when a grid is interrupted: the children of a worker are killed, and their children are not."""
    command = [sys.executable, "-c", STARTER, str(tmp_path)]
    starter = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
    number = int(starter.stdout.readline())
    wait_for(tmp_path / "output", "here")
    group = psutil.Process(number).children(recursive=True)
    os.kill(number, signal.SIGKILL)
    if starter_too:
        starter.kill()
    _, alive = psutil.wait_procs(group, timeout=30)
    assert not alive
    starter.kill()
    starter.wait()


def test_a_process_that_nobody_asked_for_its_status_does_not_live() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert lives(process.pid) and lives(os.getpid())
    process.kill()
    until = time.monotonic() + 30
    while lives(process.pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert not lives(process.pid)
    process.wait()
    assert not lives(process.pid)


@pytest.mark.parametrize(
    ("limits", "told"),
    [(Limits(memory=20_000_000), "--memory-limit"), (Limits(seconds=0.1), "--time-limit"), (Limits(), "")],
)
def test_limits(limits: Limits, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chestbench.grid.limits._SECONDS_BETWEEN_LOOKS", 0.1)
    group = Group([sys.executable, "-c", PROGRAM], tmp_path, environment(), tmp_path / "output")
    try:
        within, until = kept_within(limits, group), time.monotonic() + 5
        wait_for(tmp_path / "output", "here")
        assert group.memory() > 60_000_000
        while not (why := next(within)) and time.monotonic() < until and told:
            time.sleep(0.05)
        assert (told in why) if told else why == ""
    finally:
        group.end()
    assert group.poll() == -signal.SIGKILL and not group.members()
