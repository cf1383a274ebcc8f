"""A second process does what it is given in order, says what failed, and is never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chestbench.core.beside import Beside, Here
from chestbench.core.errors import ChestbenchError
from tests import one_beside


@pytest.fixture(autouse=True)
def as_users_have_it(one_beside_for_all_stages: pytest.MonkeyPatch) -> Iterator[None]:
    """A process of its own for each."""
    one_beside_for_all_stages.undo()
    yield
    one_beside.start_sharing(one_beside_for_all_stages)


def note(path: Path, text: str) -> None:
    with open(path, "a", encoding="utf-8") as stream:
        stream.write(f"{text} {os.getpid()}\n")


def refuse(text: str) -> None:
    raise ChestbenchError(text)


def full(path: str) -> None:
    raise OSError(28, "No space left on device", path)


def end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def sleep_after(path: Path) -> None:
    note(path, "begun")
    try:
        time.sleep(600)
    finally:
        note(path, "cleaned")


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_for(path: Path, text: str) -> int:
    """Return the process that noted the text; waits for it, however slow the machine is."""
    while not path.is_file() or text not in path.read_text():
        time.sleep(0.05)
    return int(path.read_text().split()[-1])


def test_calls_are_done_in_order_in_one_other_process(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    with Beside("test") as beside:
        for text in "abc":
            beside.call(note, notes, text)
        beside.wait()
        lines = notes.read_text().split()
        beside.call(note, notes, "d")
    assert lines[::2] == ["a", "b", "c"] and len(set(lines[1::2])) == 1 and int(lines[1]) != os.getpid()
    assert notes.read_text().split()[::2] == ["a", "b", "c", "d"]
    assert not is_alive(int(lines[1]))


def test_what_fails_there_fails_here() -> None:
    with pytest.raises(ChestbenchError, match="expected x, received y"), Beside("test") as beside:
        beside.call(refuse, "expected x, received y")
    with pytest.raises(OSError, match="No space left") as error, Beside("test") as beside:
        beside.call(full, "results")
    assert (error.value.errno, error.value.filename) == (28, "results")


def test_a_process_that_is_ended_from_outside_is_said() -> None:
    with pytest.raises(ChestbenchError, match="end from outside"), Beside("test") as beside:
        beside.call(end)
    with pytest.raises(ChestbenchError, match="end from outside"), Beside("test") as beside:
        beside.call(end)
        while True:
            beside.call(time.sleep, 0.05)  # also when more is handed over


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_where_this_process_fails_the_other_ends_and_cleans_up(tmp_path: Path, error: type[BaseException]) -> None:
    notes = tmp_path / "notes"
    with pytest.raises(error), Beside("test") as beside:
        beside.call(sleep_after, notes)
        process = wait_for(notes, "begun")
        raise error
    assert "cleaned" in notes.read_text() and not is_alive(process)


@pytest.mark.parametrize("wait", [0, 1])
def test_an_idle_process_ends_without_a_word(capfd: pytest.CaptureFixture[str], wait: float) -> None:
    with pytest.raises(ChestbenchError, match="here"), Beside("test") as beside:
        beside.call(time.sleep, 0)
        if wait:
            beside.wait()
            time.sleep(wait)  # it waits for the next call
        raise ChestbenchError("here")
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
def test_it_does_not_outlive_a_process_that_is_killed(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    program = (
        "from pathlib import Path\nfrom chestbench.core.beside import Beside\nfrom tests.core.test_beside import *\n"
        "if __name__ == '__main__':\n"
        f"    with Beside('test') as beside:\n        beside.call(sleep_after, Path({str(notes)!r}))\n"
    )
    (tmp_path / "program.py").write_text(program)
    parent = subprocess.Popen([sys.executable, tmp_path / "program.py"], env={**os.environ, "PYTHONPATH": "src:."})
    process = wait_for(notes, "begun")
    parent.kill()
    parent.wait()
    while is_alive(process):
        time.sleep(0.05)


def test_the_same_calls_can_be_done_here(tmp_path: Path) -> None:
    here = Here()
    here.call(note, tmp_path / "notes", "a")
    assert (tmp_path / "notes").read_text() == f"a {os.getpid()}\n"
    here.wait()
    with pytest.raises(ChestbenchError, match="no"):
        here.call(refuse, "no")
