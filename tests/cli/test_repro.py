"""`chestbench repro` is `dvc repro`, but for parameters that are refused first and a lock file that is never torn."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from chestbench.__main__ import main
from chestbench.repository.dvc_files import whole_files
from tests.conftest import ROOT, init_repository
from tests.warm import client as warm

PIPELINE = {"stages": {f"s{n}": {"cmd": f"echo {n} > out{n}", "outs": [f"out{n}"]} for n in range(3)}}


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of three stages with this project's parameters."""
    monkeypatch.chdir(tmp_path)
    init_repository(tmp_path)
    (tmp_path / "dvc.yaml").write_text(yaml.safe_dump(PIPELINE), encoding="utf-8")
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    return tmp_path


def repro(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it as a process of its own: DVC keeps the streams it first wrote to."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return warm.run("chestbench", "repro", *arguments, cwd=Path.cwd(), env=environment)


def wait_for(path: Path) -> None:
    until = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_it_runs_the_stages_and_passes_arguments_on(pipeline: Path) -> None:
    assert repro("s1").returncode == 0
    assert (pipeline / "out1").read_text() == "1\n" and not (pipeline / "out2").exists()
    assert repro("no_such_stage").returncode != 0


def test_a_torn_lock_is_brought_back_first(pipeline: Path) -> None:
    assert repro().returncode == 0
    (pipeline / "dvc.lock").write_bytes(b"")
    again = repro()
    assert again.returncode == 0 and "dvc.lock was empty" in again.stderr


@pytest.mark.parametrize("name", ["tiny; touch x #", "../../tests", "no_network"])
def test_wrong_parameters_are_refused_before_dvc_removes_anything(
    pipeline: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    values = yaml.safe_load((pipeline / "params.yaml").read_text(encoding="utf-8"))
    values["model"]["variants"] = [name]
    (pipeline / "params.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")
    (pipeline / "out0").write_text("kept")
    assert main(["repro", "-s", "s0"]) == 1
    assert "model.variants" in capsys.readouterr().err and (pipeline / "out0").read_text() == "kept"


def test_beside_another_dvc_it_says_which_one_and_what_to_do(pipeline: Path) -> None:
    slow = {"stages": {"slow": {"cmd": "echo > begun; sleep 60", "outs": ["out0"]}}}
    (pipeline / "dvc.yaml").write_text(yaml.safe_dump(slow), encoding="utf-8")
    first = subprocess.Popen([sys.executable, "-m", "dvc", "repro"], start_new_session=True)
    try:
        wait_for(pipeline / "begun")
        beside = repro()
        assert beside.returncode == 1 and "Traceback" not in beside.stderr
        assert f"process {first.pid} (" in beside.stderr and f"`kill {first.pid}`" in beside.stderr
        assert first.poll() is None
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    (pipeline / "dvc.yaml").write_text(yaml.safe_dump(PIPELINE), encoding="utf-8")
    assert repro().returncode == 0 and (pipeline / "out2").exists()


def interrupted_alone(pipeline: Path, slow: str) -> tuple[subprocess.Popen, int]:
    """Run a stage of a moment, `slow` and one more; send SIGINT to `chestbench repro` alone while `slow` works.

    Returns:
        The process, and the number of that of `slow`, which has written it to the file `begun`.
    """
    stages = {"s0": PIPELINE["stages"]["s0"], "slow": {"cmd": slow, "deps": ["out0"], "outs": ["out1"]}}
    stages["s2"] = {"cmd": "cp out1 out2", "deps": ["out1"], "outs": ["out2"]}
    (pipeline / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite in the background has it ignored
    own = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "chestbench", "repro"]
    process = subprocess.Popen(command, env=own, stderr=subprocess.PIPE, text=True, start_new_session=True)
    signal.signal(signal.SIGINT, before)
    wait_for(pipeline / "begun")
    os.kill(process.pid, signal.SIGINT)
    return process, int((pipeline / "begun").read_text())


def locked(pipeline: Path) -> set[str]:
    return set(yaml.safe_load((pipeline / "dvc.lock").read_text(encoding="utf-8"))["stages"])


def test_sigint_to_it_alone_ends_its_stage_and_keeps_what_was_finished(pipeline: Path) -> None:
    process, stage = interrupted_alone(pipeline, "echo $$ > part && mv part begun && exec sleep 600")
    try:
        told = process.communicate(timeout=120)[1]
    finally:
        process.kill()
    assert process.returncode == 130, told
    assert "what was finished is kept" in told and "chestbench repro: interrupted" in told and "Traceback" not in told
    with pytest.raises(ProcessLookupError):
        os.kill(stage, 0)
    assert locked(pipeline) == {"s0"} and not (pipeline / "out1").exists()


def test_a_stage_that_ends_well_after_sigint_is_kept_and_no_other_begins(pipeline: Path) -> None:
    deaf = "trap '' INT; echo $$ > part && mv part begun; while [ ! -e go ]; do sleep 0.1; done; echo 1 > out1"
    process, _ = interrupted_alone(pipeline, deaf)
    try:
        (pipeline / "go").touch()
        told = process.communicate(timeout=120)[1]
    finally:
        process.kill()
    assert process.returncode == 130, told
    assert locked(pipeline) == {"s0", "slow"} and (pipeline / "out1").exists() and not (pipeline / "out2").exists()
    assert repro().returncode == 0 and (pipeline / "out2").read_text() == "1\n"


STAGE = """
import sys, time
from pathlib import Path
from chestbench.core.stage import run_stage

def work(config, arguments):
    Path("out0").mkdir()
    Path("out0/first").write_text("1")
    while not Path("go").exists():
        time.sleep(0.05)
    Path("out0/second").write_text("2")
    return "wrote out0"

run_stage(work, "", reads_parameters=False)
"""


def test_beside_a_stage_that_outlived_its_dvc_nothing_is_removed_or_written(
    pipeline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    (pipeline / "slow.py").write_text(STAGE)
    stages = {"slow": {"cmd": f"{sys.executable} slow.py", "outs": ["out0"]}}
    (pipeline / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")
    first = subprocess.Popen([sys.executable, "-m", "dvc", "repro"], start_new_session=True)
    try:
        wait_for(pipeline / "out0/first")
        first.send_signal(signal.SIGKILL)
        first.wait()
        (lock,) = (pipeline / ".dvc/tmp/stages").iterdir()
        number = int(lock.read_text())
        beside = repro()
        assert beside.returncode == 1 and "slow: expected to be the only one" in beside.stderr
        assert f"still running as process {number} " in beside.stderr and (pipeline / "out0/first").exists()
        # DVC alone removes the old outputs, but the stage that it starts is refused.
        bare = subprocess.run([sys.executable, "-m", "dvc", "repro"], capture_output=True, text=True)
        assert bare.returncode != 0 and f"still running as process {number} " in bare.stderr
    finally:
        (pipeline / "go").touch()
        with suppress(ProcessLookupError):
            os.killpg(first.pid, signal.SIGKILL)
    until = time.monotonic() + 60
    while repro().returncode != 0:
        assert time.monotonic() < until
    assert sorted(path.name for path in (pipeline / "out0").iterdir()) == ["first", "second"]


@pytest.mark.parametrize("left", ["an empty folder", "a temporary note that is cut short"])
def test_a_note_of_the_run_cache_that_was_not_written_to_its_end_is_passed_over(pipeline: Path, left: str) -> None:
    (pipeline / "in").write_text("x")
    cut = {"cmd": "cp in out0; cp in out1", "deps": ["in"], "outs": ["out0", "out1"]}
    (pipeline / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"s": cut}}), encoding="utf-8")
    assert repro().returncode == 0
    (note,) = (pipeline / ".dvc/cache/runs").glob("*/*/*")
    text = note.read_text(encoding="utf-8")
    note.unlink()
    if left != "an empty folder":
        # Up to its first output: YAML that DVC takes.
        (note.parent / "tmpXYZ").write_text(text[: text.index("- path: out1")], encoding="utf-8")
    for name in ("dvc.lock", "out0", "out1"):
        (pipeline / name).unlink()
    done = repro()
    assert done.returncode == 0, done.stderr
    assert (pipeline / "out1").read_text() == "x" and note.exists()
    # From now on it is taken again.
    for name in ("dvc.lock", "out0", "out1"):
        (pipeline / name).unlink()
    assert "is cached - skipping run" in repro().stdout and (pipeline / "out1").exists()


@pytest.mark.parametrize("content", ["", '{"write": {"/a": {"pid": 1', "[]", "another process' number"])
def test_what_a_dead_dvc_left_is_removed_with_a_word(pipeline: Path, content: str) -> None:
    # A number that the system gave to another program after a power cut.
    other = subprocess.Popen(["sleep", "60"])
    if content.startswith("another"):
        content = json.dumps({"write": {str(pipeline / "out0"): {"pid": other.pid, "cmd": "dvc repro"}}})
    (pipeline / ".dvc/tmp/rwlock").write_text(content)
    done = repro()
    other.kill()
    other.wait()
    assert done.returncode == 0, done.stderr
    assert "rwlock" in done.stderr and "it is removed" in done.stderr and (pipeline / "out0").exists()


def test_the_lock_is_whole_at_every_moment(pipeline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies while the new text is written leaves the old file: here every write is the last."""
    before = b"schema: '2.0'\nstages:\n  s0:\n    cmd: x\n"
    (pipeline / "dvc.lock").write_bytes(before)
    with whole_files():
        from dvc.utils.serialize import modify_yaml

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "replace", die)
        with pytest.raises(KeyboardInterrupt), modify_yaml(str(pipeline / "dvc.lock")) as data:
            data["stages"].pop("s0")
    assert (pipeline / "dvc.lock").read_bytes() == before


def test_outside_the_repository_it_says_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["repro"]) == 1 and "expected the root of the repository" in capsys.readouterr().err
