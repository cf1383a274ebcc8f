"""Trains in a process of its own, which kills itself without warning after an epoch. Used by test_resume.py."""

import os
import signal
import sys
from pathlib import Path

from chestbench.core.config import load_config
from chestbench.training.device import select_backend

select_backend("tensorflow")

from chestbench.training.checkpoint import Checkpoint  # noqa: E402
from chestbench.training.recipes import train_network  # noqa: E402
from tests.training.helpers import small_data  # noqa: E402


def kill_after(epoch: int):
    def on_epoch(done: int, row: dict) -> None:
        if done == epoch:
            os.kill(os.getpid(), signal.SIGKILL)

    return on_epoch


if __name__ == "__main__":
    params, folder, epoch = sys.argv[1:]
    train = load_config(Path(params)).train
    train_network(
        "simple_cnn", small_data(), train, seed=3, checkpoint=Checkpoint(Path(folder)), on_epoch=kill_after(int(epoch))
    )
