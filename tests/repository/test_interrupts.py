"""SIGINT to DVC's own process; that `chestbench repro` is ended by it is shown in tests/cli/test_repro.py."""

import signal
import subprocess
import sys

# A process of its own, as all that it has started is signalled.
INTERRUPTED = """
import os, signal, subprocess, sys
from chestbench.repository.interrupts import stages_end_on_sigint

deaf = "trap '' INT; echo ready; while true; do sleep 1; done"
with stages_end_on_sigint(0.1, 0.5) as interrupts:
    with interrupts.at_work():
        stage = subprocess.Popen(["sh", "-c", deaf], stdout=subprocess.PIPE)
        stage.stdout.readline()
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        print(stage.wait())
    for step in (interrupts.refuse_next, lambda: os.kill(os.getpid(), signal.SIGINT)):
        try:
            step()
        except KeyboardInterrupt:
            print("interrupted")
"""


def test_a_deaf_stage_is_killed_and_between_stages_a_signal_is_ctrl_c() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=120)
    assert done.stdout.split() == [str(-signal.SIGKILL), "interrupted", "interrupted"], done.stderr
    assert done.stderr.count("the stage is ended") == 1
