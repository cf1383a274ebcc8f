"""A server that drips is given up after a stated time, and nothing waits for it: not the work, not the process' end."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from chestbench.tracking import deadline
from chestbench.tracking.deadline import Bounded, TooSlow, within
from chestbench.tracking.store import connect, trouble
from tests.conftest import ROOT
from tests.tracking.drip_server import dripping

SYNC = """
import sys
from chestbench.tracking import deadline
deadline.CALL_SECONDS = float(sys.argv[1])
from chestbench.__main__ import main
sys.exit(main(["sync"]))
"""
LIVE = """
import logging, sys
logging.basicConfig(format="%(message)s")
from chestbench.tracking import deadline, start_run
deadline.CALL_SECONDS = float(sys.argv[1])
run = start_run("sample", "tiny", {"a": 1}, {"run_key": "one"})
for epoch in (1, 2, 3):
    run.log_epoch(epoch, {"loss": 0.5})
run.finish("FINISHED")
print("trained")
"""


def process(script: str, seconds: float, root: Path, address: str) -> tuple[subprocess.CompletedProcess[str], float]:
    started = time.monotonic()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "src"),
        "MLFLOW_TRACKING_URI": address,
        "DVC_ROOT": str(root),
    }
    done = subprocess.run(
        [sys.executable, "-c", script, str(seconds)],
        env=environment,
        cwd=root,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done, time.monotonic() - started


def test_a_call_gives_its_value_or_its_error_or_is_given_up() -> None:
    assert within(5, lambda: 3, "x") == 3
    with pytest.raises(KeyError, match="inner"):
        within(5, lambda: {}["inner"], "x")
    started = time.monotonic()
    with pytest.raises(TooSlow, match="had not answered x in full after 0 s"):
        within(0.2, threading.Event().wait, "x")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("where", ["headers", "body"])
def test_what_waits_for_a_server_that_drips_ends_with_the_call(
    where: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "CALL_SECONDS", 1.0)
    with dripping(where) as address:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        started = time.monotonic()
        with pytest.raises(trouble(), match="search_experiments in full after 1 s"):
            connect(root)
        assert time.monotonic() - started < 20
        left = time.monotonic() + 15
        while any(thread.name.startswith("mlflow-search") for thread in threading.enumerate()):
            assert time.monotonic() < left, "a thread is left that waits for the server"
            time.sleep(0.1)


def test_what_is_sent_has_the_time_of_a_slow_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Client:
        def log_artifacts(self, run_id: str, folder: str) -> str:
            time.sleep(0.5)
            return "sent"

    monkeypatch.setattr(deadline, "CALL_SECONDS", 0.05)
    (tmp_path / "deep").mkdir()
    with pytest.raises(TooSlow):
        Bounded(Client()).log_artifacts("run", str(tmp_path))
    (tmp_path / "deep" / "model").write_bytes(bytes(deadline.SLOWEST_BYTES_A_SECOND * 10))
    assert Bounded(Client()).log_artifacts("run", str(tmp_path)) == "sent"


@pytest.mark.parametrize("seconds", [pytest.param(2.0, id="two seconds"), pytest.param(30.0, id="as users have it")])
def test_sync_says_so_and_ends(root: Path, write_outputs, seconds: float) -> None:
    write_outputs()
    with dripping("body") as address:
        done, took = process(SYNC, seconds, root, address)
    assert done.returncode == 1 and took < 2 * seconds + 40
    assert "received" in done.stderr and "run it again later" in done.stderr and "Traceback" not in done.stderr


def test_a_training_goes_on_and_its_process_ends(root: Path) -> None:
    with dripping("body") as address:
        done, took = process(LIVE, 2.0, root, address)
    assert (done.returncode, done.stdout) == (0, "trained\n"), done.stderr
    assert done.stderr.count("MLflow did not take") == 1 and took < 40
